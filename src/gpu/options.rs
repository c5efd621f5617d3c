//! How a device is opened: run-time checks, poison, memory limits.

use super::Budget;
use std::time::Duration;

/// Whether kernels check their own indices and loops at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Checks {
    /// Indices are clamped and loops bounded: slower, for tests.
    On,
    /// Kernels are trusted: the code that uploads indices has validated them.
    #[default]
    Off,
}

/// How to open a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuOptions {
    /// Whether kernels check their indices.
    pub checks: Checks,
    /// Whether output buffers are filled with NaN (all bits set), so that an unwritten element shows.
    pub poison: bool,
    /// Whether subgroup operations are used where the device has them.
    pub subgroups: bool,
    /// A submission that takes longer counts as a hang.
    pub timeout: Duration,
    /// At most this many bytes in all buffers together.
    pub memory_limit: Option<u64>,
    /// At most this percentage of the memory that the driver grants this program, if the driver reports it.
    pub memory_percent: Option<u8>,
    /// At most this many bytes in one binding, so that tests can divide small data into pieces.
    pub binding_limit: Option<u64>,
}

impl Default for GpuOptions {
    fn default() -> Self {
        Self {
            checks: Checks::default(),
            poison: false,
            subgroups: true,
            timeout: Duration::from_secs(600),
            memory_limit: None,
            memory_percent: None,
            binding_limit: None,
        }
    }
}

impl GpuOptions {
    /// The default options with this much memory: the setting `vram`.
    pub fn within(budget: Option<Budget>) -> Self {
        let (memory_limit, memory_percent) = match budget {
            None => (None, None),
            Some(Budget::Bytes(bytes)) => (Some(bytes), None),
            Some(Budget::Percent(percent)) => (None, Some(percent)),
        };
        Self { memory_limit, memory_percent, ..Self::default() }
    }
}
