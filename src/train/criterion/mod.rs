//! What training decides by: how good a state is on ratings it was not trained on. A criterion has a name, a direction, and
//! a way to be measured.

mod kind;
mod measure;
mod measured;
mod rmse;
mod score;

pub use kind::{Criterion, Direction};
pub(super) use measured::Measured;
pub use score::Score;
