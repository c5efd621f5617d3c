//! The files of a directory, for programs that write a table in many parts.

use super::open::is_stdin;
use crate::error::{Error, Result};
use crate::files::{entries, metadata};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The deepest nesting of directories; a deeper one must be a link to a directory that contains it.
const DEEPEST: usize = 32;

/// The named files; a directory is replaced by its files, in the order of their names.
pub(in crate::input) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    if paths.is_empty() {
        return Err(Error::Usage("no file of ratings is named (`-` is standard input)".into()));
    }
    if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
        return Err(Error::Usage("standard input (`-`) is named twice, expected once".into()));
    }
    let mut all = Vec::with_capacity(paths.len());
    for path in paths {
        if is_stdin(path) || !metadata(path).map_err(Error::read(path))?.is_dir() {
            all.push(path.clone());
            continue;
        }
        let before = all.len();
        walk(path, 0, &mut all)?;
        alike(path, &all[before..])?;
    }
    Ok(all)
}

/// The files that a path of ratings stands for: those of a directory, else the path itself. A directory that
/// cannot be read to its end stands for itself, too.
pub fn files_of(path: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    if is_stdin(path) || !path.is_dir() || walk(path, 0, &mut all).is_err() {
        all.push(path.to_owned());
    }
    all
}

/// Whether a file would be among those of a directory, by its path from there. Names that begin with `.` or `_`
/// are skipped: such files are notes of the program that wrote the table.
pub fn counts(path: &Path) -> bool {
    path.iter().all(|name| !matches!(name.as_encoded_bytes(), [b'.' | b'_', ..]))
}

/// Adds the files below a directory that count.
fn walk(directory: &Path, depth: usize, all: &mut Vec<PathBuf>) -> Result<()> {
    if depth == DEEPEST {
        let here = directory.display();
        return Err(Error::Input(format!(
            "{here}: found {DEEPEST} directories inside one another, expected fewer"
        )));
    }
    for path in entries(directory).map_err(Error::read(directory))? {
        if !counts(Path::new(path.file_name().unwrap_or_default())) {
            continue;
        }
        if metadata(&path).map_err(Error::read(&path))?.is_dir() {
            walk(&path, depth + 1, all)?;
        } else {
            all.push(path);
        }
    }
    Ok(())
}

/// Refuses a directory that is not one table in parts: one without files, or with files of several kinds.
fn alike(directory: &Path, files: &[PathBuf]) -> Result<()> {
    let here = directory.display();
    if files.is_empty() {
        return Err(Error::Input(format!("{here}: a directory without files, expected files of ratings")));
    }
    let ending = |path: &PathBuf| path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let endings: BTreeSet<String> = files.iter().map(ending).collect();
    if endings.len() > 1 {
        let found = endings.iter().map(|ending| format!("`.{ending}`")).collect::<Vec<_>>().join(", ");
        return Err(Error::Input(format!(
            "{here}: found files of several kinds ({found}), expected one table in parts; name the files that are meant"
        )));
    }
    Ok(())
}
