//! Calls of libraries that panic where they should answer with an error: at damaged files, at devices that are lost.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// What a call gives, or `None` if it panics.
pub fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    let before = GUARDED.replace(true);
    let given = catch_unwind(AssertUnwindSafe(call));
    GUARDED.set(before);
    given.ok()
}

/// Whether a panic of this thread becomes an error, so that a panic hook need not tell of it.
pub fn panics_are_caught() -> bool {
    GUARDED.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_none() {
        assert_eq!(guarded(panics_are_caught), Some(true));
        let within = guarded(|| {
            assert!(guarded(|| panic!("a test")).is_none() && panics_are_caught());
            3
        });
        assert!(within == Some(3) && !panics_are_caught());
    }
}
