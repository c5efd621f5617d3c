//! What a training run takes, and what it gives.

use super::curve::Curve;
use super::engine::Engine;
use super::problem::Problem;
use super::residuals::Residual;
use super::settings::Settings;
use super::state::State;
use super::warm::WarmStart;
use crate::Result;
use crate::math::packed;
use crate::model::Factors;
use crate::ratings::{Ratings, Scale, Sides};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Ratings to stop by.
#[derive(Debug, Clone, Copy)]
pub enum HeldOut<'a> {
    /// A random slice, as large as the settings say.
    Random,
    /// Those that are marked, a mark a rating.
    Marked(&'a [bool]),
    /// Others, in the same numbers, which no model is trained on.
    Apart(&'a Ratings),
}

/// What a run trains on.
#[derive(Debug, Clone, Copy)]
pub struct Training<'a> {
    /// The ratings, of which there is at least one, finite.
    pub ratings: &'a Ratings,
    /// Those to stop by.
    pub held_out: HeldOut<'a>,
    /// Those to measure by after each epoch, in the same numbers; nothing is decided by them.
    pub test: Option<&'a Ratings>,
    /// A model to begin from, in the same numbers.
    pub warm: Option<&'a WarmStart>,
    /// How many users and how many items there are.
    pub size: Sides<usize>,
}

/// What a run gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// The factors: one set, or the draws that are kept.
    pub draws: Vec<Factors>,
    /// The settings with everything decided that was left open.
    pub settings: Settings,
    /// The epochs with ratings held out.
    pub search: Curve,
    /// The epochs on all ratings, if there was a refit.
    pub refit: Option<Curve>,
    /// What the search predicted for the ratings it held out, at most 200,000 of them.
    #[serde(with = "packed")]
    pub residuals: Vec<Residual>,
    /// What the ratings are like.
    pub scale: Scale,
}

/// Makes an engine for a problem, to start from a state.
pub type OpenEngine<'a> = dyn FnMut(Arc<Problem>, &State) -> Result<Box<dyn Engine>> + 'a;
