//! Settings in which every open choice is decided.

use super::choices::{Choice, Start};
use super::settings::Settings;
use serde::{Deserialize, Serialize};

/// Settings in which everything that a row update depends on is decided. A candidate can race, be trained, be
/// reported and be saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate(Settings);

impl Candidate {
    /// Fills the open settings with a candidate's values. Settings that are fixed stay as they are.
    pub(super) fn over(settings: &Settings, start: Option<Start>, regularization: f32, views: f32) -> Self {
        Self(Settings {
            start: start.map(|start| settings.start.unwrap_or(start)),
            regularization: Choice::Fixed(settings.regularization.unwrap_or(regularization)),
            views: Choice::Fixed(settings.views.unwrap_or(views)),
            ..settings.clone()
        })
    }

    /// Fills the open settings of list training with a candidate's values: the number of factors, the
    /// regularization, and the weight of a pair without a rating.
    pub(super) fn of_lists(
        settings: &Settings,
        factors: usize,
        regularization: f32,
        unobserved: f32,
    ) -> Self {
        Self(Settings {
            factors: Some(settings.factors.unwrap_or(factors)),
            regularization: Choice::Fixed(settings.regularization.unwrap_or(regularization)),
            views: Choice::Fixed(0.0),
            unobserved_weight: Choice::Fixed(settings.unobserved_weight.unwrap_or(unobserved)),
            ..settings.clone()
        })
    }

    /// The same with another number of factors.
    #[must_use]
    pub(super) fn with_factors(&self, factors: usize) -> Self {
        Self(Settings { factors: Some(factors), ..self.0.clone() })
    }

    /// The same with another regularization.
    #[must_use]
    pub(super) fn with_regularization(&self, regularization: f32) -> Self {
        Self(Settings { regularization: Choice::Fixed(regularization), ..self.0.clone() })
    }

    /// The settings, with nothing left open.
    pub fn settings(&self) -> &Settings {
        &self.0
    }

    /// The start of the factors; near zero for an algorithm that has no choice of a start.
    pub fn start(&self) -> Start {
        self.0.start.unwrap_or(Start::Centred)
    }

    /// The regularization.
    pub fn regularization(&self) -> f32 {
        self.0.regularization.unwrap_or(0.0)
    }

    /// The weight of a pair without a rating.
    pub fn unobserved_weight(&self) -> f32 {
        self.0.unobserved_weight.unwrap_or(0.0)
    }

    /// The weight of the implicit features.
    pub fn views(&self) -> f32 {
        self.0.views.unwrap_or(0.0)
    }
}
