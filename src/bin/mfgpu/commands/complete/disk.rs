//! Checks that the output fits the disk.

use crate::show::human;
use mfgpu::files::free_space;
use mfgpu::{Error, Result};
use std::path::Path;

/// Returns the free space as a text to append to the size. Refuses if `bytes` exceed it, unless `force` is
/// set; `smaller` says in the error how to write less.
pub(crate) fn check(path: &Path, bytes: u64, (force, smaller): (bool, &str)) -> Result<String> {
    let Some(free) = free_space(path) else { return Ok(String::new()) };
    if bytes > free && !force {
        return Err(Error::TooLarge(format!(
            "{}: needs about {}, and the disk has {} free; choose another disk, or write less ({smaller}); --force tries it",
            path.display(),
            human::size(bytes),
            human::size(free)
        )));
    }
    Ok(format!(", {} free", human::size(free)))
}
