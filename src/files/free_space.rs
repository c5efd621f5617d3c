//! Whether a disk has enough free space for a file.

use super::disk::{metadata, parent};
use std::path::Path;

/// The bytes free for a new file at `path`, on the disk of its directory. `None` for a destination that takes
/// no space (standard output, a pipe, `/dev/null`), and where the system does not report it.
pub fn free_space(path: &Path) -> Option<u64> {
    let stream =
        path == Path::new("-") || metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
    if stream {
        return None;
    }
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    fs4::available_space(parent(&target)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_take_space_and_streams_do_not() {
        let directory = tempfile::tempdir().unwrap();
        assert!(free_space(&directory.path().join("new")).is_some());
        assert_eq!(free_space(Path::new("-")), None);
        assert_eq!(free_space(&directory.path().join("no/directory")), None);
        #[cfg(unix)]
        assert_eq!(free_space(Path::new("/dev/null")), None);
    }
}
