//! The result in two sentences: how good lists are, and how good predicted ratings are.

use super::Sources;
use super::cells::{criterion, of_length};
use crate::eval::{Evaluation, RankingMetric, Rating};
use crate::human::thousands;
use crate::run::report::Report;

/// A sentence, and whether what it says is better or worse than the baseline, where there is one.
pub(super) struct Sentence {
    pub(super) text: String,
    pub(super) is_better: Option<bool>,
}

/// The sentences for which there is something to tell.
pub(super) fn verdict(sources: &Sources) -> Vec<Sentence> {
    let Some(record) = sources.record else { return Vec::new() };
    let report = &record.report;
    let ratings = sources.for_ratings().and_then(|model| ratings(report, model.range));
    let trained_for_lists = sources.lists.is_some() || sources.for_ratings().is_none();
    lists(report, trained_for_lists).into_iter().chain(ratings).collect()
}

fn ratings(report: &Report, (low, high): (f32, f32)) -> Option<Sentence> {
    let scale = format!("on a scale from {low} to {high}");
    if let Some(Rating { ratings, rmse, .. }) =
        report.evaluation.as_ref().and_then(|evaluation| evaluation.rating.as_ref())
    {
        let better = 100.0 * (1.0 - rmse.model.value / rmse.biases.value);
        let than = if better >= 0.0 { "less" } else { "more" };
        let text = format!(
            "On {} ratings that it never saw, the model is off by {:.3} (root mean square, {scale}): {:.1} % {than} than \
             biases of users and items alone, which are off by {:.3}.",
            thousands(*ratings),
            rmse.model.value,
            better.abs(),
            rmse.biases.value
        );
        return Some(Sentence { text, is_better: better.is_finite().then_some(better >= 0.0) });
    }
    let held_out = report.held_out_rmse?;
    let mean = report.held_out_mean_rmse;
    let than =
        mean.map_or(String::new(), |mean| format!("; who always predicts the mean is off by {mean:.3}"));
    let text = format!(
        "On ratings that were held out, the model was off by {held_out:.3} (root mean square, {scale}){than}."
    );
    Some(Sentence { text, is_better: mean.map(|mean| held_out <= mean) })
}

fn lists(report: &Report, trained_for_lists: bool) -> Option<Sentence> {
    let tested = report.evaluation.as_ref();
    if let Some(worse) = tested.and_then(Evaluation::worse_than_popular) {
        return Some(Sentence { text: lost(worse, trained_for_lists), is_better: Some(false) });
    }
    if let Some(found) = tested.and_then(Evaluation::ndcg) {
        let better = found.model.value > found.most_rated.value;
        return Some(Sentence { text: won(found), is_better: better.then_some(true) });
    }
    let (score, _) = report.held_out_lists()?;
    let metric = criterion(score.criterion);
    let text = format!(
        "By ratings that were held out, the lists reached {metric} = {:.3}; only a test of lists (--test 0.1) \
         compares that with the most rated items.",
        score.value
    );
    Some(Sentence { text, is_better: None })
}

fn won(found: &RankingMetric) -> String {
    let (model, popular) = (found.model.value, found.most_rated.value);
    let (metric, cutoff) = (of_length(found.metric, found.cutoff), found.cutoff);
    let of = format!("{metric} of the lists is {model:.3}");
    if popular > 0.0 && model > popular {
        let better = 100.0 * (model / popular - 1.0);
        format!(
            "{of}, {better:.1} % above that of a list of the {cutoff} most rated items, which is {popular:.3}."
        )
    } else {
        format!("{of}, that of a list of the {cutoff} most rated items is {popular:.3}.")
    }
}

fn lost(found: &RankingMetric, trained_for_lists: bool) -> String {
    let (model, popular) = (found.model.value, found.most_rated.value);
    let metric = of_length(found.metric, found.cutoff);
    let advice = if trained_for_lists {
        "Leave the settings of lists open, so that a race finds them; if they were, users may have too few \
         ratings to learn from."
    } else {
        "The model was trained for ratings only: train one for lists, too (--objective both)."
    };
    format!(
        "The lists are worse than a sort by popularity: {metric} is {model:.3}, that of the most rated items \
         {popular:.3}. The same popular items for all would serve users better. {advice}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Estimate, Metric};

    fn ndcg(model: f64, most_rated: f64) -> RankingMetric {
        let [model, most_rated] = [model, most_rated].map(|value| Estimate { value, interval: None });
        RankingMetric { metric: Metric::Ndcg, cutoff: 10, model, most_rated }
    }

    #[test]
    fn lists_beside_popularity() {
        assert_eq!(
            won(&ndcg(0.3, 0.2)),
            "NDCG@10 of the lists is 0.300, 50.0 % above that of a list of the 10 most rated items, which is 0.200."
        );
        for (model, popular) in [(0.3, 0.0), (0.2, 0.2), (0.0, 0.0)] {
            let text = won(&ndcg(model, popular));
            assert!(!text.contains('%') && text.ends_with(&format!("is {popular:.3}.")), "{text}");
        }
        let (both, alone) = (lost(&ndcg(0.1, 0.2), true), lost(&ndcg(0.1, 0.2), false));
        assert!(
            both.starts_with("The lists are worse than a sort by popularity: NDCG@10 is 0.100"),
            "{both}"
        );
        assert!(!both.contains("--objective") && alone.contains("--objective both"), "{alone}");
    }
}
