//! A trained model: factors, ids, and what its outputs need; saved and loaded as safetensors.

mod factors;

pub use factors::{Factors, Model};
