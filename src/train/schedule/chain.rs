//! A chain of draws: the running mean of its predictions, and the draws that a model keeps.

use crate::Result;
use crate::model::Factors;
use crate::ratings::Scale;
use crate::train::algorithm::Method;
use crate::train::deliver::finish;
use crate::train::engine::Engine;
use crate::train::problem::{Problem, Set};
use serde::{Deserialize, Serialize};

/// What a chain has gathered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Chain {
    /// Epochs before the first draw that counts.
    before: usize,
    /// Draws that will count.
    draws: usize,
    /// Draws to keep.
    keep: usize,
    scale: Scale,
    /// Summed predictions, one per held-out rating and one per test rating.
    sums: [Vec<f64>; 2],
    pub(super) kept: Vec<Factors>,
}

impl Chain {
    /// A chain that is yet to begin. At most `keep` of its draws are kept, evenly spread, the last among them.
    pub(super) fn new(before: usize, draws: usize, keep: usize, scale: Scale) -> Self {
        Self { before, draws, keep: keep.min(draws), scale, sums: Default::default(), kept: Vec::new() }
    }

    /// Takes epoch `number` in, which the engine has just run. Gives how many draws count so far.
    pub(super) fn add(
        &mut self,
        engine: &mut dyn Engine,
        problem: &Problem,
        method: &Method,
        number: usize,
    ) -> Result<usize> {
        let count = number.saturating_sub(self.before);
        if count > 0 && count * self.keep / self.draws > (count - 1) * self.keep / self.draws {
            self.kept.push(finish(&engine.state()?, problem, self.scale, method));
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

    /// The mean predictions of `count` draws for the ratings of a set, in standard units; before the first draw that counts
    /// those of the state alone.
    pub(super) fn means(&self, set: Set, count: usize) -> Vec<f64> {
        self.sums[set as usize].iter().map(|sum| sum / count.max(1) as f64).collect()
    }
}
