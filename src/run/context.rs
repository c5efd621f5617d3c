//! What a run has around it, beside its settings and its directory.

use super::record::About;
use crate::stop::Stop;
use crate::train::engine::Device;

/// What a run works with, and what ends it from outside.
pub struct Context<'a> {
    /// What is told of the run.
    pub about: &'a About,
    /// What trains and makes lists.
    pub device: &'a mut Device,
    /// When it is raised the run ends, after what is needed to resume was saved.
    pub stop: &'a Stop,
}
