//! The adapters of this machine, on every backend, described and sorted best first.

use super::{AdapterDescription, AdapterKind};
use crate::Result;
use wgpu::{Backend, Backends, DeviceType, DownlevelFlags, Features};

/// An adapter that can compute: a GPU behind one of its interfaces, not opened yet.
#[derive(Debug, Clone)]
pub struct Adapter {
    pub(super) inner: wgpu::Adapter,
    description: AdapterDescription,
}

impl Adapter {
    /// Lists all adapters that can compute, best first: by kind, then Vulkan and Metal before DirectX. OpenGL
    /// is asked only where the other backends have nothing, since it lists the same devices again with fewer
    /// abilities. Environment variables are ignored.
    pub fn list() -> Vec<Self> {
        Self::list_within(None)
    }

    /// As [`Adapter::list`], for devices that may use at most `percent` percent of the memory that the driver
    /// grants this program.
    pub(super) fn list_within(percent: Option<u8>) -> Vec<Self> {
        let mut list = Self::list_of(Backends::PRIMARY, percent);
        if list.is_empty() {
            list = Self::list_of(Backends::SECONDARY, percent);
        }
        list.sort_by_key(|adapter| {
            (adapter.description.kind, adapter.inner.get_info().backend == Backend::Dx12)
        });
        for (number, adapter) in list.iter_mut().enumerate() {
            adapter.description.number = number;
        }
        list
    }

    fn list_of(backends: Backends, percent: Option<u8>) -> Vec<Self> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends,
            // Validation layers of the driver would depend on what else is installed.
            flags: wgpu::InstanceFlags::empty(),
            memory_budget_thresholds: wgpu::MemoryBudgetThresholds {
                for_resource_creation: percent,
                ..wgpu::MemoryBudgetThresholds::default()
            },
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        pollster::block_on(instance.enumerate_adapters(backends))
            .into_iter()
            .filter(can_compute)
            .map(|inner| Self { description: describe(&inner), inner })
            .collect()
    }

    /// Its name, driver and limits.
    pub fn description(&self) -> &AdapterDescription {
        &self.description
    }
}

/// All adapters of this machine that can compute, best first; the list of `mfgpu devices`.
///
/// # Errors
/// None in this build; without GPU support [`crate::Error::NoDevice`].
pub fn adapters() -> Result<Vec<AdapterDescription>> {
    Ok(Adapter::list().into_iter().map(|adapter| adapter.description).collect())
}

fn can_compute(adapter: &wgpu::Adapter) -> bool {
    let limits = adapter.limits();
    // `shaders/shared.wgsl` unpacks f16.
    let flags = DownlevelFlags::COMPUTE_SHADERS | DownlevelFlags::SHADER_F16_IN_F32;
    adapter.get_downlevel_capabilities().flags.contains(flags)
        && limits.max_storage_buffers_per_shader_stage >= 8
        && limits.max_compute_invocations_per_workgroup >= 128
}

fn describe(adapter: &wgpu::Adapter) -> AdapterDescription {
    let (info, limits, features) = (adapter.get_info(), adapter.limits(), adapter.features());
    AdapterDescription {
        number: 0,
        kind: kind(&info),
        vendor: vendor(info.vendor),
        backend: info.backend.to_str().to_owned(),
        name: info.name,
        driver: info.driver,
        driver_info: info.driver_info,
        max_buffer_size: limits.max_buffer_size,
        max_storage_buffer_binding_size: limits.max_storage_buffer_binding_size,
        workgroup_memory: limits.max_compute_workgroup_storage_size,
        max_invocations: limits.max_compute_invocations_per_workgroup,
        subgroup_min_size: info.subgroup_min_size,
        subgroup_max_size: info.subgroup_max_size,
        subgroups: features.contains(Features::SUBGROUP),
        shader_f16: features.contains(Features::SHADER_F16),
        timestamps: features.contains(Features::TIMESTAMP_QUERY),
    }
}

fn kind(info: &wgpu::AdapterInfo) -> AdapterKind {
    let name = info.name.to_lowercase();
    // Some software devices report another device type.
    let software = ["llvmpipe", "lavapipe", "softpipe", "swiftshader", "basic render"];
    if info.device_type == DeviceType::Cpu || software.iter().any(|word| name.contains(word)) {
        return AdapterKind::Software;
    }
    match info.device_type {
        DeviceType::DiscreteGpu => AdapterKind::Discrete,
        DeviceType::IntegratedGpu => AdapterKind::Integrated,
        DeviceType::VirtualGpu => AdapterKind::Virtual,
        DeviceType::Other | DeviceType::Cpu => AdapterKind::Other,
    }
}

fn vendor(id: u32) -> String {
    match id {
        0x10de => "NVIDIA".into(),
        0x1002 | 0x1022 => "AMD".into(),
        0x8086 => "Intel".into(),
        0x106b => "Apple".into(),
        0x13b5 => "ARM".into(),
        0x5143 => "Qualcomm".into(),
        0x1414 => "Microsoft".into(),
        0x1_0005 => "Mesa".into(),
        other => format!("{other:#06x}"),
    }
}
