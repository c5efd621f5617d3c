//! The device of a run: how much of its memory training needs, and which engine takes over when it fails.

use super::config::{Config, Fallback};
use super::plan::{OnDevice, Plan};
use super::ranks::Ranks;
use super::report::RanksReport;
use crate::comm::Traffic;
use crate::gpu::Gpu;
use crate::train::OpenEngine;
use crate::train::engine::Device;
use crate::train::engine::cpu::CpuEngine;

/// Estimates the GPU memory of a run of this size; `None` if the CPU trains.
pub fn on_device(device: &Device, config: &Config, plan: &Plan) -> Option<OnDevice> {
    device.opened().map(|gpu| memory_of(gpu, config, plan))
}

/// Opens engines on the device and, as the fallback, on the CPU.
pub(super) struct Engines<'a, 'b> {
    open: &'a mut OpenEngine<'b>,
    fallback: Box<OpenEngine<'static>>,
    /// The ranks, and what the first of them has gathered.
    pub(super) ranks: Ranks,
    pub(super) traffic: Option<RanksReport>,
}

impl<'a, 'b> Engines<'a, 'b> {
    pub(super) fn new(open: &'a mut OpenEngine<'b>, ranks: Ranks) -> Self {
        let fallback = Box::new(|problem, state: &_| Ok(Box::new(CpuEngine::new(problem, state)) as _));
        Self { open, fallback, ranks, traffic: None }
    }

    /// Counts what the first of some ranks has gathered.
    pub(super) fn count(&mut self, count: usize, traffic: Traffic) {
        let sum = self.traffic.get_or_insert_default();
        sum.count = count;
        sum.traffic.add(&traffic);
    }

    /// Both openers; the second is `None` unless the settings ask for the fallback.
    pub(super) fn of(&mut self, config: &Config) -> (&mut OpenEngine<'b>, Option<&mut OpenEngine<'b>>) {
        let fallback: &mut OpenEngine = &mut *self.fallback;
        (&mut *self.open, (config.fallback == Fallback::Cpu).then_some(fallback))
    }
}

#[cfg(feature = "gpu")]
fn memory_of(gpu: &Gpu, config: &Config, plan: &Plan) -> OnDevice {
    use crate::train::engine::gpu::{DeviceMemory, Sizes};
    let training = &config.training;
    let needed = DeviceMemory::of(
        gpu,
        &Sizes {
            users: plan.users as usize,
            items: plan.items as usize,
            ratings: plan.ratings as usize,
            packed: plan.packed,
            factors: plan.factors as usize,
            stages: training.epoch_stages(),
        },
    );
    let limit = gpu.options().memory_limit;
    OnDevice {
        device: gpu.description().to_string(),
        factor_bytes: needed.factors,
        rating_bytes: needed.ratings,
        limit_bytes: limit,
        streams: limit.is_some_and(|limit| needed.factors + needed.ratings > limit),
        fits: limit.is_none_or(|limit| needed.factors < limit),
    }
}

#[cfg(not(feature = "gpu"))]
fn memory_of(gpu: &Gpu, _config: &Config, _plan: &Plan) -> OnDevice {
    gpu.clone().absurd()
}
