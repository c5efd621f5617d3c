//! Metrics of several models for the same users, and paired intervals of the differences to the first model.

use super::bootstrap::Sums;
use super::comparison::{Baseline, BaselineKind, Compared, Difference, ErrorMetric, Measure};
use super::evaluation::Estimate;
use super::options::EvaluationOptions;
use crate::Result;
use crate::stop::Stop;

/// Some metrics of some models, and of baselines behind them.
pub(super) struct Panel {
    pub(super) metrics: Vec<(Measure, Option<usize>)>,
    /// The places of the models among all.
    pub(super) models: Vec<usize>,
    pub(super) baselines: Vec<BaselineKind>,
    /// A row for each user: the weight, then the metrics of the first model, and so on, those of baselines
    /// last.
    pub(super) sums: Sums,
}

impl Panel {
    /// The metrics, with paired intervals of the differences to the first model. `all` is the number of all
    /// models.
    pub(super) fn compared(
        &self,
        all: usize,
        options: &EvaluationOptions,
        stop: &Stop,
    ) -> Result<Vec<Compared>> {
        let (each, models) = (self.metrics.len(), self.models.len());
        let values = (models + self.baselines.len()) * each;
        // All values, then the differences of all models but the first.
        let derive = |estimates: &[f64]| -> Vec<f64> {
            let unit = |(column, &estimate): (usize, &f64)| match self.metrics[column % each].0 {
                Measure::Error(ErrorMetric::Rmse) => estimate.sqrt(),
                _ => estimate,
            };
            let mut numbers: Vec<f64> = estimates.iter().enumerate().map(unit).collect();
            numbers.extend(
                (each..models * each)
                    .map(|column| numbers[column] - numbers[column % each])
                    .collect::<Vec<_>>(),
            );
            numbers
        };
        let numbers = derive(&self.sums.estimates());
        let intervals = self.sums.intervals_of(derive, (options.resamples, options.seed), stop)?;
        let interval = |at: usize| intervals.as_ref().map(|intervals| intervals[at]);
        let estimate = |at: usize| Estimate { value: numbers[at], interval: interval(at) };
        let compared = |(at, &(metric, cutoff)): (usize, &(Measure, Option<usize>))| {
            let mut compared = Compared {
                metric,
                cutoff,
                models: vec![None; all],
                differences: vec![None; all],
                baselines: Vec::new(),
            };
            for (n, &place) in self.models.iter().enumerate() {
                compared.models[place] = Some(estimate(n * each + at));
                compared.differences[place] = (n > 0).then(|| {
                    let Estimate { value, interval } = estimate(values + (n - 1) * each + at);
                    Difference { value, interval, verdict: interval.map(|ends| metric.verdict(ends)) }
                });
            }
            for (n, &of) in self.baselines.iter().enumerate() {
                compared.baselines.push(Baseline { of, estimate: estimate((models + n) * each + at) });
            }
            compared
        };
        Ok(self.metrics.iter().enumerate().map(compared).collect())
    }
}
