//! Opens the device that was chosen.

use super::{Adapter, DeviceChoice, Gpu, GpuOptions};
use crate::Result;

/// Opens the chosen device; `None` is the CPU.
///
/// # Errors
/// [`crate::Error::NoDevice`] when the chosen device is missing, [`crate::Error::Device`] when it does not
/// open.
pub fn open(choice: &DeviceChoice, options: &GpuOptions) -> Result<Option<Gpu>> {
    if *choice == DeviceChoice::Cpu {
        return Ok(None);
    }
    let found = Adapter::list_within(options.memory_percent);
    let descriptions: Vec<_> = found.iter().map(|adapter| adapter.description().clone()).collect();
    choice.select(&descriptions)?.map(|number| Gpu::open(&found[number], options)).transpose()
}
