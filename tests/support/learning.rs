//! Training in tests: on the CPU, without an observer.

use mfgpu::Result;
use mfgpu::ratings::Trainable;
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

/// Training data for this many users and items: some ratings are held out at random, and there is neither a
/// test nor a model to start from.
pub(crate) fn training(ratings: &dyn Trainable, size: (usize, usize)) -> Training<'_> {
    Training::new(ratings, size)
}
