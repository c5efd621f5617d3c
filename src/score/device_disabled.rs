//! Stands in for `device.rs` in a build without the `gpu` feature: a GPU makes no lists.

use super::lists::Places;
use super::options::TopOptions;
use crate::Result;
use crate::gpu::Gpu;
use crate::model::Factors;
use std::convert::Infallible;

/// A device, which this build does not have.
#[allow(dead_code, reason = "it is never made")]
pub(super) struct Device(Infallible);

impl Device {
    pub(super) fn can(_: &[Factors], _: &TopOptions) -> bool {
        false
    }

    pub(super) fn new(gpu: &Gpu, _: &[Factors], _: &[u32], _: &TopOptions) -> Result<Self> {
        gpu.clone().absurd()
    }

    pub(super) fn of(
        &self,
        _: (&[Factors], &TopOptions),
        _: &Places,
        _: &[Option<u32>],
    ) -> Result<Vec<Vec<(u32, f32)>>> {
        match self.0 {}
    }
}
