//! The GPU that tests run on, software Vulkan included.

use mfgpu::gpu::{Adapter, Gpu, GpuOptions};
use std::env;
use std::sync::{Mutex, OnceLock};

/// Opens the best adapter with these options.
pub(crate) fn open(options: &GpuOptions) -> mfgpu::Result<Gpu> {
    Gpu::open(&adapters()[0], options)
}

/// A device with these options that tests may share: opening one takes longer than a small problem.
pub(crate) fn shared(options: &GpuOptions) -> mfgpu::Result<Gpu> {
    static OPENED: Mutex<Vec<Gpu>> = Mutex::new(Vec::new());
    let mut opened = OPENED.lock().expect("no test panics while it opens a device");
    if let Some(gpu) = opened.iter().find(|gpu| gpu.options() == options) {
        return Ok(gpu.clone());
    }
    let gpu = open(options)?;
    opened.push(gpu.clone());
    Ok(gpu)
}

pub(crate) fn is_there() -> bool {
    !adapters().is_empty()
}

/// Whether `MFGPU_REQUIRE_GPU=1` requires a device.
pub(crate) fn is_required() -> bool {
    env::var_os("MFGPU_REQUIRE_GPU").is_some_and(|value| value == "1")
}

fn adapters() -> &'static [Adapter] {
    static ADAPTERS: OnceLock<Vec<Adapter>> = OnceLock::new();
    ADAPTERS.get_or_init(Adapter::list)
}
