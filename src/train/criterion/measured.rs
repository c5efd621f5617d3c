//! What a criterion is measured of.

use crate::train::engine::Engine;

/// What is measured.
pub(in crate::train) enum Measured<'a> {
    /// The state of an engine, where training sees the mean at this offset.
    State(&'a mut dyn Engine, f32),
    /// Predictions for the ratings of the set, in standard units.
    Predictions(Vec<f64>),
}
