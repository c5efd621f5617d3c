//! A trained model: factors, ids, and what its outputs need; saved and loaded as safetensors.

mod axes;
mod check;
mod choose;
mod ends;
mod factors;
mod fold_in;
mod load;
mod new_rows;
mod rated;
mod save;

pub use axes::PrincipalAxis;
pub use choose::Chosen;
pub use ends::AxisEnds;
pub use factors::{DrawSide, Factors, Model};
pub use fold_in::{Belief, FoldIn};
pub(crate) use load::model_file;
pub use new_rows::{NewDraw, NewRows};
pub use rated::Rated;

/// The name of the model in a run directory.
pub const FILE_NAME: &str = "model.safetensors";

/// The version of the file format that is written, and the only one that is read.
const FORMAT_VERSION: &str = "1";

/// The value of the metadata key `format`.
const FORMAT: &str = "mfgpu";
