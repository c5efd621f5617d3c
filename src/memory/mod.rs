//! How much memory this process may still take, and allocations that may fail.
//!
//! Rust ends a process whose allocation is refused. So what grows with the data is compared with what is
//! available before it is begun ([`need`]), and allocated so that a refusal is an error (`reserve`, `filled`). What is still refused is the program's own matter (`src/bin/mfgpu/allocator.rs`).

mod available;
mod grow;
mod system;

use available::{addresses, left};
pub use available::{available, has_limits};
pub use grow::may_fail;
pub(crate) use grow::{attempt, filled, reserve};

use crate::human::size;
use crate::{Error, Result};

/// A process may still hold so much that it gave back to its allocator, which the system does not count as free.
const HELD: u64 = 16 << 20;

/// Checks that `bytes`, which `what` needs for certain, can be had; `helps` says how to need less.
///
/// # Errors
/// [`Error::TooLarge`], with both numbers.
pub fn need(bytes: u64, what: &str, helps: &str) -> Result<()> {
    match available() {
        Some(available) if bytes > available.saturating_add(HELD) => {
            Err(too_large(bytes, available, what, helps))
        }
        _ => Ok(()),
    }
}

/// The addresses of a thread without its stack: what the system needs to start it.
const OF_A_THREAD: u64 = 256 << 10;

/// Checks that the limits of the process leave the addresses for so many threads, with a stack of `stack` bytes
/// each. A thread that is given its stack but nothing else can only abort.
///
/// # Errors
/// As [`need`].
pub fn need_threads(threads: usize, stack: usize) -> Result<()> {
    let bytes = (stack as u64 + OF_A_THREAD).saturating_mul(threads as u64);
    match addresses() {
        Some(left) if bytes > left => {
            let what = format!("starting {threads} more threads");
            Err(too_large(bytes, left, &what, "fewer of them (`threads`) help"))
        }
        _ => Ok(()),
    }
}

/// Checks that there are `bytes` left, without which a process is about to be killed. Unlike [`need`] this does
/// not count addresses: an array that grows takes more of them than it fills.
///
/// # Errors
/// As [`need`].
pub(crate) fn keep_free(bytes: u64, what: &str, helps: &str) -> Result<()> {
    match left() {
        Some(left) if bytes > left => Err(too_large(bytes, left, what, helps)),
        _ => Ok(()),
    }
}

fn too_large(bytes: u64, available: u64, what: &str, helps: &str) -> Error {
    let (bytes, available) = (size(bytes), size(available));
    Error::TooLarge(format!(
        "{what} needs at least {bytes} of memory, and this process may take {available} more; {helps}, or a machine \
         or a limit (ulimit -v, cgroup) with more memory"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_is_refused_with_both_numbers() {
        assert!(need(1 << 20, "a test", "less").is_ok());
        let refused = need(1 << 62, "a test", "a smaller test helps");
        if available().is_some() {
            let refused = refused.unwrap_err();
            assert_eq!(refused.exit_code(), 4);
            let text = refused.to_string();
            assert!(text.starts_with("a test needs at least 4.0 EiB of memory, and this process"), "{text}");
        } else {
            assert!(refused.is_ok());
        }
    }
}
