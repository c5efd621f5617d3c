//! Learning curves by a metric of lists: higher is better, and training ratings have no such score.

use super::cells::{self, NONE, error};
use crate::charts::{Axis, Figure, Lines, Mark, Series, Table};
use crate::human::time;
use crate::run::metrics::Curves;
use crate::train::{Criterion, Epoch, Score};
use std::fmt::Write;

/// At most this many epochs are drawn and listed.
const MOST: usize = 240;

/// The epochs that are shown, evenly spread over all.
pub(super) fn shown(epochs: &[Epoch]) -> impl Iterator<Item = &Epoch> {
    let every = epochs.len().div_ceil(MOST).max(1);
    epochs.iter().filter(move |epoch| epoch.epoch % every == 0 || epoch.epoch <= 1)
}

/// The criterion that the epochs were measured by, if they were.
pub(super) fn criterion(curves: &Curves) -> Option<Criterion> {
    let scores = curves.search.epochs.iter().flat_map(|epoch| [epoch.held_out, epoch.test]);
    scores.flatten().map(|score| score.criterion).next()
}

/// The scores of a model from epoch to epoch, if there are any.
pub(super) fn figure((id, title): (&'static str, &str), curves: &Curves) -> Option<Figure> {
    let search = &curves.search.epochs;
    let metric = cells::criterion(criterion(curves)?);
    let points = |of: fn(&Epoch) -> Option<Score>| -> Vec<(f64, f64)> {
        shown(search).filter_map(|epoch| Some((epoch.epoch as f64, of(epoch)?.value))).collect()
    };
    let mut series = vec![
        Series { name: "held out".into(), class: "s0", points: points(|epoch| epoch.held_out) },
        Series { name: "test".into(), class: "s1", points: points(|epoch| epoch.test) },
    ];
    series.retain(|series| !series.points.is_empty());
    // The mean of draws has no best one.
    let best = curves.search.best().filter(|best| best.draws == 0);
    let best = best.and_then(|best| Some((best.epoch, best.held_out?.value)));
    let mark = best.map(|(epoch, score)| Mark {
        at: (epoch as f64, score),
        text: format!("best: epoch {epoch}, {score:.4}"),
    });
    let heights: Vec<f64> = series.iter().flat_map(|series| &series.points).map(|point| point.1).collect();
    let lines = Lines {
        x: Axis::counts("epoch", 1, search.len()),
        y: Axis::numbers(&metric, heights),
        series,
        marks: mark.into_iter().collect(),
        diagonal: false,
    };
    Some(Figure {
        id: id.into(),
        title: title.into(),
        description: describe(&metric, curves, best),
        drawing: lines.draw(),
        table: table(curves),
    })
}

fn describe(metric: &str, curves: &Curves, best: Option<(usize, f64)>) -> String {
    let epochs = curves.search.epochs.len();
    let mut text = match best {
        Some((epoch, score)) => format!(
            "{metric} of lists, by held-out ratings, was highest, {score:.4}, after epoch {epoch} of {epochs}."
        ),
        None => format!("{metric} of lists over {epochs} epochs; larger is better."),
    };
    let refit = curves.refit.epochs.len();
    if refit > 0 {
        let _ = write!(text, " Then a model was trained on all ratings for {refit} epochs.");
    }
    text
}

fn table(curves: &Curves) -> Table {
    let mut table = Table::new(["epoch", "held out", "test", "time"]);
    let of = |score: Option<Score>| error(score.map_or(f64::NAN, |score| score.value));
    for epoch in shown(&curves.search.epochs) {
        table.row([epoch.epoch.to_string(), of(epoch.held_out), of(epoch.test), time(epoch.seconds)]);
    }
    table.without_blank_columns(NONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::ListMetric;

    #[test]
    fn the_highest_score_is_the_best() {
        let score = |value| Some(Score { criterion: Criterion::Lists(ListMetric::Ndcg, 10), value });
        let epoch = |epoch, value| Epoch {
            epoch,
            train_rmse: 0.4,
            held_out: score(value),
            test: None,
            draws: 0,
            learning_rate: None,
            seconds: 1.0,
            ratings_per_second: 1e6,
        };
        let mut curves = Curves::default();
        assert!(figure(("lists", "Lists"), &curves).is_none());
        curves.search.epochs = vec![epoch(1, 0.25), epoch(2, 0.375), epoch(3, 0.3125)];
        let figure = figure(("lists", "Lists"), &curves).unwrap();
        let drawn = figure.drawing.content.into_string();
        assert!(drawn.contains("NDCG@10") && drawn.contains("best: epoch 2, 0.3750"), "{drawn}");
        assert_eq!(figure.drawing.legend.len(), 1, "no test, and no training: {:?}", figure.drawing.legend);
        assert_eq!(figure.table.rows[1], ["2", "0.3750", "1.00s"], "no column for a test");
    }
}
