//! Which device works: the one place that opens an engine.

use super::config::{Config, Fallback};
use super::plan::{OnDevice, Plan};
use crate::Result;
use crate::gpu::{self, Budget, DeviceChoice, Gpu, GpuOptions};
use crate::train::OpenEngine;
use crate::train::engine::cpu::CpuEngine;

/// What makes engines, for all of a run.
type Opener = Box<OpenEngine<'static>>;

/// A line that says which device trains and why, and what makes engines on it, in so much of its memory if it is a GPU.
///
/// # Errors
/// [`Error::NoDevice`](crate::Error::NoDevice) if a device was asked for that is not there,
/// [`Error::Device`](crate::Error::Device) if it was asked for and does not open.
pub fn opener(choice: &DeviceChoice, vram: Option<Budget>) -> Result<(String, Opener)> {
    let options = GpuOptions::within(vram);
    let why = match choice {
        DeviceChoice::Cpu => "as asked".to_owned(),
        DeviceChoice::Auto => match gpu::adapters() {
            Err(_) => "this build has no GPU support".to_owned(),
            Ok(found) if !found.iter().any(gpu::AdapterDescription::taken_by_auto) => {
                "no GPU found; software Vulkan is used only when asked for".to_owned()
            }
            Ok(_) => match gpu::open(choice, &options) {
                Ok(Some(gpu)) => return Ok(on_gpu(gpu, "the best that was found")),
                Ok(None) => "no GPU found".to_owned(),
                Err(error) => format!("the GPU does not open: {error}"),
            },
        },
        DeviceChoice::Gpu | DeviceChoice::GpuNumber(_) | DeviceChoice::Name(_) => {
            if let Some(gpu) = gpu::open(choice, &options)? {
                return Ok(on_gpu(gpu, "as asked"));
            }
            "no GPU found".to_owned()
        }
    };
    let threads = rayon::current_num_threads();
    let plural = if threads == 1 { "" } else { "s" };
    let line = format!("cpu, {threads} thread{plural} ({why})");
    Ok((line, on_cpu()))
}

/// What a run of this size takes on the GPU that would train it; none if the CPU does.
///
/// # Errors
/// As [`opener`].
pub fn on_device(config: &Config, plan: &Plan) -> Result<Option<OnDevice>> {
    let open = || gpu::open(&config.device, &GpuOptions::within(config.vram));
    let gpu = if config.device == DeviceChoice::Auto { open().unwrap_or_default() } else { open()? };
    Ok(gpu.map(|gpu| memory_of(&gpu, config, plan)))
}

/// Multiplications from which on lists are worth opening a GPU for: about a second of work for a few cores.
const WORTH_OPENING: u64 = 1 << 34;

/// The GPU that makes lists which take about so many multiplications; none if the CPU does. With `auto` that is the best real one, if it opens, where
/// there is enough to do.
///
/// # Errors
/// [`Error::NoDevice`](crate::Error::NoDevice) if a device was asked for that is not there,
/// [`Error::Device`](crate::Error::Device) if it was asked for and does not open.
pub fn gpu_for_lists(choice: &DeviceChoice, multiplications: u64) -> Result<Option<Gpu>> {
    let open = || gpu::open(choice, &GpuOptions::default());
    match choice {
        DeviceChoice::Auto if multiplications < WORTH_OPENING => Ok(None),
        DeviceChoice::Auto => Ok(open().unwrap_or_default()),
        _ => open(),
    }
}

/// What makes engines, and what does when the device fails.
pub(super) struct Engines<'a, 'b> {
    open: &'a mut OpenEngine<'b>,
    fallback: Opener,
}

impl<'a, 'b> Engines<'a, 'b> {
    pub(super) fn new(open: &'a mut OpenEngine<'b>) -> Self {
        Self { open, fallback: on_cpu() }
    }

    /// Both, the second if the settings ask for it.
    pub(super) fn of(&mut self, config: &Config) -> (&mut OpenEngine<'b>, Option<&mut OpenEngine<'b>>) {
        let fallback: &mut OpenEngine = &mut *self.fallback;
        (&mut *self.open, (config.fallback == Fallback::Cpu).then_some(fallback))
    }
}

fn on_cpu() -> Opener {
    Box::new(|problem, state| Ok(Box::new(CpuEngine::new(problem, state))))
}

#[cfg(feature = "gpu")]
fn memory_of(gpu: &Gpu, config: &Config, plan: &Plan) -> OnDevice {
    use crate::train::Algorithm;
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
            stages: (training.algorithm == Algorithm::Sgd).then_some(training.stages),
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

#[cfg(feature = "gpu")]
fn on_gpu(gpu: Gpu, why: &str) -> (String, Opener) {
    use crate::train::engine::gpu::GpuEngine;
    let line = format!("{}; {why}", gpu.description());
    let mut gpu = gpu;
    let open: Opener = Box::new(move |problem, state| {
        if gpu.check().is_err() {
            // It failed while it worked; of those that are there now, the same one.
            gpu = gpu.again()?;
        }
        GpuEngine::new(gpu.clone(), problem, state).map(|engine| Box::new(engine) as _)
    });
    (line, open)
}

#[cfg(not(feature = "gpu"))]
fn on_gpu(gpu: Gpu, _why: &str) -> (String, Opener) {
    gpu.absurd()
}
