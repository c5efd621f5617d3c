//! Kernels: a name, its WGSL, its bindings; pipelines made of them, and buffers bound to pipelines.

use super::{BufferSlice, Checks, Gpu, kernels, trusted::shader_module};
use crate::{Error, Result};
use std::fmt::Write as _;
use wgpu::{BindingType, BufferBindingType, ShaderStages};

/// What is put in front of every kernel.
const SHARED: &str = include_str!("../../shaders/shared.wgsl");

/// A kernel as it is written down: `shaders/NAME.wgsl` and its host twin `kernels/NAME.rs`.
#[derive(Debug)]
pub struct Kernel {
    /// The name of the shader file and of its entry point.
    pub name: &'static str,
    /// The shader file.
    pub source: &'static str,
    /// The variables of `@group(0)`, by `@binding`.
    pub bindings: &'static [Binding],
    /// The host twins of the structs of the shader, compared by a test.
    pub twins: &'static [Twin],
    /// Sets of constants that stand for all that occur; a test validates each.
    pub permutations: fn() -> Vec<Vec<(&'static str, Constant)>>,
}

/// A variable of `@group(0)`, by its name in the shader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// `var<uniform>`: [`super::Params`].
    Uniform(&'static str),
    /// `var<storage, read>`.
    Read(&'static str),
    /// `var<storage, read_write>`.
    ReadWrite(&'static str),
}

/// A host struct that must lie in memory as the shader's struct of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Twin {
    /// The name of the struct.
    pub name: &'static str,
    /// Its size in bytes.
    pub size: usize,
    /// Its fields with their offsets in bytes.
    pub fields: &'static [(&'static str, usize)],
}

/// Describes a host struct for comparison: `twin!(Params { first, count })`.
macro_rules! twin {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        $crate::gpu::Twin {
            name: stringify!($name),
            size: size_of::<$name>(),
            fields: &[$((stringify!($field), std::mem::offset_of!($name, $field))),+],
        }
    };
}
pub(crate) use twin;

/// A constant put in front of a kernel's source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Constant {
    /// `const NAME: u32`.
    U32(u32),
    /// `const NAME: f32`; finite.
    F32(f32),
    /// `const NAME: bool`.
    Bool(bool),
}

/// A kernel made ready for a device.
#[derive(Debug, Clone)]
pub struct Pipeline {
    gpu: Gpu,
    name: &'static str,
    inner: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
    bindings: &'static [Binding],
}

/// A pipeline and what it works on.
#[derive(Debug, Clone)]
pub struct Bound {
    pub(super) pipeline: wgpu::ComputePipeline,
    pub(super) group: wgpu::BindGroup,
}

impl Kernel {
    /// The whole source: constants, the shared part, the kernel.
    pub fn source(&self, constants: &[(&str, Constant)]) -> String {
        let mut source = String::new();
        // `enable` must stand before everything else.
        let (enables, rest): (Vec<&str>, Vec<&str>) =
            self.source.lines().partition(|line| line.starts_with("enable "));
        for line in enables {
            source += line;
            source.push('\n');
        }
        for (name, constant) in constants {
            // Writing to a string does not fail.
            let _ = match constant {
                Constant::U32(value) => writeln!(source, "const {name}: u32 = {value}u;"),
                Constant::F32(value) => writeln!(source, "const {name}: f32 = {value:?}f;"),
                Constant::Bool(value) => writeln!(source, "const {name}: bool = {value};"),
            };
        }
        source + SHARED + &rest.join("\n")
    }

    /// Compiles the kernel with these constants, checked or trusted as the device was opened; kernels that
    /// are not in [`kernels::ALL`], which the tests walk, are always checked.
    ///
    /// # Errors
    /// [`Error::Device`] with the compiler's words when the source is wrong or the driver refuses it.
    pub fn pipeline(&self, gpu: &Gpu, constants: &[(&str, Constant)]) -> Result<Pipeline> {
        let source = self.source(constants);
        let entries: Vec<_> = (0..).zip(self.bindings).map(|(n, binding)| binding.layout(n)).collect();
        let known = kernels::ALL.iter().any(|known| std::ptr::eq(*known, self));
        let checks = if known { gpu.checks() } else { Checks::On };
        let (inner, layout) = gpu.guarded(&format!("kernel `{}`", self.name), |device| {
            let module = shader_module(device, self.name, &source, checks);
            let device = &device.device;
            let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some(self.name),
                entries: &entries,
            });
            let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(self.name),
                bind_group_layouts: &[Some(&layout)],
                immediate_size: 0,
            });
            let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(self.name),
                layout: Some(&pipeline_layout),
                module: &module,
                entry_point: Some(self.name),
                compilation_options: wgpu::PipelineCompilationOptions {
                    zero_initialize_workgroup_memory: false,
                    ..wgpu::PipelineCompilationOptions::default()
                },
                cache: None,
            });
            (pipeline, layout)
        })?;
        Ok(Pipeline { gpu: gpu.clone(), name: self.name, inner, layout, bindings: self.bindings })
    }
}

impl Binding {
    /// The name of the variable in the shader.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Uniform(name) | Self::Read(name) | Self::ReadWrite(name) => name,
        }
    }

    fn layout(self, binding: u32) -> wgpu::BindGroupLayoutEntry {
        let ty = match self {
            Self::Uniform(_) => BufferBindingType::Uniform,
            Self::Read(_) => BufferBindingType::Storage { read_only: true },
            Self::ReadWrite(_) => BufferBindingType::Storage { read_only: false },
        };
        let ty = BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None };
        wgpu::BindGroupLayoutEntry { binding, visibility: ShaderStages::COMPUTE, ty, count: None }
    }
}

impl Pipeline {
    /// Binds buffers in the order of the kernel's bindings; to be kept and dispatched many times.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when a slice is larger than a binding can be, [`Error::Bug`] when their number
    /// is wrong, [`Error::Device`] when the device refuses.
    pub fn bind(&self, slices: &[BufferSlice<'_>]) -> Result<Bound> {
        if slices.len() != self.bindings.len() {
            return Err(Error::Bug(format!("kernel `{}`: {} bindings", self.name, slices.len())));
        }
        let limit = self.gpu.limits().max_storage_buffer_binding_size;
        if let Some(slice) = slices.iter().find(|slice| slice.size > limit) {
            return Err(Error::TooLarge(format!(
                "kernel `{}`: {} bytes of buffer `{}` needed in one binding, {limit} available on {}",
                self.name,
                slice.size,
                slice.label,
                self.gpu.description().name
            )));
        }
        let entries: Vec<_> = (0..).zip(slices).map(|(n, slice)| slice.entry(n)).collect();
        let descriptor =
            wgpu::BindGroupDescriptor { label: Some(self.name), layout: &self.layout, entries: &entries };
        let group = self.gpu.guarded(&format!("bindings of kernel `{}`", self.name), |gpu| {
            gpu.device.create_bind_group(&descriptor)
        })?;
        Ok(Bound { pipeline: self.inner.clone(), group })
    }
}

impl BufferSlice<'_> {
    fn entry(&self, binding: u32) -> wgpu::BindGroupEntry<'_> {
        let size = wgpu::BufferSize::new(self.size);
        let resource = wgpu::BufferBinding { buffer: self.buffer, offset: self.offset, size };
        wgpu::BindGroupEntry { binding, resource: wgpu::BindingResource::Buffer(resource) }
    }
}
