//! How good a model is on ratings it has not seen.

mod rmse;

pub use rmse::{Accuracy, accuracy};
