//! Training in tests: on the CPU, with nobody watching.

use mfgpu::Result;
use mfgpu::ratings::Ratings;
use mfgpu::train::engine::{Engine, cpu::CpuEngine};
use mfgpu::train::{Event, Problem, State, Training};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Opens the CPU engine.
#[expect(clippy::unnecessary_wraps, reason = "a way to open an engine, which may fail")]
pub(crate) fn cpu(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
    Ok(Box::new(CpuEngine::new(problem, state)))
}

/// Observes nothing and never stops a run.
pub(crate) fn unwatched(_: &Event) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Training on the ratings of so many users and items: some at random are held out, and nothing else is given.
pub(crate) fn training(ratings: &Ratings, size: (usize, usize)) -> Training<'_> {
    Training::new(ratings, size)
}
