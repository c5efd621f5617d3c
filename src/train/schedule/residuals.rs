//! What the search predicted for the ratings that it held out: how good it is where no test was set aside.

use crate::Result;
use crate::ratings::{Ratings, Scale};
use crate::train::engine::Engine;
use crate::train::problem::{Problem, Set};
use crate::train::state::inverse;
use bytemuck::{Pod, Zeroable};

/// So many are kept at most, evenly spread over all.
const MOST: usize = 200_000;

/// Ratings that the model of the search had not learnt from, with what it predicted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Residual {
    /// The user's number in the data set.
    pub user: u32,
    /// The item's number in the data set.
    pub item: u32,
    /// The rating.
    pub rating: f32,
    /// The prediction in rating units, not clipped.
    pub prediction: f32,
}

/// Those of a search that is over, with the engine in the state that counts. Of a chain, by the mean of its draws.
pub(super) fn residuals(
    engine: &mut dyn Engine,
    problem: &Problem,
    (offset, means): (f32, Option<Vec<f64>>),
    scale: Scale,
) -> Result<Vec<Residual>> {
    let Ratings { users, items, values } = problem.set(Set::HeldOut);
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let predictions = if let Some(means) = means {
        means
    } else {
        let predictions = engine.predictions(Set::HeldOut)?;
        predictions.into_iter().map(|prediction| f64::from(prediction - offset)).collect()
    };
    let back = |standard: f64| (scale.mean + scale.deviation * standard) as f32;
    let numbers = problem.staged.position.as_ref().map(|position| inverse(position));
    let of = |place: usize| Residual {
        user: numbers.users[users[place] as usize],
        item: numbers.items[items[place] as usize],
        rating: back(values[place].into()),
        prediction: back(predictions[place]),
    };
    Ok((0..values.len()).step_by(values.len().div_ceil(MOST)).map(of).collect())
}
