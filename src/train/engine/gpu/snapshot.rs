//! States that stay on the device, which copies them in far less time than it takes to bring them off it.

use super::side::Factors;
use crate::gpu::Gpu;
use crate::train::state::State;
use crate::{Error, Result};

/// A state that was set aside on a device.
#[derive(Debug)]
pub struct Snapshot {
    users: Factors,
    items: Factors,
}

impl Snapshot {
    /// Of both sides, if there is room: no more is taken than as much again would be left.
    pub(super) fn of(gpu: &Gpu, [users, items]: [&Factors; 2]) -> Result<Option<Self>> {
        let size = users.bytes() + items.bytes();
        let copies = || -> Result<Self> {
            gpu.fits("a state", 2 * size)?;
            let copies = Self { users: users.alike(gpu)?, items: items.alike(gpu)? };
            copy(gpu, [users, items], [&copies.users, &copies.items])?;
            Ok(copies)
        };
        match copies() {
            Err(Error::TooLarge(_)) => Ok(None),
            result => result.map(Some),
        }
    }

    /// Writes it to both sides.
    pub(super) fn write_to(&self, gpu: &Gpu, sides: [&Factors; 2]) -> Result<()> {
        copy(gpu, [&self.users, &self.items], sides)
    }

    /// The state.
    ///
    /// # Errors
    /// If the device failed.
    pub fn state(&self) -> Result<State> {
        Ok(State { users: self.users.download()?, items: self.items.download()? })
    }
}

/// Copies both sides.
fn copy(gpu: &Gpu, from: [&Factors; 2], to: [&Factors; 2]) -> Result<()> {
    let mut commands = gpu.commands("copies of a state");
    for (from, to) in from.into_iter().zip(to) {
        from.copy_to(to, &mut commands)?;
    }
    commands.submit_and_wait()
}
