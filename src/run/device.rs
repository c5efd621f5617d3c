//! Which device trains: the one place that opens an engine.

use crate::gpu::{self, DeviceChoice};
use crate::train::OpenEngine;
use crate::train::engine::cpu::CpuEngine;
use crate::{Error, Result};

/// A line that says which device trains and why, and what makes engines on it.
///
/// # Errors
/// [`Error::NoDevice`] if a device was asked for that is not there.
pub fn opener(choice: &DeviceChoice) -> Result<(String, Box<OpenEngine<'static>>)> {
    let why = match choice {
        DeviceChoice::Cpu => "as asked",
        DeviceChoice::Auto => match gpu::adapters() {
            Err(_) => "this build has no GPU support",
            Ok(found) if !found.iter().any(gpu::AdapterDescription::taken_by_auto) => {
                "no GPU found; software Vulkan is used only when asked for"
            }
            Ok(_) => "this version does not train on GPUs",
        },
        DeviceChoice::Gpu | DeviceChoice::GpuNumber(_) | DeviceChoice::Name(_) => {
            let found = gpu::adapters()?;
            choice.select(&found)?;
            let why = format!("device `{choice}`: this version does not train on GPUs; use --device cpu");
            return Err(Error::NoDevice(why));
        }
    };
    let threads = rayon::current_num_threads();
    let plural = if threads == 1 { "" } else { "s" };
    let line = format!("cpu, {threads} thread{plural} ({why})");
    Ok((line, Box::new(|problem, state| Ok(Box::new(CpuEngine::new(problem, state))))))
}
