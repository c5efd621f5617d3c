//! A trained model: factors, ids, and the ratings it was trained on; saved and loaded as safetensors.

mod about;
mod axes;
mod check;
mod choose;
mod ends;
mod factors;
mod fold_in;
mod format;
mod listed;
mod load;
mod new_rows;
mod rated;
mod reach;
mod save;
mod titles;

pub use about::{About, TrainingMetrics};
pub use axes::PrincipalAxis;
pub use choose::Chosen;
pub use ends::AxisEnds;
pub use factors::{DrawSide, Factors, Model};
pub use fold_in::{Belief, FoldIn};
pub use format::{FILE_NAME, LISTS_FILE_NAME};
pub use listed::{least_ratings, listed, listed_by_default, rated_by, trained};
pub use load::lists_file;
pub(crate) use load::model_file;
pub use new_rows::{NewDraw, NewRows};
pub use rated::Rated;
pub use titles::{Found, MatchedBy};
