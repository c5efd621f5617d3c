//! Calibration: whether the stated uncertainty of predictions matches their errors.

use super::Sources;
use super::cells::{error, percent, span};
use super::section::Section;
use crate::charts::{Axis, Figure, Lines, Series, Table, figures};
use crate::eval::{Held, INTERVALS, calibration};
use crate::human::thousands;
use crate::score::{Noise, needs_draws};
use maud::html;

pub(super) fn section(sources: &Sources) -> Option<Section> {
    let (unseen, model) = (sources.unseen.as_ref()?, sources.for_ratings()?);
    needs_draws(model, Noise::With, "").ok()?;
    let (all, fifths) = calibration(model, &unseen.predicted, |user| sources.activity(user))?;
    let mut charts = vec![intervals(&all)];
    charts.extend((fifths.len() > 1).then(|| by_fifths(&fifths)));
    let content = html! {
        p {
            "The model says of each rating how sure it is. Of an interval that should hold 90 % of the ratings, 90 % should be \
            in it: fewer, and the model is too sure; more, and it is not sure enough. " (thousands(all.ratings)) " "
            (unseen.kind) " ratings; the mean of their predicted standard deviations is " (error(all.sd)) "."
        }
        (figures(&charts))
    };
    Some(Section::new("calibration", "Is it as sure as it should be?", content))
}

fn intervals(all: &Held) -> Figure {
    let points = INTERVALS.iter().zip(all.parts).map(|((part, _), held)| (*part, held)).collect();
    let mut table = Table::new(["interval", "holds"]);
    for ((part, _), held) in INTERVALS.iter().zip(all.parts) {
        table.row([format!("{:.0} %", 100.0 * part), percent(held)]);
    }
    let axis = |label| Axis::percent(label, (40, 100), 10);
    let series = vec![Series { name: "ratings in the interval".into(), class: "s0", points }];
    let (x, y) = (axis("what the interval should hold"), axis("what it holds"));
    Figure {
        id: "intervals".into(),
        title: "What intervals hold".into(),
        description: format!(
            "Of the ratings, {} are in 50 % intervals, {} in 90 % intervals and {} in 95 % intervals.",
            percent(all.parts[0]),
            percent(all.parts[4]),
            percent(all.parts[5])
        ),
        drawing: Lines { x, y, series, marks: Vec::new(), diagonal: true }.draw(),
        table,
    }
}

fn by_fifths(fifths: &[Held]) -> Figure {
    let names: Vec<String> = fifths.iter().map(|fifth| span(fifth.training)).collect();
    let series = |at: usize, class| Series {
        name: format!("{:.0} % intervals", 100.0 * INTERVALS[at].0),
        class,
        points: fifths.iter().enumerate().map(|(n, fifth)| (n as f64, fifth.parts[at])).collect(),
    };
    let header = ["ratings of the user".to_owned(), "ratings".into(), "mean sd".into()];
    let header =
        header.into_iter().chain(INTERVALS.map(|(part, _)| format!("{:.0} %", 100.0 * part))).collect();
    let row = |(fifth, name): (&Held, &String)| {
        let cells = [name.clone(), thousands(fifth.ratings), error(fifth.sd)];
        cells.into_iter().chain(fifth.parts.map(percent)).collect()
    };
    let rows = fifths.iter().zip(&names).map(row).collect();
    let series = vec![series(0, "s2"), series(3, "s1"), series(4, "s0"), series(5, "s3")];
    let lowest = series.iter().flat_map(|series| &series.points).map(|point| point.1).fold(0.5, f64::min);
    let x = Axis::names("training ratings of the user", &names);
    let y = Axis::percent("what intervals hold", (if lowest < 0.4 { 0 } else { 40 }, 100), 10);
    let held = fifths.iter().map(|fifth| fifth.parts[4]);
    Figure {
        id: "fifths".into(),
        title: "By fifths of the users".into(),
        description: format!(
            "From the least to the most active fifth of the users, 90 % intervals hold {}.",
            held.map(percent).collect::<Vec<_>>().join(", ")
        ),
        drawing: Lines { x, y, series, marks: Vec::new(), diagonal: false }.draw(),
        table: Table { header, rows },
    }
}
