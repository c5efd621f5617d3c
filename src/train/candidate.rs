//! Settings with the open ones decided.

use super::choices::{Choice, Start};
use super::settings::Settings;
use serde::{Deserialize, Serialize};

/// Settings of which nothing that a row update depends on is open: what races, is reported, is trained and saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate(Settings);

impl Candidate {
    /// Lays what a candidate would decide over settings: what these fix stays as it is.
    pub(super) fn over(settings: &Settings, start: Option<Start>, regularization: f32, views: f32) -> Self {
        Self(Settings {
            start: start.map(|start| settings.start.unwrap_or(start)),
            regularization: Choice::Fixed(settings.regularization.unwrap_or(regularization)),
            views: Choice::Fixed(settings.views.unwrap_or(views)),
            ..settings.clone()
        })
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.0
    }

    /// Where factors start; near zero for an algorithm to which that does not matter.
    pub fn start(&self) -> Start {
        self.0.start.unwrap_or(Start::Centred)
    }

    /// The regularization.
    pub fn regularization(&self) -> f32 {
        self.0.regularization.unwrap_or(0.0)
    }

    /// The weight of a cell of who rated what.
    pub fn views(&self) -> f32 {
        self.0.views.unwrap_or(0.0)
    }
}
