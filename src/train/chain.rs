//! A chain of draws: the running mean of its predictions, and the draws that a model keeps.

use super::engine::Engine;
use super::finish::finish;
use super::method::Method;
use super::problem::Problem;
use crate::Result;
use crate::model::Factors;
use crate::ratings::Scale;

/// What a chain has gathered.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    /// Epochs before the first draw that counts.
    before: usize,
    /// Draws that will count.
    draws: usize,
    /// Draws to keep.
    keep: usize,
    scale: Scale,
    /// Of each held-out rating, the sum of its predictions.
    sums: Vec<f64>,
    pub(super) kept: Vec<Factors>,
}

impl Chain {
    /// A chain that is yet to begin. At most `keep` of its draws are kept, evenly spread, the last among them.
    pub(super) fn new(before: usize, draws: usize, keep: usize, scale: Scale) -> Self {
        Self { before, draws, keep: keep.min(draws), scale, sums: Vec::new(), kept: Vec::new() }
    }

    /// Takes epoch `number` in, which the engine has just run. Gives the sum of squared errors over the held-out
    /// ratings, if there are any, and how many draws it is of: before the first one that counts it is of the state
    /// alone.
    pub(super) fn add(
        &mut self,
        engine: &mut dyn Engine,
        problem: &Problem,
        method: &Method,
        number: usize,
    ) -> Result<(Option<f64>, usize)> {
        let count = number.saturating_sub(self.before);
        if count > 0 && count * self.keep / self.draws > (count - 1) * self.keep / self.draws {
            self.kept.push(finish(&engine.state()?, problem, self.scale, method));
        }
        if problem.held_out.is_empty() {
            return Ok((None, count));
        }
        let predictions = engine.predictions()?;
        if count <= 1 {
            self.sums = vec![0.0; predictions.len()];
        }
        self.sums.iter_mut().zip(&predictions).for_each(|(sum, &number)| *sum += f64::from(number));
        let (low, high) = problem.range;
        let error = |(sum, &value): (&f64, &f32)| {
            let mean = sum / count.max(1) as f64;
            (f64::from(value) - mean.clamp(low.into(), high.into())).powi(2)
        };
        Ok((Some(self.sums.iter().zip(&problem.held_out.values).map(error).sum()), count))
    }
}
