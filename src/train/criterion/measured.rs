//! The input of a measurement.

use crate::train::engine::Engine;

/// The predictions to measure.
pub(in crate::train) enum Measured<'a> {
    /// Those of an engine's state, where training places the mean at this offset.
    State(&'a mut dyn Engine, f32),
    /// Given predictions for the ratings of the set, in standard units.
    Predictions(Vec<f64>),
}
