//! States that are saved on the device. A copy on the device takes far less time than a download.

use super::side::Factors;
use crate::gpu::Gpu;
use crate::ratings::{Side, Sides};
use crate::train::state::State;
use crate::{Error, Result};

/// A state that was saved on a device.
#[derive(Debug)]
pub struct Snapshot(Sides<Factors>);

impl Snapshot {
    /// Copies both sides on the device, or `None` unless twice their size is free.
    pub(super) fn of(gpu: &Gpu, sides: &Sides<Factors>) -> Result<Option<Self>> {
        let size = sides.iter().map(Factors::bytes).sum::<u64>();
        let copies = || -> Result<Self> {
            gpu.fits("a state", 2 * size)?;
            let copies = Sides::try_from_fn(|side| sides[side].alike(gpu))?;
            copy(gpu, sides, &copies)?;
            Ok(Self(copies))
        };
        match copies() {
            Err(Error::TooLarge(_)) => Ok(None),
            result => result.map(Some),
        }
    }

    /// Copies the saved state back to both sides.
    pub(super) fn write_to(&self, gpu: &Gpu, sides: &Sides<Factors>) -> Result<()> {
        copy(gpu, &self.0, sides)
    }

    /// Downloads the state.
    ///
    /// # Errors
    /// If the device fails.
    pub fn state(&self) -> Result<State> {
        Sides::try_from_fn(|side| self.0[side].download(0..self.0[side].states.len()))
    }
}

/// Copies both sides.
fn copy(gpu: &Gpu, from: &Sides<Factors>, to: &Sides<Factors>) -> Result<()> {
    let mut commands = gpu.commands("copies of a state");
    Side::BOTH.into_iter().try_for_each(|side| from[side].copy_to(&to[side], &mut commands))?;
    commands.submit_and_wait()
}
