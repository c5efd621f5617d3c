//! Vectors that grow with the data: a refusal is an error.

use crate::human::size;
use crate::{Error, Result};
use std::cell::Cell;

thread_local! {
    static MAY_FAIL: Cell<bool> = const { Cell::new(false) };
}

/// Whether the allocation that this thread asks for at this moment may fail, since what asks for it makes an
/// error of that. An allocator that ends the process at a refusal asks this first.
pub fn may_fail() -> bool {
    MAY_FAIL.try_with(Cell::get).unwrap_or(false)
}

/// Makes room for `more` further elements.
///
/// # Errors
/// [`Error::TooLarge`].
pub(crate) fn reserve<T>(vector: &mut Vec<T>, more: usize) -> Result<()> {
    let bytes = vector.len().saturating_add(more).saturating_mul(size_of::<T>());
    // A vector grows to twice its size if it can, else only as far as it must.
    attempt(bytes, || vector.try_reserve(more).or_else(|_| vector.try_reserve_exact(more)))
}

/// A vector of `count` elements that are all the same.
///
/// # Errors
/// [`Error::TooLarge`].
pub(crate) fn filled<T: Clone>(value: T, count: usize) -> Result<Vec<T>> {
    let mut vector = Vec::new();
    attempt(count.saturating_mul(size_of::<T>()), || vector.try_reserve_exact(count))?;
    vector.resize(count, value);
    Ok(vector)
}

/// Makes room by a call that returns an error if the memory is refused.
///
/// # Errors
/// [`Error::TooLarge`], which says that the call asked for about `bytes`.
pub(crate) fn attempt<E>(bytes: usize, reserve: impl FnOnce() -> Result<(), E>) -> Result<()> {
    let before = MAY_FAIL.replace(true);
    let done = reserve();
    MAY_FAIL.set(before);
    done.map_err(|_| {
        Error::TooLarge(format!(
            "the data do not fit the memory: the system refused an array of {}; fewer ratings help, or a machine \
             or a limit (ulimit -v, cgroup) with more memory",
            size(bytes as u64)
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_an_error() {
        let mut numbers = vec![1_u64];
        reserve(&mut numbers, 10).unwrap();
        assert!(numbers.capacity() >= 11);
        for more in [usize::MAX, usize::MAX / 16, 1 << 57] {
            let error = reserve(&mut numbers, more).unwrap_err();
            assert!(error.exit_code() == 4 && error.to_string().contains("an array of "), "{error}");
            assert_eq!(filled(0_u64, more).unwrap_err().exit_code(), 4);
        }
        assert_eq!((numbers, filled(7, 2).unwrap()), (vec![1], vec![7, 7]));
    }

    #[test]
    fn allocations_may_fail_only_there() {
        assert!(!may_fail());
        let asked = || -> Result<(), ()> {
            assert!(may_fail());
            Ok(())
        };
        attempt(0, asked).unwrap();
        assert!(!may_fail());
    }
}
