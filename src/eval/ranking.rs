//! The quality of the lists of the model, and of the most rated items, over the whole catalogue.
//!
//! Users are processed in batches: memory holds the lists of one batch, and some numbers a user.

use super::baseline::Popularity;
use super::bootstrap::Sums;
use super::by_user::{ByUser, TestRating};
use super::evaluation::{Estimate, Metric, Ranking, RankingMetric};
use super::list::{ListMetrics, list_metrics};
use super::options::EvaluationOptions;
use super::spread::Spread;
use crate::Result;
use crate::model::Model;
use crate::ratings::Feedback;
use crate::score::{TopItems, TopOptions};
use crate::stop::Stop;
use rayon::prelude::*;

/// Users whose lists are held in memory at a time.
const BATCH: usize = 4096;

/// A user with relevant items.
struct Seeker {
    user: Option<u32>,
    /// Relevant items that lists can hold, ascending.
    items: Vec<u32>,
    /// Relevant items in all.
    relevant: usize,
}

impl Seeker {
    fn new(model: &Model, user: Option<u32>, ratings: &[TestRating], from: f32) -> Self {
        let seen = user.map_or(&[][..], |user| model.rated.items(user));
        let wanted = ratings.iter().filter(|rating| rating.value >= from);
        let unseen =
            wanted.filter(|rating| rating.item.is_none_or(|item| seen.binary_search(&item).is_err()));
        let mut items: Vec<u32> = unseen.clone().filter_map(|rating| rating.item).collect();
        items.sort_unstable();
        Self { user, items, relevant: unseen.count() }
    }

    /// The metrics of a list at each cutoff.
    fn measure<'a>(&self, list: &[u32], cutoffs: &'a [usize]) -> impl Iterator<Item = f64> + use<'a> {
        let hits: Vec<bool> = list.iter().map(|item| self.items.binary_search(item).is_ok()).collect();
        let relevant = self.relevant;
        cutoffs.iter().flat_map(move |&cutoff| list_metrics(&hits, relevant, cutoff).numbers())
    }
}

/// The lists of all users with relevant test ratings, measured.
pub(super) struct Gathered<'a> {
    cutoffs: &'a [usize],
    /// A row for each of these users: 1, the metrics of the model's list, those of the most rated items.
    pub(super) sums: Sums,
    /// How the lists of the model and of the most rated items spread, for each cutoff.
    spreads: [Vec<Spread>; 2],
    /// Relevant test ratings, and those of them whose item the model knows.
    pub(super) relevant: u64,
    reachable: u64,
}

/// The lengths of lists, ascending, each once.
pub(super) fn lengths(options: &EvaluationOptions) -> Vec<usize> {
    let mut cutoffs = options.cutoffs.clone();
    cutoffs.sort_unstable();
    cutoffs.dedup();
    cutoffs
}

/// Makes the lists of all users with relevant test ratings, and measures them.
pub(super) fn ranking(
    model: &Model,
    test: &ByUser,
    mean: f64,
    (options, feedback, stop): (&EvaluationOptions, Feedback, &Stop),
) -> Result<Ranking> {
    let from = options.relevance.lowest(feedback, || mean);
    let cutoffs = lengths(options);
    let gathered = Gathered::over(model, test, (from, &cutoffs), stop)?;
    let Gathered { relevant, reachable, .. } = gathered;
    Ok(Ranking {
        relevance: options.relevance.to_string(),
        relevant_from: from.is_finite().then_some(f64::from(from)),
        users: gathered.sums.users() as u64,
        relevant,
        out_of_reach: relevant - reachable,
        catalogue: model.items.len() as u64,
        metrics: gathered.metrics(options, stop)?,
    })
}

impl<'a> Gathered<'a> {
    /// Makes the lists. Test ratings of at least `from` are relevant.
    pub(super) fn over(
        model: &Model,
        test: &ByUser,
        (from, cutoffs): (f32, &'a [usize]),
        stop: &Stop,
    ) -> Result<Self> {
        let seekers: Vec<Seeker> = (0..test.len())
            .into_par_iter()
            .map(|n| Seeker::new(model, test.users[n], test.of(n), from))
            .filter(|seeker| seeker.relevant > 0)
            .collect();
        let (relevant, reachable) = seekers.iter().fold((0, 0), |(all, reachable), seeker| {
            (all + seeker.relevant as u64, reachable + seeker.items.len() as u64)
        });
        let items = model.items.len();
        let popularity = Popularity::of(&model.rated, items);
        let count = cutoffs.last().copied().unwrap_or(0);
        let options = TopOptions { count, exclude: Some(&model.rated), ..TopOptions::default() };
        let top = TopItems::new(model, &options);
        let spreads: Vec<Spread> = cutoffs.iter().map(|&cutoff| Spread::new(items, cutoff)).collect();
        let sums = Sums::new(1 + 2 * cutoffs.len() * ListMetrics::COUNT);
        let spreads = [spreads.clone(), spreads];
        let mut gathered = Self { cutoffs, sums, spreads, relevant, reachable };
        for batch in seekers.chunks(BATCH) {
            stop.check()?;
            let rows: Vec<Option<u32>> = batch.iter().map(|seeker| seeker.user).collect();
            let lists = top.of(&rows)?;
            let lists: Vec<([Vec<u32>; 2], Vec<f64>)> = batch
                .par_iter()
                .zip(lists)
                .map(|(seeker, list)| {
                    let seen = seeker.user.map_or(&[][..], |user| model.rated.items(user));
                    let list: Vec<u32> = list.into_iter().map(|(item, _)| item).collect();
                    let most_rated = popularity.top(seen, count);
                    let of = |list| seeker.measure(list, cutoffs);
                    let row = [1.0].into_iter().chain(of(&list)).chain(of(&most_rated)).collect();
                    ([list, most_rated], row)
                })
                .collect();
            for (lists, row) in lists {
                gathered.sums.extend(row);
                for (spreads, list) in gathered.spreads.iter_mut().zip(&lists) {
                    spreads.iter_mut().for_each(|spread| spread.add(list));
                }
            }
        }
        Ok(gathered)
    }

    /// How the lists of the model, and of the most rated items, spread at one of the cutoffs.
    pub(super) fn spread(&self, at: usize) -> [(Metric, [f64; 2]); 2] {
        let both = |of: fn(&Spread) -> f64| [0, 1].map(|who: usize| of(&self.spreads[who][at]));
        [(Metric::Coverage, both(Spread::coverage)), (Metric::Gini, both(Spread::gini))]
    }

    fn metrics(&self, options: &EvaluationOptions, stop: &Stop) -> Result<Vec<RankingMetric>> {
        if self.sums.users() == 0 {
            return Ok(Vec::new());
        }
        let values = self.sums.estimates();
        let intervals = self.sums.intervals(options.resamples, options.seed, stop)?;
        let estimate = |column: usize| {
            let interval = intervals.as_ref().map(|intervals| intervals[column]);
            Estimate { value: values[column], interval }
        };
        let half = values.len() / 2;
        let mut metrics = Vec::new();
        for (at, &cutoff) in self.cutoffs.iter().enumerate() {
            for (column, metric) in (at * ListMetrics::COUNT..).zip(Metric::AVERAGES) {
                let (model, most_rated) = (estimate(column), estimate(half + column));
                metrics.push(RankingMetric { metric, cutoff, model, most_rated });
            }
            for (metric, values) in self.spread(at) {
                let [model, most_rated] = values.map(|value| Estimate { value, interval: None });
                metrics.push(RankingMetric { metric, cutoff, model, most_rated });
            }
        }
        Ok(metrics)
    }
}
