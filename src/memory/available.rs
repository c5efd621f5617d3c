//! How much memory this process may still take.

use super::system;
use std::path::Path;

/// The bytes that this process may still take: the least of what the machine and its control groups have
/// `left`, and of the rooms of its address space (`ulimit -v`) and its data (`ulimit -d`). `None` where the
/// system does not say.
pub fn available() -> Option<u64> {
    [left(), addresses()].into_iter().flatten().min()
}

/// The memory that the machine and the control groups of this process have left, with swap. A process that takes
/// more may be killed. `None` where the system does not say.
pub(crate) fn left() -> Option<u64> {
    system::left(&read)
}

/// The addresses that the limits of this process leave (`ulimit -v`, `ulimit -d`); `None` without limits.
pub(crate) fn addresses() -> Option<u64> {
    system::addresses(&read)
}

/// Whether the addresses of this process are limited (`ulimit -v`, `ulimit -d`).
pub fn has_limits() -> bool {
    addresses().is_some()
}

fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn linux_says_it() {
        for found in [available().unwrap(), left().unwrap()] {
            assert!((1 << 20..1 << 50).contains(&found), "{found}");
        }
    }
}
