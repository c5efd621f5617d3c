//! The GPU that tests run on, software Vulkan included.

use mfgpu::gpu::{Adapter, Gpu, GpuOptions};
use std::{env, sync::OnceLock};

/// Opens the best adapter with these options; each test opens its own device.
pub(crate) fn open(options: &GpuOptions) -> mfgpu::Result<Gpu> {
    Gpu::open(&adapters()[0], options)
}

pub(crate) fn is_there() -> bool {
    !adapters().is_empty()
}

/// Whether `MFGPU_REQUIRE_GPU=1` says that one must be there.
pub(crate) fn is_required() -> bool {
    env::var_os("MFGPU_REQUIRE_GPU").is_some_and(|value| value == "1")
}

fn adapters() -> &'static [Adapter] {
    static ADAPTERS: OnceLock<Vec<Adapter>> = OnceLock::new();
    ADAPTERS.get_or_init(Adapter::list)
}
