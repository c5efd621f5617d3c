//! Histograms of the ratings, and predictions compared with known ratings.

use super::Sources;
use super::cells::{error, percent};
use super::section::Section;
use crate::charts::{Axis, Bar, Bars, Figure, Heat, Table, figures};
use crate::eval::{Against, against};
use crate::human::thousands;
use crate::model::Model;
use crate::ratings::Bins;

/// Number of intervals of predictions.
const INTERVALS: usize = 24;

pub(super) fn section(sources: &Sources) -> Option<Section> {
    let model = sources.for_ratings()?;
    let all: Vec<Figure> = [predictions(sources, model), histogram(sources)].into_iter().flatten().collect();
    (!all.is_empty()).then(|| Section::new("predictions", "Ratings and predictions", figures(&all)))
}

fn histogram(sources: &Sources) -> Option<Figure> {
    let rated = sources.rated;
    let bins = Bins::of(rated.counted().map(|(rating, _)| rating));
    if bins.is_empty() {
        return None;
    }
    let counts = bins.count(rated.counted());
    let total = rated.len() as f64;
    let mut table = Table::new(["rating", "ratings", "part"]);
    let mut bars = Vec::new();
    for (bin, &count) in counts.iter().enumerate() {
        let (name, part) = (bins.name(bin), percent(count as f64 / total));
        table.row([name.clone(), thousands(count), part.clone()]);
        bars.push(Bar {
            note: format!("{name}: {} ratings, {part}", thousands(count)),
            name,
            value: count as f64,
        });
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let commonest =
        counts.iter().position(|&count| count == most).map_or(String::new(), |bin| bins.name(bin));
    let y = Axis::numbers("ratings", [0.0, most as f64]);
    let y = Axis { ticks: y.ticks.iter().map(|(at, _)| (*at, short(*at))).collect(), ..y };
    Some(Figure {
        id: "ratings".into(),
        title: "Ratings the model was trained on".into(),
        description: format!("{} ratings; the commonest is {commonest}.", thousands(rated.len() as u64)),
        drawing: Bars { x: "rating".into(), y, all: bars }.draw(),
        table,
    })
}

/// Formats a count as `20k` or `1.5M`.
fn short(count: f64) -> String {
    match count {
        1e6.. => format!("{}M", count / 1e6),
        1e3.. => format!("{}k", count / 1e3),
        _ => count.to_string(),
    }
}

fn predictions(sources: &Sources, model: &Model) -> Option<Figure> {
    let unseen = sources.unseen.as_ref()?;
    let (low, high) = model.range;
    let (low, high) = (f64::from(low), f64::from(high));
    let bins = Bins::of(unseen.predicted.iter().map(|one| one.rating));
    if bins.is_empty() || low >= high {
        return None;
    }
    let found = against(&unseen.predicted, &bins, (low, high), INTERVALS);
    let mut table = Table::new(["rating", "ratings", "mean prediction", "standard deviation"]);
    for (bin, Against { ratings, mean, sd, .. }) in found.iter().enumerate() {
        table.row([bins.name(bin), thousands(*ratings), error(*mean), error(*sd)]);
    }
    let names: Vec<String> = (0..bins.len()).map(|bin| bins.name(bin)).collect();
    let heat = Heat {
        x: Axis::names("rating that was given", &names),
        y: Axis { range: (low, high), ..Axis::numbers("prediction", [low, high]) },
        points: found.iter().enumerate().map(|(bin, one)| (one.mean, bins.middle(bin))).collect(),
        columns: found.into_iter().map(|one| one.parts).collect(),
        names: ("mean prediction", "where a perfect one would be"),
    };
    let ends = (table.rows.first()?, table.rows.last()?);
    let description = format!(
        "Predictions for {} {} ratings{}, by the rating that was given. Ratings of {} are predicted as {} in the mean, \
         those of {} as {}: predictions are drawn to the middle, the more the less is known.",
        thousands(unseen.total),
        unseen.kind,
        if unseen.before_refit { ", by the model of the search, which was not trained on them" } else { "" },
        ends.0[0],
        ends.0[2],
        ends.1[0],
        ends.1[2]
    );
    Some(Figure {
        id: "predicted".into(),
        title: "Predicted against actual".into(),
        description,
        drawing: heat.draw(),
        table,
    })
}
