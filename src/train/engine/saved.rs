//! States that are set aside, to be restored later.

use crate::Result;
use crate::train::state::State;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// A state that an engine has set aside where that is cheapest. A clone is another handle to the same where it is on a device.
#[derive(Debug, Clone)]
pub enum Saved {
    /// In memory.
    Host(State),
    /// On the device of the engine, and lost with it.
    #[cfg(feature = "gpu")]
    Device(std::sync::Arc<super::gpu::Snapshot>),
}

impl Saved {
    /// The state.
    ///
    /// # Errors
    /// If the device failed.
    pub fn state(&self) -> Result<Cow<'_, State>> {
        match self {
            Self::Host(state) => Ok(Cow::Borrowed(state)),
            #[cfg(feature = "gpu")]
            Self::Device(snapshot) => snapshot.state().map(Cow::Owned),
        }
    }

    /// Whether it would be lost with the device.
    pub(in crate::train) fn is_on_device(&self) -> bool {
        !matches!(self, Self::Host(_))
    }

    /// Brings it into memory.
    ///
    /// # Errors
    /// If the device failed.
    pub(in crate::train) fn to_host(&mut self) -> Result<()> {
        if self.is_on_device() {
            *self = Self::Host(self.state()?.into_owned());
        }
        Ok(())
    }
}

impl From<State> for Saved {
    fn from(state: State) -> Self {
        Self::Host(state)
    }
}

impl Default for Saved {
    fn default() -> Self {
        Self::Host(State::default())
    }
}

/// What is written was brought into memory before, so that a failing device is told from a failing disk.
impl Serialize for Saved {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Host(state) => state.serialize(serializer),
            #[cfg(feature = "gpu")]
            Self::Device(_) => Err(serde::ser::Error::custom("a state on a device")),
        }
    }
}

impl<'de> Deserialize<'de> for Saved {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        State::deserialize(deserializer).map(Self::Host)
    }
}
