//! Overrides settings with values of the command line.

/// Replaces a value if another one is given.
pub(crate) fn over<T>(given: Option<T>, value: &mut T) {
    if let Some(given) = given {
        *value = given;
    }
}
