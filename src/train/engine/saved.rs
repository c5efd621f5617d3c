//! States that are saved during training, to be restored later.

use crate::Result;
use crate::train::state::State;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// A state that an engine has saved where that is cheapest. If it is on a device, a clone is another handle
/// to it.
#[derive(Debug, Clone)]
pub enum Saved {
    /// In host memory.
    Host(State),
    /// On the engine's device, and lost with it.
    #[cfg(feature = "gpu")]
    Device(std::sync::Arc<super::gpu::Snapshot>),
}

impl Saved {
    /// The state, in host memory.
    ///
    /// # Errors
    /// If the device fails.
    pub fn state(&self) -> Result<Cow<'_, State>> {
        match self {
            Self::Host(state) => Ok(Cow::Borrowed(state)),
            #[cfg(feature = "gpu")]
            Self::Device(snapshot) => snapshot.state().map(Cow::Owned),
        }
    }

    /// Whether the state would be lost with the device.
    pub(in crate::train) fn is_on_device(&self) -> bool {
        !matches!(self, Self::Host(_))
    }

    /// Moves the state to host memory.
    ///
    /// # Errors
    /// If the device fails.
    pub(in crate::train) fn bring_to_host(&mut self) -> Result<()> {
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

/// A state is moved to host memory before it is written, so that a failing device and a failing disk are
/// different errors.
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
