//! A chain of posterior samples ("draws"): the running mean of their predictions, and the draws that a model
//! keeps.

use crate::Result;
use crate::model::Factors;
use crate::ratings::Scale;
use crate::train::algorithm::Method;
use crate::train::deliver::checked;
use crate::train::engine::Engine;
use crate::train::problem::{Problem, Set};
use serde::{Deserialize, Serialize};

/// The accumulated results of a chain.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Chain {
    /// The number of epochs before the first draw that counts.
    before: usize,
    /// The number of draws that count in all.
    draws: usize,
    /// The number of draws to keep.
    keep: usize,
    scale: Scale,
    /// Summed predictions, one per held-out rating and one per test rating.
    sums: [Vec<f64>; 2],
    pub(super) kept: Vec<Factors>,
}

impl Chain {
    /// A chain before its first draw. It keeps at most `keep` draws, evenly spaced, the last one among them.
    pub(super) fn new(before: usize, draws: usize, keep: usize, scale: Scale) -> Self {
        Self { before, draws, keep: keep.min(draws), scale, sums: Default::default(), kept: Vec::new() }
    }

    /// Adds epoch `number`, which the engine has just run. Returns the number of draws that count so far.
    pub(super) fn add(
        &mut self,
        engine: &mut dyn Engine,
        problem: &Problem,
        method: &Method,
        number: usize,
    ) -> Result<usize> {
        let count = number.saturating_sub(self.before);
        if count > 0 && count * self.keep / self.draws > (count - 1) * self.keep / self.draws {
            self.kept.push(checked(&engine.state()?, problem, self.scale, method)?);
        }
        for set in [Set::HeldOut, Set::Test] {
            if problem.set(set).is_empty() {
                continue;
            }
            let predictions = engine.predictions(set)?;
            let sums = &mut self.sums[set as usize];
            if count <= 1 {
                *sums = vec![0.0; predictions.len()];
            }
            sums.iter_mut().zip(&predictions).for_each(|(sum, &number)| *sum += f64::from(number));
        }
        Ok(count)
    }

    /// The mean predictions of `count` draws for the ratings of a set, in standard units. Before the first
    /// draw that counts, the predictions of the current state.
    pub(super) fn means(&self, set: Set, count: usize) -> Vec<f64> {
        self.sums[set as usize].iter().map(|sum| sum / count.max(1) as f64).collect()
    }
}
