//! Whether what is going to be written fits the disk.

use crate::show::human;
use mfgpu::files::room;
use mfgpu::{Error, Result};
use std::path::Path;

/// Says how much room there is for so many bytes, in words that go behind the size, and refuses if that is
/// too little, unless by force; `smaller` is what makes it smaller.
pub(crate) fn check(path: &Path, bytes: u64, (force, smaller): (bool, &str)) -> Result<String> {
    let Some(free) = room(path) else { return Ok(String::new()) };
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
