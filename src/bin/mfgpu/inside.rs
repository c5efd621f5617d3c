//! The thread in which a command runs. Its stack has a size of its own, whatever the limits of the shell are, and
//! a panic in it, or in a thread that it waits for, is an error like others.

use crate::terminal::what_it_said;
use mfgpu::memory::need_threads;
use mfgpu::{Error, Result};
use std::thread::Builder;

/// Bytes of stack: more than the parsers of files need for what they accept.
const STACK: usize = 16 << 20;

/// Runs a command to its end.
///
/// # Errors
/// Those of the command; [`Error::Bug`] if it panics; [`Error::TooLarge`] if there is no thread for it.
pub(crate) fn inside<T: Send + 'static>(command: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    need_threads(1, STACK)?;
    // Its panics are named as those of a program without threads.
    let thread = Builder::new().name("main".into()).stack_size(STACK).spawn(command);
    let thread = thread.map_err(|error| {
        Error::TooLarge(format!("no thread with a stack of {} MiB: {error}; allow more memory", STACK >> 20))
    })?;
    thread.join().unwrap_or_else(|panic| Err(Error::Bug(what_it_said(&*panic).to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    #[test]
    fn a_panic_is_a_bug() {
        let code = |command: fn() -> Result<()>| {
            let error = inside(command).unwrap_err();
            (error.exit_code(), error.to_string())
        };
        let bug = |what: &str| (1, format!("internal error: {what}; please report it"));
        assert_eq!(code(|| panic!("a test")), bug("a test"));
        assert_eq!(code(|| panic!("a test of {}", 2)), bug("a test of 2"));
        assert_eq!(code(|| std::panic::panic_any(3)), bug("a panic without a text"));
        let in_parallel = || {
            (0..100_u32).into_par_iter().for_each(|number| assert!(number != 77, "in parallel"));
            Ok(())
        };
        assert_eq!(code(in_parallel), bug("in parallel"));
        assert_eq!(code(|| Err(Error::Locked("a test".into()))).0, 9);
        assert_eq!(inside(|| Ok(5)).unwrap(), 5);
    }

    #[test]
    fn the_stack_is_as_large_as_it_says() {
        fn deep(left: usize) -> usize {
            let room = std::hint::black_box([left; 512]);
            if left == 0 { room[0] } else { deep(left - 1) + room[511].min(1) }
        }
        assert!(inside(|| Ok(deep(2000))).unwrap() > 0);
    }
}
