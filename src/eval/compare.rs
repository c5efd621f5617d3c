//! Compares models on the same test ratings: errors and metrics of lists side by side, and paired intervals
//! of their differences (docs/metrics.md, "Comparisons").

use super::baseline::Biases;
use super::bootstrap::Sums;
use super::by_user::ByUser;
use super::comparison::{Baseline, BaselineKind, Compared, Comparison, Difference, ErrorMetric, Measure};
use super::evaluate::check_ids;
use super::evaluation::{Estimate, Metric};
use super::list::ListMetrics;
use super::options::EvaluationOptions;
use super::panel::Panel;
use super::ranking::{Gathered, lengths};
use super::rating::{of_baselines, of_model};
use crate::model::Model;
use crate::ratings::{Dataset, Feedback};
use crate::stop::Stop;
use crate::{Error, Result};
use rayon::prelude::*;
use std::borrow::Cow;

/// A model to compare.
#[derive(Debug, Clone, Copy)]
pub struct Contender<'a> {
    /// Its name.
    pub name: &'a str,
    /// The model, which keeps the ratings that it was trained on.
    pub model: &'a Model,
    /// The model of lists beside it, with the same users and items, if there is one.
    pub lists: Option<&'a Model>,
}

impl<'a> Contender<'a> {
    /// The model that makes the lists, with the ratings that these leave out.
    fn for_lists(&self) -> Cow<'a, Model> {
        match self.lists {
            Some(lists) if lists.rated.is_kept() => Cow::Borrowed(lists),
            Some(lists) => Cow::Owned(Model { rated: self.model.rated.clone(), ..lists.clone() }),
            None => Cow::Borrowed(self.model),
        }
    }

    /// Whether ratings are predicted.
    fn rates(&self) -> bool {
        !self.model.is_of_lists()
    }
}

/// Compares models on test ratings, which have their own ids. Ratings of pairs that one of the models was
/// trained on are left out for all of them. Relevance and baselines are by the training ratings of the first.
/// The result does not depend on the number of threads.
///
/// # Errors
/// [`Error::Setting`] for odd options; [`Error::Usage`] with fewer than two models, or if one keeps no ratings;
/// [`Error::Input`] if one knows no user and no item of the test, or if no test rating is left;
/// [`Error::Stopped`] if `stop` is raised meanwhile.
pub fn compare(
    contenders: &[Contender],
    test: &Dataset,
    options: &EvaluationOptions,
    stop: &Stop,
) -> Result<Comparison> {
    options.check()?;
    let [first, _, ..] = contenders else {
        return Err(Error::Usage("a comparison takes two models or more".into()));
    };
    for Contender { name, model, .. } in contenders {
        if model.rated.is_empty() {
            let why = "the model kept no ratings, which baselines learn from and lists leave out; train it with \
                       `keep_ratings = on`";
            return Err(Error::Usage(format!("{name}: {why}")));
        }
        check_ids(test, &model.users, &model.items).map_err(|error| match error {
            Error::Input(why) => Error::Input(format!("{name}: {why}")),
            other => other,
        })?;
    }
    let (test, left_out) = unseen(contenders, test)?;
    if test.ratings.is_empty() {
        return Err(Error::Input(format!(
            "each of the {left_out} test ratings is of a pair that one of the models was trained on, so none of them \
             tests all; expected ratings that no model was trained on"
        )));
    }
    let biases = Biases::of(&first.model.rated, first.model.items.len());
    let by_user = ByUser::new(first.model, &test);
    let mut metrics = Vec::new();
    if test.feedback != Feedback::Pairs
        && let Some(panel) = of_ratings(contenders, &by_user, (&test, &biases))
    {
        metrics.extend(panel.compared(contenders.len(), options, stop)?);
    }
    let from = options.relevance.lowest(test.feedback, || biases.mean);
    let cutoffs = lengths(options);
    let (mut relevant, mut list_users) = (0, 0);
    if !cutoffs.is_empty() {
        let lists = lists_of(contenders, &by_user, (&test, from, &cutoffs), stop)?;
        (relevant, list_users) = (lists[0].relevant, lists[0].sums.users() as u64);
        if list_users > 0 {
            metrics.extend(in_order(&lists, &cutoffs, options, stop)?);
        }
    }
    Ok(Comparison {
        names: contenders.iter().map(|contender| contender.name.to_owned()).collect(),
        ratings: test.ratings.len() as u64,
        users: by_user.len() as u64,
        left_out,
        relevance: options.relevance.to_string(),
        relevant_from: (from.is_finite() && !cutoffs.is_empty()).then_some(f64::from(from)),
        relevant,
        list_users,
        resamples: options.resamples,
        seed: options.seed,
        metrics,
    })
}

