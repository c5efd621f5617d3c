//! States that stay on the device: it copies them a thousand times as fast as they come off it.

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
            let mut commands = gpu.commands("a state set aside");
            users.copy_to(&copies.users, &mut commands)?;
            items.copy_to(&copies.items, &mut commands)?;
            commands.submit_and_wait()?;
            Ok(copies)
        };
        match copies() {
            Err(Error::TooLarge(_)) => Ok(None),
            result => result.map(Some),
        }
    }

    /// Writes it to both sides.
    pub(super) fn write_to(&self, gpu: &Gpu, [users, items]: [&Factors; 2]) -> Result<()> {
        let mut commands = gpu.commands("back to a state");
        self.users.copy_to(users, &mut commands)?;
        self.items.copy_to(items, &mut commands)?;
        commands.submit_and_wait()
    }

    /// The state.
    ///
    /// # Errors
    /// If the device failed.
    pub fn state(&self) -> Result<State> {
        Ok(State { users: self.users.download()?, items: self.items.download()? })
    }
}
