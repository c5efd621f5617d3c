//! Trials that need a GPU, software Vulkan included: without one they show as ignored, unless
//! `MFGPU_REQUIRE_GPU=1` says that one must be there. For test files with `harness = false`:
//! `#[path = "support/gpu.rs"] mod support;`.

use libtest_mimic::{Failed, Trial};
use mfgpu::gpu::{Adapter, Gpu, GpuOptions};
use std::{env, sync::OnceLock};

/// Opens the best adapter with these options; each trial opens its own device.
pub(crate) fn open(options: &GpuOptions) -> mfgpu::Result<Gpu> {
    Gpu::open(&adapters()[0], options)
}

/// Makes a trial of a function that opens its GPU with [`open`]; what it panics with is its failure.
pub(crate) fn trial(name: &str, test: impl FnOnce() -> mfgpu::Result<()> + Send + 'static) -> Trial {
    let required = env::var_os("MFGPU_REQUIRE_GPU").is_some_and(|value| value == "1");
    let run = move || {
        if adapters().is_empty() {
            return Err(Failed::from("no GPU, not even software Vulkan, and MFGPU_REQUIRE_GPU is set"));
        }
        test().map_err(Failed::from)
    };
    let trial = Trial::test(name, run);
    if adapters().is_empty() && !required { trial.with_kind("no GPU").with_ignored_flag(true) } else { trial }
}

fn adapters() -> &'static [Adapter] {
    static ADAPTERS: OnceLock<Vec<Adapter>> = OnceLock::new();
    ADAPTERS.get_or_init(Adapter::list)
}
