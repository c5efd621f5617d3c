//! Learning curves: how errors fell from epoch to epoch, and how lists became better.

use super::Sources;
use super::cells::{NONE, error};
use super::scores::{criterion, figure as scored, shown};
use super::section::Section;
use crate::charts::{Axis, Figure, Lines, Mark, Series, Table, figures};
use crate::human::time;
use crate::train::{Criterion, Epoch, Score};
use std::fmt::Write;

pub(super) fn section(sources: &Sources) -> Option<Section> {
    let by_errors = criterion(&sources.curves).is_none_or(|criterion| criterion == Criterion::Rmse);
    let ratings = if by_errors { errors(sources) } else { scored(RATINGS, &sources.curves) };
    let lists = sources.list_curves.as_ref().and_then(|curves| scored(LISTS, curves));
    let all: Vec<Figure> = [ratings, lists].into_iter().flatten().collect();
    (!all.is_empty()).then(|| Section::new("learning", "Learning", figures(&all)))
}

/// The ids and titles of the figures.
const RATINGS: (&str, &str) = ("learning-curves", "Learning curves");
const LISTS: (&str, &str) = ("learning-lists", "Learning curves of the lists");

/// The errors of the model of ratings.
fn errors(sources: &Sources) -> Option<Figure> {
    let (search, refit) = (&sources.curves.search, &sources.curves.refit);
    let last = search.epochs.len().max(refit.epochs.len());
    if last == 0 {
        return None;
    }
    let chain = sources.config.training.algorithm.is_chain();
    let epochs = |epochs: &[Epoch], of: fn(&Epoch) -> Option<f64>| -> Vec<(f64, f64)> {
        shown(epochs).filter_map(|epoch| Some((epoch.epoch as f64, of(epoch)?))).collect()
    };
    let measured = if chain { ", mean of the draws so far" } else { "" };
    let train: fn(&Epoch) -> Option<f64> = |epoch| Some(epoch.train_rmse);
    let mut series = vec![
        Series { name: "training".into(), class: "s2", points: epochs(&search.epochs, train) },
        Series { name: "training on all ratings".into(), class: "s3", points: epochs(&refit.epochs, train) },
        Series {
            name: format!("held out{measured}"),
            class: "s0",
            points: epochs(&search.epochs, |epoch| value(epoch.held_out)),
        },
        Series {
            name: format!("test{measured}"),
            class: "s1",
            points: epochs(&search.epochs, |epoch| value(epoch.test)),
        },
    ];
    series.retain(|series| !series.points.is_empty());
    let best = search.best().filter(|_| !chain);
    let marks = best.and_then(|best| {
        let score = value(best.held_out)?;
        Some(Mark { at: (best.epoch as f64, score), text: format!("best: epoch {}, {score:.4}", best.epoch) })
    });
    let top = ceiling(&search.epochs, &refit.epochs);
    for series in &mut series {
        series.points.retain(|(_, rmse)| *rmse <= top);
    }
    let heights: Vec<f64> = series.iter().flat_map(|series| &series.points).map(|point| point.1).collect();
    let x = Axis::counts(if chain { "draw" } else { "epoch" }, 1, last);
    let lines = Lines {
        x,
        y: Axis::numbers("RMSE", heights),
        series,
        marks: marks.into_iter().collect(),
        diagonal: false,
    };
    let (id, title) = RATINGS;
    Some(Figure {
        id: id.into(),
        title: title.into(),
        description: describe(sources, best, chain),
        drawing: lines.draw(),
        table: table(&search.epochs, &refit.epochs),
    })
}

/// The upper end of the error axis. Errors above it are not drawn: the large errors of the first epochs would
/// flatten the rest of the curve.
fn ceiling(search: &[Epoch], refit: &[Epoch]) -> f64 {
    let mut all: Vec<f64> = search
        .iter()
        .chain(refit)
        .flat_map(|epoch| [Some(epoch.train_rmse), value(epoch.held_out), value(epoch.test)])
        .flatten()
        .filter(|rmse| rmse.is_finite())
        .collect();
    all.sort_by(f64::total_cmp);
    match (all.first(), all.get(all.len() / 2)) {
        (Some(least), Some(middle)) if all.len() > 8 => middle + 1.5 * (middle - least).max(0.02 * middle),
        _ => f64::INFINITY,
    }
}

fn describe(sources: &Sources, best: Option<&Epoch>, chain: bool) -> String {
    let (search, refit) = (&sources.curves.search.epochs, &sources.curves.refit.epochs);
    let mut text = match best {
        Some(Epoch { epoch, held_out: Some(Score { value: rmse, .. }), .. }) => {
            format!(
                "The error on held-out ratings was lowest, {rmse:.4}, after epoch {epoch} of {}. ",
                search.len()
            )
        }
        _ if chain => format!(
            "{} draws, of which the first {} do not count. ",
            search.len(),
            sources.config.training.burn_in
        ),
        _ => format!("{} epochs; nothing was held out. ", search.len()),
    };
    if !refit.is_empty() {
        let _ = write!(text, "Then a model was trained on all ratings for {} epochs. ", refit.len());
    }
    text + if chain {
        "A draw's own error on training ratings is larger than that of the mean."
    } else {
        "Errors on training ratings are measured just before each is trained on."
    }
}

fn table(search: &[Epoch], refit: &[Epoch]) -> Table {
    let mut table = Table::new(["epoch", "training", "held out", "test", "time"]);
    let phases = [("", search), ("all ratings ", refit)];
    for (name, epochs) in phases {
        for epoch in shown(epochs) {
            let measured = |rmse: Option<f64>| error(rmse.unwrap_or(f64::NAN));
            table.row([
                format!("{name}{}", epoch.epoch),
                error(epoch.train_rmse),
                measured(value(epoch.held_out)),
                measured(value(epoch.test)),
                time(epoch.seconds),
            ]);
        }
    }
    table.without_blank_columns(NONE)
}

fn value(score: Option<Score>) -> Option<f64> {
    score.map(|score| score.value)
}
