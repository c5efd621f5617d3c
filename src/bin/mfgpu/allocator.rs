//! The allocator of the program. Rust aborts a process whose allocation is refused; this one ends it with the
//! documented exit code and says what helps.
#![expect(unsafe_code, reason = "an allocator is unsafe to write")]

use mfgpu::memory::may_fail;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

#[global_allocator]
static ALLOCATOR: OrEnd = OrEnd;

/// The exit code for a lack of memory, that of `Error::TooLarge`.
const CODE: i32 = 4;
const STDERR: i32 = 2;
/// The last line that a process without memory says.
const BEFORE: &[u8] = b"error: out of memory: the system refused ";
const AFTER: &[u8] =
    b" more bytes; fewer ratings, factors or threads help, or a machine or a limit (ulimit -v, \
                       cgroup) with more memory\n";
/// More digits than a size has.
const DIGITS: usize = 20;

/// Prepares the allocator of the system for a limit of addresses: by itself it would set 64 MiB of them aside for
/// each thread, which others then lack. To be called before the first other thread.
pub(crate) fn prepare() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if mfgpu::memory::has_limits() {
        // SAFETY: this sets a number of the allocator; it is defined for all numbers, and no thread is there yet
        // that allocates meanwhile.
        unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
    }
}

/// The allocator of the system, but where it refuses, the process ends.
struct OrEnd;

// SAFETY: every call is passed to `System` as it came, and its answer is returned as it is, so all that `System`
// promises holds, and all that it asks for is asked of the caller by the same contract. A refusal (null) either is
// returned, which is allowed, or never returns. `end` neither allocates nor unwinds.
unsafe impl GlobalAlloc for OrEnd {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        given(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        given(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        given(unsafe { System.realloc(memory, layout, size) }, size)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// The memory that the system gave, or its refusal where that is an error of the caller.
fn given(memory: *mut u8, size: usize) -> *mut u8 {
    if memory.is_null() && !may_fail() {
        end(size);
    }
    memory
}

/// Says that `size` bytes were refused, and ends the process at once: without destructors, which may allocate, so
/// as a kill would. A file that is not complete never has its name, and a run resumes from its last checkpoint.
#[cold]
fn end(size: usize) -> ! {
    static ENDS: AtomicBool = AtomicBool::new(false);
    if ENDS.swap(true, Ordering::SeqCst) {
        // Another thread ends the process, and says why.
        loop {
            std::thread::yield_now();
        }
    }
    let mut digits = [0; DIGITS];
    for text in [BEFORE, decimal(size, &mut digits), AFTER] {
        // SAFETY: the bytes are those of a slice. Standard error may be closed, which changes nothing.
        unsafe { libc::write(STDERR, text.as_ptr().cast(), text.len() as _) };
    }
    // SAFETY: this ends the process; nothing of it is used any more.
    unsafe { libc::_exit(CODE) }
}

/// A number in decimal digits, without an allocation.
fn decimal(mut number: usize, digits: &mut [u8; DIGITS]) -> &[u8] {
    let mut first = DIGITS;
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return &digits[first..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_digits() {
        for number in [0, 7, 10, 4096, usize::MAX] {
            assert_eq!(decimal(number, &mut [0; DIGITS]), number.to_string().as_bytes());
        }
    }

    #[test]
    fn the_code_is_that_of_the_error() {
        assert_eq!(i32::from(mfgpu::Error::TooLarge(String::new()).exit_code()), CODE);
    }
}
