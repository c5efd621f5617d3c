//! The public functions of the GPU layer in a build without the `gpu` feature: they report that it is
//! missing.

use super::{AdapterDescription, DeviceChoice, GpuOptions, SelfTest};
use crate::{Error, Result};
use std::convert::Infallible;

/// An opened GPU; in this build there is none.
#[derive(Debug, Clone)]
pub struct Gpu(Infallible);

impl Gpu {
    /// Turns a GPU, which cannot exist in this build, into any type.
    pub fn absurd<T>(self) -> T {
        match self.0 {}
    }

    /// The adapter on which this device was opened.
    pub fn description(&self) -> &AdapterDescription {
        match self.0 {}
    }
}

fn absent<T>() -> Result<T> {
    Err(Error::NoDevice(
        "this build has no GPU support: build with the `gpu` feature, or use `device = cpu`".into(),
    ))
}

/// All adapters of this machine, best first.
///
/// # Errors
/// Always [`Error::NoDevice`]: this build cannot list adapters.
pub fn adapters() -> Result<Vec<AdapterDescription>> {
    absent()
}

/// Opens the chosen device; `None` is the CPU.
///
/// # Errors
/// [`Error::NoDevice`] when the choice names a GPU in any form.
pub fn open(choice: &DeviceChoice, _options: &GpuOptions) -> Result<Option<Gpu>> {
    match choice {
        DeviceChoice::Auto | DeviceChoice::Cpu => Ok(None),
        DeviceChoice::Gpu | DeviceChoice::AllGpus | DeviceChoice::GpuNumber(_) | DeviceChoice::Name(_) => {
            absent()
        }
    }
}

/// Compares the device's numbers with the host's and measures its speed roughly.
///
/// # Errors
/// None: this build has no device to call it with.
pub fn self_test(gpu: &Gpu) -> Result<SelfTest> {
    match gpu.0 {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_this_build_is() {
        let options = GpuOptions::default();
        assert!(open(&DeviceChoice::Auto, &options).unwrap().is_none());
        let error = open(&DeviceChoice::Gpu, &options).unwrap_err();
        assert!(error.to_string().starts_with("this build has no GPU support"), "{error}");
        assert!(adapters().is_err());
    }
}
