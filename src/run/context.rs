//! What a run needs apart from its settings and its directory.

use super::record::About;
use crate::comm::Comm;
use crate::stop::Stop;
use crate::train::engine::Device;
use std::sync::Arc;

/// The surroundings of a run, and the token that stops it.
pub struct Context<'a> {
    /// Facts for the record of the run.
    pub about: &'a About,
    /// The device that trains and makes lists.
    pub device: &'a mut Device,
    /// When this is raised, the run saves what is needed to resume, and ends.
    pub stop: &'a Stop,
    /// The other processes that train with this one, which is rank 0; they [`follow`](super::follow()).
    pub world: Option<Arc<dyn Comm>>,
}
