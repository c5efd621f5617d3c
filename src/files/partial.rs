//! The file in which an output grows until it is complete. It has a name of its own, which says whose it is,
//! and is locked while its writer lives; so the next writer of the same output removes what a killed one left.

use super::disk::{found, parent, remove_file};
use super::file::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// How the names of incomplete files start and end.
pub const PARTIAL: (&str, &str) = (".mfgpu-", ".partial");

/// How many processes may write one output at a time.
const WRITERS: usize = 16;

/// An incomplete file; it is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Partial {
    pub(super) file: File,
    pub(super) path: PathBuf,
    pub(super) placed: bool,
}

impl Partial {
    /// Makes the file for a target, with at most these permissions.
    pub(super) fn create(target: &Path, mode: u32) -> io::Result<Self> {
        for number in 1..=WRITERS {
            let path = name(target, number);
            match File::create_new(&path, mode) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    if !sweep(&path)? {
                        continue;
                    }
                }
                done => return Self::taken(done?, path, (target, number)),
            }
            match File::create_new(&path, mode) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                done => return Self::taken(done?, path, (target, number)),
            }
        }
        Err(io::Error::other(format!("{WRITERS} other processes write this file")))
    }

    fn taken(file: File, path: PathBuf, (target, number): (&Path, usize)) -> io::Result<Self> {
        let this = Self { file, path, placed: false };
        this.file.lock()?;
        // Those of later numbers can only be left where several writers were killed.
        for number in number + 1..=WRITERS {
            let path = name(target, number);
            if found(&path)?.is_none() {
                break;
            }
            sweep(&path)?;
        }
        Ok(this)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.placed {
            let _ = remove_file(&self.path);
        }
    }
}

fn name(target: &Path, number: usize) -> PathBuf {
    let own = blake3::hash(target.file_name().unwrap_or_default().as_encoded_bytes()).to_hex();
    parent(target).join(format!("{}{}-{number}{}", PARTIAL.0, &own[..16], PARTIAL.1))
}

/// Whether a file is an incomplete one, by its name.
pub(crate) fn is_partial(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(PARTIAL.0) && name.ends_with(PARTIAL.1)
}

/// Removes an incomplete file whose writer is gone. Returns whether it is gone, too.
pub(crate) fn sweep(path: &Path) -> io::Result<bool> {
    let file = match File::open_own(path) {
        Ok(file) => file,
        Err(error) => return Ok(error.kind() == ErrorKind::NotFound),
    };
    // Between the opening and the lock its writer may have given it its final name.
    if !file.lock()? || !file.is_at(path)? {
        return Ok(false);
    }
    remove_file(path)?;
    Ok(true)
}
