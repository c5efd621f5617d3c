//! The engines that tests of updates by normal equations run on.

use super::case::Case;
use crate::learning::cpu;
use mfgpu::Result;
use mfgpu::train::engine::Engine;
use mfgpu::train::{Problem, State};
use std::sync::Arc;

#[cfg(feature = "gpu")]
use {super::device, mfgpu::gpu::Checks, mfgpu::gpu::GpuOptions, mfgpu::train::engine::gpu::GpuEngine};

/// Opens an engine.
pub(crate) type Open = fn(Arc<Problem>, &State) -> Result<Box<dyn Engine>>;

/// Checks an engine.
pub(crate) type Check = fn(Open) -> Result<(), String>;

#[cfg(feature = "gpu")]
fn on_gpu(problem: Arc<Problem>, state: &State, options: &GpuOptions) -> Result<Box<dyn Engine>> {
    Ok(Box::new(GpuEngine::new(device::shared(options)?, problem, state)?))
}

#[cfg(feature = "gpu")]
fn trusted(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
    on_gpu(problem, state, &GpuOptions::default())
}

#[cfg(feature = "gpu")]
fn checked(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
    on_gpu(problem, state, &GpuOptions { checks: Checks::On, poison: true, ..GpuOptions::default() })
}

/// A test on some of the engines `cpu`, `trusted` and `checked`.
pub(crate) fn on_engines(name: &str, check: Check, engines: &[&str]) -> Vec<Case> {
    let mut cases = Vec::new();
    if engines.contains(&"cpu") {
        cases.push(Case::new(format!("cpu::{name}"), move || check(cpu)));
    }
    #[cfg(feature = "gpu")]
    for (engine, open) in [("trusted", trusted as Open), ("checked", checked)] {
        if engines.contains(&engine) {
            cases.push(Case::on_a_gpu(format!("gpu::{engine}::{name}"), move || check(open)));
        }
    }
    cases
}
