//! Descriptions of an adapter and of its self-test, in plain values that serialise.

use serde::Serialize;
use std::fmt;

/// The kind of device an adapter is, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AdapterKind {
    /// A card with its own memory.
    Discrete,
    /// A GPU that shares the memory of the CPU.
    Integrated,
    /// A GPU lent to a virtual machine.
    Virtual,
    /// The driver does not say.
    #[default]
    Other,
    /// A CPU that emulates a GPU: llvmpipe, `SwiftShader`, WARP.
    Software,
}

impl fmt::Display for AdapterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discrete => "discrete",
            Self::Integrated => "integrated",
            Self::Virtual => "virtual",
            Self::Other => "other",
            Self::Software => "software",
        })
    }
}

/// An adapter: its identity, driver and limits. Sizes are in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct AdapterDescription {
    /// The number N of the choice `gpu:N`.
    pub number: usize,
    /// The name that the driver reports.
    pub name: String,
    /// The vendor, or its PCI vendor id in hexadecimal.
    pub vendor: String,
    /// The kind of device.
    pub kind: AdapterKind,
    /// `vulkan`, `metal`, `dx12` or `gl`.
    pub backend: String,
    /// The driver's name.
    pub driver: String,
    /// The driver's version, as the driver writes it.
    pub driver_info: String,
    /// The largest buffer.
    pub max_buffer_size: u64,
    /// The largest part of a buffer that one binding can cover.
    pub max_storage_buffer_binding_size: u64,
    /// Memory shared by the invocations of a workgroup.
    pub workgroup_memory: u32,
    /// The largest number of invocations in a workgroup.
    pub max_invocations: u32,
    /// The smallest subgroup a kernel may run in.
    pub subgroup_min_size: u32,
    /// The largest subgroup a kernel may run in.
    pub subgroup_max_size: u32,
    /// Whether kernels can use subgroup operations (`SUBGROUP`).
    pub subgroups: bool,
    /// Whether kernels can compute in 16-bit floats (`SHADER_F16`).
    pub shader_f16: bool,
    /// Whether passes can be timed on the device (`TIMESTAMP_QUERY`).
    pub timestamps: bool,
}

impl AdapterDescription {
    /// Whether the choice `auto` may take it: a real GPU that is not behind OpenGL.
    pub fn taken_by_auto(&self) -> bool {
        matches!(self.kind, AdapterKind::Discrete | AdapterKind::Integrated | AdapterKind::Virtual)
            && self.backend != "gl"
    }
}

impl fmt::Display for AdapterDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, name, kind, backend, driver, driver_info, .. } = self;
        write!(f, "gpu:{number}  {name} ({kind}, {backend}, {driver} {driver_info})")
    }
}

/// The result of a self-test that passed: the device's numbers equal the host's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SelfTest {
    /// How many random words and sums were compared; all were equal.
    pub compared: usize,
    /// Whether a subgroup butterfly was compared, too.
    pub subgroups: bool,
    /// Bytes read and written per second in a copy of a large buffer, in GB/s (10^9); approximate.
    pub copy_gigabytes_per_second: f64,
    /// The time from the submission of an empty kernel to its end as the host sees it, in seconds.
    pub round_trip_seconds: f64,
}
