//! How what was given on the command line is laid over settings.

/// Lays a value over another if there is one.
pub(crate) fn over<T>(given: Option<T>, value: &mut T) {
    if let Some(given) = given {
        *value = given;
    }
}
