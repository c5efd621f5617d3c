//! How a device is opened: with or without run-time checks, poison, budgets.

use super::Budget;
use std::time::Duration;

/// Whether kernels check their own indices and loops while they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Checks {
    /// Indices are clamped and loops bounded: slower, for tests.
    On,
    /// Kernels are trusted: whoever uploads indices has validated them.
    #[default]
    Off,
}

/// How to open a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuOptions {
    /// Whether kernels check their indices.
    pub checks: Checks,
    /// Fill output buffers with NaN (all bits set) so that an unwritten element shows.
    pub poison: bool,
    /// Use subgroup operations where the device has them.
    pub subgroups: bool,
    /// A submission that takes longer counts as a hang.
    pub timeout: Duration,
    /// At most this many bytes of buffers, all together.
    pub memory_limit: Option<u64>,
    /// At most this many hundredths of what the driver says this program may have, where it does say.
    pub memory_percent: Option<u8>,
    /// At most this many bytes in one binding, for testing pieces on small data.
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
    /// As is the default, but with so much memory: the setting `vram`.
    pub fn within(budget: Option<Budget>) -> Self {
        let (memory_limit, memory_percent) = match budget {
            None => (None, None),
            Some(Budget::Bytes(bytes)) => (Some(bytes), None),
            Some(Budget::Percent(percent)) => (None, Some(percent)),
        };
        Self { memory_limit, memory_percent, ..Self::default() }
    }
}
