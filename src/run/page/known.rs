//! Errors by the number of training ratings of the user, and of the item.

use super::Sources;
use super::cells::{error, span};
use super::section::Section;
use crate::charts::{Axis, Figure, Lines, Series, Table, figures};
use crate::eval::{Biases, Group, by_training};
use crate::human::thousands;
use maud::html;

/// Groups of each chart, at most.
const GROUPS: usize = 6;

pub(super) fn section(sources: &Sources) -> Option<Section> {
    let (unseen, model) = (sources.unseen.as_ref()?, sources.for_ratings()?);
    if sources.rated.is_empty() {
        return None;
    }
    let biases = Biases::of(sources.rated, model.items.len());
    let popularity = sources.popularity();
    let baseline = (&biases, model.range);
    let users = by_training(
        &unseen.predicted,
        |one| one.user.map_or(0, |user| sources.activity(user)),
        baseline,
        GROUPS,
    );
    let items = by_training(
        &unseen.predicted,
        |one| one.item.map_or(0, |item| popularity[item as usize]),
        baseline,
        GROUPS,
    );
    // The baseline is fitted to all training ratings. These include the held-out ratings of the search, so
    // only a test compares fairly.
    let fair = unseen.kind == "test";
    let content = html! {
        p {
            "The " (unseen.kind) " ratings in groups of about equal size, by how many ratings of the user, or of the item, \
            the model was trained on."
        }
        (figures(&[figure(("activity", "user"), &users, fair), figure(("popularity", "item"), &items, fair)]))
    };
    Some(Section::new("known", "Errors by what is known", content))
}

fn figure((id, of): (&'static str, &str), groups: &[Group], fair: bool) -> Figure {
    let names: Vec<String> = groups.iter().map(|group| span(group.training)).collect();
    let points =
        |of: fn(&Group) -> f64| groups.iter().enumerate().map(|(n, group)| (n as f64, of(group))).collect();
    let mut series = vec![Series { name: "mfgpu".into(), class: "s0", points: points(|group| group.rmse) }];
    if fair {
        series.push(Series {
            name: "biases alone".into(),
            class: "s1",
            points: points(|group| group.biases),
        });
    }
    let mut header =
        vec![format!("ratings of the {of}"), "ratings".into(), "RMSE".into(), "mean error".into()];
    header.extend(fair.then(|| "biases alone".into()));
    let row = |(group, name): (&Group, &String)| {
        let mut row = vec![
            name.clone(),
            thousands(group.ratings),
            error(group.rmse),
            format!("{:+.4}", group.mean_error),
        ];
        row.extend(fair.then(|| error(group.biases)));
        row
    };
    let rows = groups.iter().zip(&names).map(row).collect();
    let heights: Vec<f64> = series.iter().flat_map(|series| &series.points).map(|point| point.1).collect();
    let description = match groups {
        [first, .., last] => format!(
            "The error is {} for {of}s with {} ratings and {} for those with {}.",
            error(first.rmse),
            span(first.training),
            error(last.rmse),
            span(last.training)
        ),
        _ => format!("All {of}s have about as many ratings."),
    };
    let (x, y) =
        (Axis::names(&format!("training ratings of the {of}"), &names), Axis::numbers("RMSE", heights));
    Figure {
        id: id.into(),
        title: format!("By {id} of the {of}"),
        description,
        drawing: Lines { x, y, series, marks: Vec::new(), diagonal: false }.draw(),
        table: Table { header, rows },
    }
}
