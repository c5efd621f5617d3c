//! The predictions of the search for its held-out ratings. They show the quality of the model if no test set
//! was held out.

use crate::Result;
use crate::ratings::{Ratings, Scale};
use crate::train::engine::Engine;
use crate::train::problem::{Problem, Set};
use crate::train::state::inverse;
use bytemuck::{Pod, Zeroable};

/// The largest number of residuals that are kept, evenly spaced over all.
const MOST: usize = 200_000;

/// A rating that the model of the search was not trained on, with its prediction.
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

/// The residuals of a search that has ended. The engine holds the state that counts; for a chain, `means` are
/// the mean predictions of its draws.
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
