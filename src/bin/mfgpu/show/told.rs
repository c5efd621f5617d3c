//! Errors that end the program.

use super::talk::say;
use crate::flags::names::message;
use mfgpu::Error;

/// Reports an error.
pub(crate) fn tell(error: &Error) {
    let what = message(error);
    // Who asks for an end gets what they want.
    let asked = matches!(error, Error::Stopped { .. });
    say(&if asked { what } else { format!("error: {what}") });
}
