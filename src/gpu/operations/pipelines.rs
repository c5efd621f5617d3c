//! Compiled kernels for callers that bind and run them themselves: gradient steps, normal equations, steps
//! of conjugate gradients, implicit features.

use crate::gpu::kernels::row_sgd::{Form, HALVES, OCTETS, QUADS, SINGLE, TEXTURE};
use crate::gpu::kernels::{self, descend, implicit, normal, row_copy, row_sgd, short, turn};
use crate::gpu::{Gpu, Kernel, Pipeline};
use crate::{Error, Result};

impl row_sgd::Shape {
    /// Compiles the kernel for this shape.
    ///
    /// # Errors
    /// [`Error::Device`] when the driver refuses it.
    pub fn pipeline(&self, gpu: &Gpu) -> Result<Pipeline> {
        let kernel = match self.form {
            Form::Subgroup if !gpu.subgroups() => {
                return Err(Error::Device(format!("{}: no subgroup operations", gpu.description().name)));
            }
            Form::Subgroup if self.width == 1 => &QUADS,
            Form::Subgroup => &OCTETS,
            Form::Texture => &TEXTURE,
            Form::Single => &SINGLE,
        };
        kernels::pipeline(gpu, kernel, &self.constants())
    }

    /// Compiles [`HALVES`] for this shape.
    ///
    /// # Errors
    /// [`Error::Device`] when the driver refuses it.
    pub fn halves_pipeline(&self, gpu: &Gpu) -> Result<Pipeline> {
        kernels::pipeline(gpu, &HALVES, &self.halves_constants())
    }
}

impl normal::Shape {
    /// Compiles a kernel of normal equations for this shape.
    ///
    /// # Errors
    /// [`Error::Device`] when the driver refuses it or the device is too small for it.
    pub fn pipeline(&self, gpu: &Gpu, kernel: &'static Kernel) -> Result<Pipeline> {
        suffices(gpu, kernel, self.workgroup, self.factors)?;
        kernels::pipeline(gpu, kernel, &self.constants())
    }
}

impl descend::Shape {
    /// Compiles the kernel for this shape.
    ///
    /// # Errors
    /// [`Error::Device`] when the driver refuses it or the device is too small for it.
    pub fn pipeline(&self, gpu: &Gpu) -> Result<Pipeline> {
        suffices(gpu, &descend::DESCEND, self.workgroup(), self.factors())?;
        kernels::pipeline(gpu, &descend::DESCEND, &self.constants())
    }
}

impl short::Team {
    /// Compiles the kernel for this team and rows of `factors` numbers that lie `stride` numbers apart.
    ///
    /// # Errors
    /// [`Error::Device`] when the driver refuses it or the device is too small for it.
    pub fn pipeline(
        &self,
        gpu: &Gpu,
        (factors, stride): (usize, usize),
        is_turned: bool,
    ) -> Result<Pipeline> {
        suffices(gpu, &short::SHORT, self.workgroup(), factors)?;
        kernels::pipeline(gpu, &short::SHORT, &self.constants(factors, stride, is_turned))
    }
}

/// Compiles the kernel that turns rows of `factors` numbers that lie `stride` numbers apart.
///
/// # Errors
/// [`Error::Device`] when the driver refuses it.
pub fn turn_pipeline(gpu: &Gpu, factors: usize, stride: usize, back: bool) -> Result<Pipeline> {
    kernels::pipeline(gpu, &turn::TURN, &turn::constants(factors, stride, back))
}

/// Compiles the kernel that packs some rows that lie `stride` numbers apart, or puts them back.
///
/// # Errors
/// [`Error::Device`] when the driver refuses it.
pub fn row_copy_pipeline(gpu: &Gpu, stride: usize, back: bool) -> Result<Pipeline> {
    kernels::pipeline(gpu, &row_copy::ROW_COPY, &row_copy::constants(stride, back))
}

/// Checks that a device has the invocations and buffers for a kernel of normal equations.
fn suffices(gpu: &Gpu, kernel: &Kernel, workgroup: usize, factors: usize) -> Result<()> {
    let limits = gpu.limits();
    let most = limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x);
    let buffers = kernel.bindings.len() as u32 - 1;
    if workgroup > most as usize || buffers > limits.max_storage_buffers_per_shader_stage {
        return Err(Error::Device(format!(
            "{}: too small for normal equations of {factors} factors ({workgroup} invocations and {buffers} \
             buffers needed); use `training.algorithm = sgd` or `device = cpu`",
            gpu.description().name,
        )));
    }
    Ok(())
}

/// Compiles the kernel of implicit features for rows of `factors` numbers that lie `stride` numbers apart.
///
/// # Errors
/// [`Error::Device`] when the driver refuses it.
pub fn implicit_pipeline(gpu: &Gpu, factors: usize, stride: usize) -> Result<Pipeline> {
    kernels::pipeline(gpu, &implicit::IMPLICIT, &implicit::constants(factors, stride))
}
