//! Kernels: a name, its WGSL and its bindings; pipelines compiled from them, and buffers bound to pipelines.

use super::template::{self, Constant};
use super::{BufferSlice, Checks, Gpu, RowTexture, trusted::shader_module};
use crate::{Error, Result};
use wgpu::{
    BindingResource, BindingType, BufferBindingType, ShaderStages, StorageTextureAccess, TextureViewDimension,
};

/// A kernel's definition: `shaders/NAME.wgsl` and its host twin `kernels/NAME.rs`.
#[derive(Debug)]
pub struct Kernel {
    /// The name of the shader file and of its entry point.
    pub name: &'static str,
    /// The shader file.
    pub source: &'static str,
    /// The variables of `@group(0)`, by `@binding`.
    pub bindings: &'static [Binding],
    /// The host twins of the shader's structs; a test compares them.
    pub twins: &'static [Twin],
    /// Sets of constants that represent all sets in use; a test validates each of them.
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
    /// `texture_storage_2d<rgba32float, read>`: [`RowTexture`].
    Texture(&'static str),
    /// `texture_storage_2d<rgba32uint, read>`: [`RowTexture`] of words.
    Words(&'static str),
}

/// The resource that a variable is bound to.
#[derive(Debug, Clone, Copy)]
pub enum Resource<'a> {
    /// A slice of a buffer.
    Buffer(BufferSlice<'a>),
    /// A texture.
    Texture(&'a RowTexture),
}

impl<'a> From<BufferSlice<'a>> for Resource<'a> {
    fn from(slice: BufferSlice<'a>) -> Self {
        Self::Buffer(slice)
    }
}

/// A host struct whose memory layout must equal that of the shader's struct of the same name.
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

/// A kernel compiled for a device.
#[derive(Debug, Clone)]
pub struct Pipeline {
    gpu: Gpu,
    name: &'static str,
    inner: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
    bindings: &'static [Binding],
}

/// A pipeline with the resources bound to it.
#[derive(Debug, Clone)]
pub struct Bound {
    pub(super) pipeline: wgpu::ComputePipeline,
    pub(super) group: wgpu::BindGroup,
}

impl Kernel {
    /// The whole source: constants, the shared part, then the kernel.
    pub fn source(&self, constants: &[(&str, Constant)]) -> String {
        template::fill(self.source, constants)
    }

    /// Compiles a kernel that is not one of this crate's. It is always checked, whatever the options of the
    /// device.
    ///
    /// # Errors
    /// [`Error::Device`] with the compiler's message when the source is wrong or the driver refuses it.
    pub fn pipeline(&self, gpu: &Gpu, constants: &[(&str, Constant)]) -> Result<Pipeline> {
        self.compile(gpu, constants, Checks::On)
    }

    /// Compiles the kernel with these constants, checked or trusted.
    pub(super) fn compile(
        &self,
        gpu: &Gpu,
        constants: &[(&str, Constant)],
        checks: Checks,
    ) -> Result<Pipeline> {
        let source = self.source(constants);
        let entries: Vec<_> = (0..).zip(self.bindings).map(|(n, binding)| binding.layout(n)).collect();
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
            Self::Uniform(name)
            | Self::Read(name)
            | Self::ReadWrite(name)
            | Self::Texture(name)
            | Self::Words(name) => name,
        }
    }

    fn layout(self, binding: u32) -> wgpu::BindGroupLayoutEntry {
        let buffer = |ty| BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None };
        let texture = |format| BindingType::StorageTexture {
            access: StorageTextureAccess::ReadOnly,
            format,
            view_dimension: TextureViewDimension::D2,
        };
        let ty = match self {
            Self::Uniform(_) => buffer(BufferBindingType::Uniform),
            Self::Read(_) => buffer(BufferBindingType::Storage { read_only: true }),
            Self::ReadWrite(_) => buffer(BufferBindingType::Storage { read_only: false }),
            Self::Texture(_) => texture(RowTexture::NUMBERS),
            Self::Words(_) => texture(RowTexture::WORDS),
        };
        wgpu::BindGroupLayoutEntry { binding, visibility: ShaderStages::COMPUTE, ty, count: None }
    }
}

impl Pipeline {
    /// Binds buffers and textures in the order of the kernel's bindings. The result can be dispatched many
    /// times.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when a slice exceeds the largest binding, [`Error::Bug`] when the number of
    /// resources is wrong, [`Error::Device`] when the device refuses.
    pub fn bind<'a, R: Copy + Into<Resource<'a>>>(&self, resources: &[R]) -> Result<Bound> {
        if resources.len() != self.bindings.len() {
            return Err(Error::Bug(format!("kernel `{}`: {} bindings", self.name, resources.len())));
        }
        let limit = self.gpu.limits().max_storage_buffer_binding_size;
        let resources: Vec<Resource<'a>> = resources.iter().map(|&resource| resource.into()).collect();
        for resource in &resources {
            if let Resource::Buffer(slice) = resource
                && slice.size > limit
            {
                return Err(Error::TooLarge(format!(
                    "kernel `{}`: {} bytes of buffer `{}` needed in one binding, {limit} available on {}",
                    self.name,
                    slice.size,
                    slice.label,
                    self.gpu.description().name
                )));
            }
        }
        let entries: Vec<_> = (0..).zip(&resources).map(|(n, resource)| resource.entry(n)).collect();
        let descriptor =
            wgpu::BindGroupDescriptor { label: Some(self.name), layout: &self.layout, entries: &entries };
        let group = self.gpu.guarded(&format!("bindings of kernel `{}`", self.name), |gpu| {
            gpu.device.create_bind_group(&descriptor)
        })?;
        Ok(Bound { pipeline: self.inner.clone(), group })
    }
}

impl Resource<'_> {
    fn entry(&self, binding: u32) -> wgpu::BindGroupEntry<'_> {
        let resource = match self {
            Self::Buffer(slice) => BindingResource::Buffer(wgpu::BufferBinding {
                buffer: slice.buffer,
                offset: slice.offset,
                size: wgpu::BufferSize::new(slice.size),
            }),
            Self::Texture(texture) => BindingResource::TextureView(&texture.view),
        };
        wgpu::BindGroupEntry { binding, resource }
    }
}
