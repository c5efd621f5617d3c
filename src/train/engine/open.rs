//! A device, opened once: it trains, folds in and makes lists. The one place that chooses an engine.

use super::Engine;
use super::cpu::CpuEngine;
use crate::Result;
use crate::gpu::{self, AdapterDescription, Budget, DeviceChoice, Gpu, GpuOptions};
use crate::train::problem::Problem;
use crate::train::state::State;
use std::sync::Arc;

/// Multiplications from which on lists are worth a GPU: about a second of work for a few cores.
const WORTH_A_GPU: u64 = 1 << 34;

/// What was chosen to work on: the CPU, or a GPU that stays open.
#[derive(Debug)]
pub struct Device {
    choice: DeviceChoice,
    gpu: Option<Gpu>,
    description: String,
}

impl Device {
    /// Chooses and opens a device. `vram` caps the memory of a GPU, for all that is done on it.
    ///
    /// # Errors
    /// [`Error::NoDevice`](crate::Error::NoDevice) if a device was asked for that is not there,
    /// [`Error::Device`](crate::Error::Device) if it was asked for and does not open.
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
            DeviceChoice::Gpu | DeviceChoice::GpuNumber(_) | DeviceChoice::Name(_) => {
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

    /// Which device it is and why, in a line.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The GPU as it was opened, if it is one.
    pub fn opened(&self) -> Option<&Gpu> {
        self.gpu.as_ref()
    }

    /// The GPU, if it is one. One that was lost is opened again: of those that are there now, the same one.
    ///
    /// # Errors
    /// [`Error::Device`](crate::Error::Device) if it is not there any more, or does not open.
    pub fn gpu(&mut self) -> Result<Option<&Gpu>> {
        if let Some(gpu) = &mut self.gpu {
            revive(gpu)?;
        }
        Ok(self.gpu.as_ref())
    }

    /// Makes an engine for a problem, to start from a state.
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

    /// The GPU for lists that take about so many multiplications; `None` if the CPU makes them. A GPU that
    /// `auto` chose makes them where there is enough to do.
    ///
    /// # Errors
    /// As [`gpu`](Self::gpu), if a GPU was asked for.
    pub fn for_lists(&mut self, multiplications: u64) -> Result<Option<&Gpu>> {
        match self.choice {
            DeviceChoice::Auto if multiplications < WORTH_A_GPU => Ok(None),
            DeviceChoice::Auto => Ok(self.gpu().unwrap_or_default()),
            _ => self.gpu(),
        }
    }

    /// As [`open`](Self::open), for lists alone that take about so many multiplications: where `auto` leaves
    /// them to the CPU, no GPU is opened.
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
