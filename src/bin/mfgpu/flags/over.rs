//! How what was given on the command line is laid over settings.

use clap::ValueEnum;

/// Lays a value over another if there is one.
pub(crate) fn over<T>(given: Option<T>, value: &mut T) {
    if let Some(given) = given {
        *value = given;
    }
}

/// A switch that can be written both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnOff {
    /// Yes.
    On,
    /// No.
    Off,
}

impl OnOff {
    /// How a switch is written.
    pub(crate) fn of(on: bool) -> &'static str {
        if on { "on" } else { "off" }
    }
}
