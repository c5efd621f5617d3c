//! `mfgpu.files`: the list of the files in a directory that mfgpu wrote, and what they were. Only those are
//! ever removed or replaced (docs/overnight.md, "What a run owns").

use super::super::names;
use super::lock::Lock;
use crate::files::{Contents, File, found, own_read, own_write, refuse, sync_directory};
use crate::{Error, Result};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The first line.
const HEAD: &str = "mfgpu files 1";

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::run) enum Holder {
    /// There is no such file.
    Nobody,
    /// mfgpu wrote it, and nobody has changed it since.
    Mfgpu,
    /// A person put it there, or changed it.
    Somebody,
}

/// The list of a directory. A line is added before a file gets its name.
#[derive(Debug)]
pub(in crate::run) struct List {
    directory: PathBuf,
    file: File,
    lines: Vec<Line>,
}

/// A file that mfgpu wrote; without contents it is one that grows or is written again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    name: String,
    contents: Option<Contents>,
}

impl Line {
    fn text(&self) -> String {
        match self.contents {
            Some(Contents { checksum, length }) => format!("{checksum} {length} {}\n", self.name),
            None => format!("- - {}\n", self.name),
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.splitn(3, ' ');
        let (checksum, length, name) = (parts.next()?, parts.next()?, parts.next()?.to_owned());
        let contents = match (checksum, length) {
            ("-", "-") => None,
            _ => Some(Contents {
                checksum: blake3::Hash::from_hex(checksum).ok()?,
                length: length.parse().ok()?,
            }),
        };
        Some(Self { name, contents })
    }
}

impl List {
    /// Whether a directory has a list, which makes it a run of mfgpu.
    pub(in crate::run) fn is_in(directory: &Path) -> bool {
        directory.join(names::LIST).is_file()
    }

    /// Opens the list of a directory, and makes it if it is missing.
    pub(in crate::run) fn open(directory: &Path) -> Result<Self> {
        let path = directory.join(names::LIST);
        let mut file = File::grow_own(&path).map_err(own_write(&path))?;
        let mut text = String::new();
        let damaged = |why: String| Error::Damaged { path: path.clone(), why };
        file.read_to_string(&mut text).map_err(own_read(&path))?;
        // What is behind the last line end was not on the disk when its writer ended, unless it still writes.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut list = Self { directory: directory.to_owned(), file, lines: Vec::new() };
        if whole < text.len() && !Lock::is_held(directory) {
            list.file.set_length(whole as u64).map_err(Error::write(&path))?;
        }
        let mut lines = text[..whole].lines();
        match lines.next() {
            Some(HEAD) => {}
            None => {
                list.append(&format!("{HEAD}\n"))?;
                sync_directory(directory).map_err(Error::write(directory))?;
            }
            Some(found) => return Err(damaged(format!("found {found:?}, expected `{HEAD}`"))),
        }
        // Two processes that begin at once may both write the first line, before one of them has the lock.
        for (line, number) in lines.zip(2..).filter(|(line, _)| *line != HEAD) {
            let line = Line::parse(line).ok_or_else(|| {
                damaged(format!("line {number}: found {line:?}, expected a checksum, a length, a name"))
            })?;
            list.lines.push(line);
        }
        Ok(list)
    }

    fn append(&mut self, text: &str) -> Result<()> {
        let path = self.directory.join(names::LIST);
        let mut append = || {
            self.file.write_all(text.as_bytes())?;
            self.file.sync()
        };
        append().map_err(Error::write(path))
    }

    /// Notes a file that is about to get its name.
    pub(in crate::run) fn claim(&mut self, name: &str, contents: Option<Contents>) -> Result<()> {
        let line = Line { name: name.to_owned(), contents };
        if !self.lines.contains(&line) {
            self.append(&line.text())?;
            self.lines.push(line);
        }
        Ok(())
    }

