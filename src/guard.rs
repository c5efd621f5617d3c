//! Calls into libraries that panic where they should return an error: on damaged files, on lost devices.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// The result of a call, or `None` if it panics.
pub fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    let before = GUARDED.replace(true);
    let given = catch_unwind(AssertUnwindSafe(call));
    GUARDED.set(before);
    given.ok()
}

/// From now on the process does not print panics that become errors.
pub fn hush() {
    static HUSHED: Once = Once::new();
    HUSHED.call_once(|| {
        let tell = take_hook();
        set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                tell(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_none() {
        assert_eq!(guarded(|| GUARDED.get()), Some(true));
        let within = guarded(|| {
            assert!(guarded(|| panic!("a test")).is_none() && GUARDED.get());
            3
        });
        assert!(within == Some(3) && !GUARDED.get());
    }
}