/// The test ratings whose pair no model was trained on, and the number of the others.
fn unseen(contenders: &[Contender], test: &Dataset) -> Result<(Dataset, u64)> {
    let mut marks = vec![false; test.ratings.len()];
    for Contender { model, .. } in contenders {
        let (users, items) = (test.users.rows_in(&model.users), test.items.rows_in(&model.items));
        for (mark, (user, item, _)) in marks.iter_mut().zip(test.ratings.iter()) {
            let pair = users[user as usize].zip(items[item as usize]);
            *mark |= pair.is_some_and(|(user, item)| model.rated.get(user, item).is_some());
        }
    }
    let mut kept = test.clone();
    kept.times.clear();
    let left_out = kept.take(&marks)?.ratings.len() as u64;
    Ok((kept, left_out))
}

/// The errors of all models that predict ratings, if some do.
fn of_ratings(
    contenders: &[Contender],
    users: &ByUser,
    (test, biases): (&Dataset, &Biases),
) -> Option<Panel> {
    let models: Vec<usize> = (0..contenders.len()).filter(|&n| contenders[n].rates()).collect();
    if models.is_empty() {
        return None;
    }
    let all: Vec<ByUser> = models.iter().map(|&n| users.with(contenders[n].model, test)).collect();
    let baselines = [BaselineKind::Biases, BaselineKind::Mean];
    let mut sums = Sums::new(1 + 2 * (models.len() + baselines.len()));
    let rows: Vec<Vec<f64>> = (0..users.len())
        .into_par_iter()
        .map(|n| {
            let of =
                |(&place, own): (&usize, &ByUser)| of_model(contenders[place].model, own.users[n], own.of(n));
            let range = contenders[0].model.range;
            let weight = [users.of(n).len() as f64];
            let models = models.iter().zip(&all).flat_map(of);
            weight
                .into_iter()
                .chain(models)
                .chain(of_baselines(biases, range, users.users[n], users.of(n)))
                .collect()
        })
        .collect();
    sums.extend(rows.into_iter().flatten());
    let metrics = [ErrorMetric::Rmse, ErrorMetric::Mae].map(|metric| (Measure::Error(metric), None));
    Some(Panel { metrics: metrics.into(), models, baselines: baselines.into(), sums })
}

/// The lists of all models, measured for the same users.
fn lists_of<'a>(
    contenders: &[Contender],
    users: &ByUser,
    (test, from, cutoffs): (&Dataset, f32, &'a [usize]),
    stop: &Stop,
) -> Result<Vec<Gathered<'a>>> {
    let of = |contender: &Contender| {
        let model = contender.for_lists();
        Gathered::over(&model, &users.with(&model, test), (from, cutoffs), stop)
    };
    contenders.iter().map(of).collect()
}

/// The metrics of lists: for each cutoff the averages over users, then the properties of all lists together.
fn in_order(
    lists: &[Gathered],
    cutoffs: &[usize],
    options: &EvaluationOptions,
    stop: &Stop,
) -> Result<Vec<Compared>> {
    let each = cutoffs.len() * ListMetrics::COUNT;
    let mut sums = Sums::new(1 + each * (lists.len() + 1));
    for n in 0..lists[0].sums.users() {
        let row = |lists: &'_ Gathered| lists.sums.row(n)[1..=each].to_vec();
        sums.extend([1.0]);
        sums.extend(lists.iter().flat_map(row));
        sums.extend(lists[0].sums.row(n)[1 + each..].iter().copied());
    }
    let of_cutoff = |&cutoff| Metric::AVERAGES.map(|metric| (Measure::List(metric), Some(cutoff)));
    let metrics = cutoffs.iter().flat_map(of_cutoff).collect();
    let models = (0..lists.len()).collect();
    let panel = Panel { metrics, models, baselines: vec![BaselineKind::MostRated], sums };
    let mut averages = panel.compared(lists.len(), options, stop)?.into_iter();
    let mut all = Vec::new();
    for (at, &cutoff) in cutoffs.iter().enumerate() {
        all.extend(averages.by_ref().take(ListMetrics::COUNT));
        let spreads: Vec<_> = lists.iter().map(|lists| lists.spread(at)).collect();
        for (n, (metric, [_, most_rated])) in spreads[0].into_iter().enumerate() {
            let value = |lists: &[(Metric, [f64; 2]); 2]| lists[n].1[0];
            let difference = |lists: &[(Metric, [f64; 2]); 2]| value(lists) - value(&spreads[0]);
            let plain = |value| Estimate { value, interval: None };
            all.push(Compared {
                metric: Measure::List(metric),
                cutoff: Some(cutoff),
                models: spreads.iter().map(|lists| Some(plain(value(lists)))).collect(),
                differences: spreads
                    .iter()
                    .enumerate()
                    .map(|(place, lists)| {
                        let value = difference(lists);
                        (place > 0).then_some(Difference { value, interval: None, verdict: None })
                    })
                    .collect(),
                baselines: vec![Baseline { of: BaselineKind::MostRated, estimate: plain(most_rated) }],
            });
        }
    }
    Ok(all)
}