    /// The names of all files that were ever written, each once.
    pub(in crate::run) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.lines.iter().map(|line| line.name.clone()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// What the file of a name was when it was complete; `None` if it grows.
    pub(in crate::run) fn contents(&self, name: &str) -> Option<Contents> {
        self.lines.iter().rfind(|line| line.name == name)?.contents
    }

    /// Whose the file of a name is.
    ///
    /// # Errors
    /// [`Error::Read`]; [`Error::Damaged`] if it is a link, a pipe or a device.
    pub(in crate::run) fn holder(&self, name: &str) -> Result<Holder> {
        let path = self.directory.join(name);
        let Some(there) = found(&path).map_err(Error::read(&path))? else { return Ok(Holder::Nobody) };
        let mut known = self.lines.iter().filter(|line| line.name == name).peekable();
        if known.peek().is_none() {
            return Ok(Holder::Somebody);
        }
        refuse(&there).map_err(own_read(&path))?;
        let mut alike =
            known.filter(|line| line.contents.is_none_or(|was| was.length == there.len())).peekable();
        let Some(first) = alike.peek() else { return Ok(Holder::Somebody) };
        if first.contents.is_none() {
            return Ok(Holder::Mfgpu);
        }
        let checksum = checksum(&path)?;
        let same = alike.any(|line| line.contents.is_none_or(|was| was.checksum == checksum));
        Ok(if same { Holder::Mfgpu } else { Holder::Somebody })
    }

    /// The error for a name that is needed and taken.
    pub(in crate::run) fn taken(&self, name: &str) -> Error {
        let (path, here) = (self.directory.join(name), self.directory.display());
        Error::Usage(format!(
            "{} would be replaced, and is not as mfgpu wrote it: move it out of {here}, or name another --out",
            path.display()
        ))
    }
}

/// The checksum of a file of a run.
fn checksum(path: &Path) -> Result<blake3::Hash> {
    let mut hash = blake3::Hasher::new();
    File::open_own(path).and_then(|file| hash.update_reader(file).map(drop)).map_err(own_read(path))?;
    Ok(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn contents(text: &str) -> Contents {
        Contents { checksum: blake3::hash(text.as_bytes()), length: text.len() as u64 }
    }

    #[test]
    fn what_mfgpu_wrote_is_known_again() {
        let own = tempfile::tempdir().unwrap();
        let directory = own.path();
        assert!(!List::is_in(directory));
        let mut list = List::open(directory).unwrap();
        list.claim("top.csv", Some(contents("lists"))).unwrap();
        list.claim("top.csv", Some(contents("other"))).unwrap();
        list.claim("log.txt", None).unwrap();
        for (name, text, holder) in [
            ("top.csv", "lists", Holder::Mfgpu),
            ("top.csv", "other", Holder::Mfgpu),
            ("top.csv", "mine!", Holder::Somebody),
            ("top.csv", "longer", Holder::Somebody),
            ("log.txt", "anything", Holder::Mfgpu),
            ("test.csv", "mine", Holder::Somebody),
        ] {
            fs::write(directory.join(name), text).unwrap();
            assert_eq!(list.holder(name).unwrap(), holder, "{name} {text}");
            assert_eq!(List::open(directory).unwrap().holder(name).unwrap(), holder, "{name} {text}");
        }
        assert_eq!(list.holder("none.csv").unwrap(), Holder::Nobody);
        assert_eq!(list.names(), ["log.txt", "top.csv"]);
    }

    #[test]
    fn a_line_that_is_cut_off_is_dropped() {
        let own = tempfile::tempdir().unwrap();
        let path = own.path().join(names::LIST);
        let mut list = List::open(own.path()).unwrap();
        list.claim("log.txt", None).unwrap();
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            List::open(own.path()).unwrap().claim("log.txt", None).unwrap();
            assert_eq!(fs::read(&path).unwrap(), whole, "{length}");
        }
        fs::write(&path, [HEAD, "\n", HEAD, "\n- - log.txt\n"].concat()).unwrap();
        assert_eq!(List::open(own.path()).unwrap().names(), ["log.txt"]);
        fs::write(&path, "notes of mine\n").unwrap();
        assert_eq!(List::open(own.path()).unwrap_err().exit_code(), 7);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_refused() {
        let own = tempfile::tempdir().unwrap();
        let directory = own.path();
        let mut list = List::open(directory).unwrap();
        list.claim("log.txt", None).unwrap();
        fs::write(directory.join("mine"), "mine").unwrap();
        std::os::unix::fs::symlink(directory.join("mine"), directory.join("log.txt")).unwrap();
        assert_eq!(list.holder("log.txt").unwrap_err().exit_code(), 7);
        let other = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(directory.join("mine"), other.path().join(names::LIST)).unwrap();
        assert_eq!(List::open(other.path()).unwrap_err().exit_code(), 7);
        assert_eq!(fs::read(directory.join("mine")).unwrap(), b"mine");
    }
}
