//! The criterion that training decides by: how good a state is on ratings that it was not trained on. A
//! criterion has a name, a direction and a measure.

mod kind;
mod lists;
mod measure;
mod measured;
mod rmse;
mod score;

pub use kind::{Criterion, Direction, ListMetric};
pub(super) use measured::Measured;
pub use score::Score;
