//! Shader modules, with run-time checks or trusted. This file, and that of MPI, are the only ones of the crate with unsafe code.

use super::{Checks, device::Inner};
use wgpu::{ShaderModule, ShaderModuleDescriptor, ShaderRuntimeChecks, ShaderSource};

/// Creates a module from WGSL. Errors in the source go to the caller's error scope.
///
/// SAFETY. `create_shader_module_trusted` leaves out bounds checks and loop bounds, so a kernel that indexes
/// outside a binding would be undefined behaviour. It is called only for the kernels of `kernels::ALL`
/// (`kernels::pipeline` checks this), whose sources are part of the binary. Each kernel compares its
/// invocation's index with a count it is given, and the host validates every index in uploaded ratings
/// against the row counts it binds. The tests run all kernels in both modes, and naga validates every
/// permutation.
#[expect(unsafe_code, reason = "trusted modules are an unsafe call; see SAFETY above")]
pub(super) fn shader_module(gpu: &Inner, label: &str, source: &str, checks: Checks) -> ShaderModule {
    let descriptor = ShaderModuleDescriptor { label: Some(label), source: ShaderSource::Wgsl(source.into()) };
    match checks {
        Checks::On => gpu.device.create_shader_module(descriptor),
        Checks::Off => unsafe {
            gpu.device.create_shader_module_trusted(descriptor, ShaderRuntimeChecks::unchecked())
        },
    }
}
