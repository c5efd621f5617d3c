//! Compares engines: runs the same epochs of the same problem on each of them in turn.

use crate::Result;
use crate::train::algorithm::Method;
use crate::train::criterion::{Measured, Score};
use crate::train::engine::Engine;
use crate::train::problem::{Problem, Set};
use crate::train::settings::Settings;
use std::time::Instant;

/// The results of one engine.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// A description of the device, for people.
    pub device: String,
    /// The time of each epoch, in seconds, without the time to measure the held-out ratings.
    pub seconds: Vec<f64>,
    /// The score on the held-out ratings after each epoch; empty if nothing is held out.
    pub held_out: Vec<Score>,
    /// The predictions for the held-out ratings after the last epoch, in standard units.
    pub predictions: Vec<f32>,
}

impl Trace {
    /// The median time of an epoch, in seconds, without the first one, in which a device warms up; 0 before
    /// any epoch.
    pub fn epoch_seconds(&self) -> f64 {
        let mut warm =
            self.seconds.get(1..).filter(|warm| !warm.is_empty()).unwrap_or(&self.seconds).to_vec();
        warm.sort_by(f64::total_cmp);
        warm.get(warm.len() / 2).copied().unwrap_or(0.0)
    }

    /// The best score on the held-out ratings.
    pub fn best(&self) -> Option<Score> {
        self.held_out.iter().copied().min_by(Score::order)
    }

    /// The time in seconds until the held-out score is no worse than `score`; `None` if it never is.
    pub fn seconds_to(&self, score: &Score) -> Option<f64> {
        let epoch = self.held_out.iter().position(|reached| reached.order(score).is_le())?;
        Some(self.seconds[..=epoch].iter().sum())
    }

    /// The distance between the predictions of two engines: the root of their mean squared difference.
    pub fn difference(&self, other: &Self) -> f64 {
        let pairs = self.predictions.iter().zip(&other.predictions);
        let sum: f64 = pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
        (sum / self.predictions.len().max(1) as f64).sqrt()
    }
}

/// Runs `epochs` epochs of `problem` on each of `engines`, one epoch of each in turn. Open settings take the
/// values that they have without a race. `deviation` is rating units per standard unit. After each epoch `observe` receives the index of the engine and its
/// trace so far; an error that it returns ends the comparison.
///
/// # Errors
/// If a device fails, and those of `observe`.
pub fn compare(
    engines: &mut [Box<dyn Engine>],
    problem: &Problem,
    (settings, deviation): (&Settings, f64),
    epochs: usize,
    observe: &mut dyn FnMut(usize, &Trace) -> Result<()>,
) -> Result<Vec<Trace>> {
    let candidate = (settings.algorithm.definition().unraced)(settings, problem);
    let criterion = settings.criterion();
    let mut methods: Vec<Method> = engines.iter().map(|_| Method::new(&candidate, false, None)).collect();
    let mut traces: Vec<Trace> =
        engines.iter().map(|engine| Trace { device: engine.device(), ..Trace::default() }).collect();
    for number in 1..=epochs {
        let each = engines.iter_mut().zip(&mut methods).zip(&mut traces);
        for (index, ((engine, method), trace)) in each.enumerate() {
            let begun = Instant::now();
            method.epoch(&mut **engine, problem, (number, 0), &mut |_| false)?;
            engine.loss()?;
            trace.seconds.push(begun.elapsed().as_secs_f64());
            let measured = Measured::State(&mut **engine, method.offset());
            let score = criterion.measure(measured, problem, Set::HeldOut, deviation)?;
            trace.held_out.extend(score);
            observe(index, trace)?;
        }
    }
    for (engine, trace) in engines.iter_mut().zip(&mut traces) {
        trace.predictions = engine.predictions(Set::HeldOut)?;
    }
    Ok(traces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::criterion::Criterion;

    #[test]
    fn what_a_trace_says() {
        let rmse = |value| Score { criterion: Criterion::Rmse, value };
        let trace = Trace {
            seconds: vec![9.0, 1.0, 3.0, 2.0],
            held_out: [0.9, 0.7, 0.6, 0.65].map(rmse).to_vec(),
            predictions: vec![1.0, 2.0],
            ..Trace::default()
        };
        assert!((trace.epoch_seconds() - 2.0).abs() < 1e-12, "the first epoch does not count");
        assert_eq!((trace.best(), trace.seconds_to(&rmse(0.7))), (Some(rmse(0.6)), Some(10.0)));
        assert_eq!((trace.seconds_to(&rmse(0.5)), Trace::default().best()), (None, None));
        let other = Trace { predictions: vec![1.0, 4.0], ..Trace::default() };
        assert!((trace.difference(&other) - 2_f64.sqrt()).abs() < 1e-12);
    }
}
