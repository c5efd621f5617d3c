//! A device that is opened once and then trains, folds in and computes lists. The one place that chooses an
//! engine.

use super::Engine;
use super::cpu::CpuEngine;
use crate::Result;
use crate::gpu::{self, AdapterDescription, Budget, DeviceChoice, Gpu, GpuOptions};
use crate::train::problem::Problem;
use crate::train::state::State;
use std::sync::Arc;

/// The number of multiplications from which lists are worth a GPU: about a second of work for a few cores.
const WORTH_A_GPU: u64 = 1 << 34;

/// The chosen device: the CPU, or a GPU that stays open.
#[derive(Debug)]
pub struct Device {
    choice: DeviceChoice,
    gpu: Option<Gpu>,
    description: String,
}

impl Device {
    /// Chooses and opens a device. `vram` limits the memory of a GPU for all its work.
    ///
    /// # Errors
    /// [`Error::NoDevice`](crate::Error::NoDevice) if the requested device does not exist,
    /// [`Error::Device`](crate::Error::Device) if it exists and cannot be opened.
    pub fn open(choice: &DeviceChoice, vram: Option<Budget>) -> Result<Self> {
        let options = GpuOptions::within(vram);
        let why = match choice {
            DeviceChoice::Cpu => "as asked".to_owned(),
            DeviceChoice::Auto => match gpu::adapters() {
                Err(_) => "this build has no GPU support".to_owned(),
                Ok(found) if !found.iter().any(AdapterDescription::taken_by_auto) => {
                    "no GPU found; software Vulkan is used only when asked for".to_owned()
                }
                Ok(_) => match gpu::open(choice, &options) {
                    Ok(Some(gpu)) => return Ok(Self::on_gpu(choice, gpu, "the best that was found")),
                    Ok(None) => "no GPU found".to_owned(),
                    Err(error) => format!("the GPU does not open: {error}"),
                },
            },
            DeviceChoice::Gpu
            | DeviceChoice::AllGpus
            | DeviceChoice::GpuNumber(_)
            | DeviceChoice::Name(_) => {
                if let Some(gpu) = gpu::open(choice, &options)? {
                    return Ok(Self::on_gpu(choice, gpu, "as asked"));
                }
                "no GPU found".to_owned()
            }
        };
        let threads = rayon::current_num_threads();
        let plural = if threads == 1 { "" } else { "s" };
        let description = format!("cpu, {threads} thread{plural} ({why})");
        Ok(Self { choice: choice.clone(), gpu: None, description })
    }

    fn on_gpu(choice: &DeviceChoice, gpu: Gpu, why: &str) -> Self {
        let description = format!("{}; {why}", gpu.description());
        Self { choice: choice.clone(), gpu: Some(gpu), description }
    }

    /// One line that says which device was chosen and why.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The GPU as it was opened, if one was chosen.
    pub fn opened(&self) -> Option<&Gpu> {
        self.gpu.as_ref()
    }

    /// The GPU, if one was chosen. If it was lost, it is opened again, as the same one among the GPUs that
    /// exist now.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if it no longer exists or cannot be opened.
    pub fn gpu(&mut self) -> Result<Option<&Gpu>> {
        if let Some(gpu) = &mut self.gpu {
            revive(gpu)?;
        }
        Ok(self.gpu.as_ref())
    }

    /// Opens an engine for a problem, starting from a state.
    ///
    /// # Errors
    /// Those of the GPU: [`Error::TooLarge`](crate::Error::TooLarge) if the factors do not fit,
    /// [`Error::Device`](crate::Error::Device) if it fails.
    pub fn engine(&mut self, problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
        match self.gpu()? {
            Some(gpu) => engine_on(gpu, problem, state),
            None => Ok(Box::new(CpuEngine::new(problem, state))),
        }
    }

    /// The GPU for lists that take about this many multiplications; `None` if the CPU computes them. A GPU
    /// that `auto` chose is used only for enough work.
    ///
    /// # Errors
    /// As [`gpu`](Self::gpu), if a GPU was requested.
    pub fn for_lists(&mut self, multiplications: u64) -> Result<Option<&Gpu>> {
        match self.choice {
            DeviceChoice::Auto if multiplications < WORTH_A_GPU => Ok(None),
            DeviceChoice::Auto => Ok(self.gpu().unwrap_or_default()),
            _ => self.gpu(),
        }
    }

    /// As [`open`](Self::open), for a device that only computes lists of about this many multiplications. If
    /// `auto` would leave them to the CPU, no GPU is opened.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_for_lists(choice: &DeviceChoice, multiplications: u64) -> Result<Self> {
        let little = *choice == DeviceChoice::Auto && multiplications < WORTH_A_GPU;
        Self::open(if little { &DeviceChoice::Cpu } else { choice }, None)
    }
}

#[cfg(feature = "gpu")]
fn revive(gpu: &mut Gpu) -> Result<()> {
    if gpu.check().is_err() {
        *gpu = gpu.again()?;
    }
    Ok(())
}

#[cfg(not(feature = "gpu"))]
fn revive(gpu: &mut Gpu) -> Result<()> {
    gpu.clone().absurd()
}

#[cfg(feature = "gpu")]
fn engine_on(gpu: &Gpu, problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
    super::gpu::GpuEngine::new(gpu.clone(), problem, state).map(|engine| Box::new(engine) as _)
}

#[cfg(not(feature = "gpu"))]
fn engine_on(gpu: &Gpu, _problem: Arc<Problem>, _state: &State) -> Result<Box<dyn Engine>> {
    gpu.clone().absurd()
}
