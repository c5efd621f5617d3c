//! The files that a command reads and writes. An output that is an input, or another output, is refused.

use mfgpu::files::Identity;
use mfgpu::{Error, Result, input};
use std::path::{Path, PathBuf};

/// The files that a command reads and writes.
#[derive(Debug)]
pub(crate) struct Touched {
    inputs: Vec<Entry>,
    outputs: Vec<Entry>,
    /// Directories that are read with what counts in them.
    directories: Vec<Entry>,
    /// The flags whose files the command has yet to add.
    owed: Vec<String>,
    /// Where messages go, if that is a file.
    messages: Option<Identity>,
}

/// An argument, by its flag, and its path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) flag: &'a str,
    pub(crate) path: &'a Path,
}

/// What an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    /// One of the files of a run, which knows itself which of them it may replace.
    OfRun,
    Stdout,
}

/// A file that is read or written.
#[derive(Debug)]
struct Entry {
    identity: Identity,
    kind: Kind,
    /// The file, and the argument that it comes from.
    said: String,
    /// What to do in place of writing it.
    advice: String,
}

impl Touched {
    /// Nothing but where messages go.
    pub(crate) fn new() -> Self {
        let [inputs, outputs, directories] = [const { Vec::new() }; 3];
        Self { inputs, outputs, directories, owed: Vec::new(), messages: Identity::of_stderr() }
    }

    /// Adds files that are read because of an argument; `-` is standard input.
    pub(crate) fn reads(&mut self, source: Source, files: impl IntoIterator<Item = PathBuf>) {
        for file in files {
            self.inputs.extend(Entry::new(source, &file, Identity::of_input(&file), Kind::File));
        }
    }

    /// Adds files and directories of ratings: of a directory all files that count.
    pub(crate) fn reads_tables<'a>(&mut self, source: Source, tables: impl IntoIterator<Item = &'a Path>) {
        for table in tables {
            self.reads(source, input::files_of(table));
            let directory = Identity::of(table).filter(|_| table.is_dir());
            self.directories.extend(Entry::new(source, table, directory, Kind::File));
        }
    }

    /// Awaits the files of a flag, which the command knows.
    pub(crate) fn owes(&mut self, flag: &str) {
        self.owed.push(flag.into());
    }

    /// Adds files that are written because of an argument.
    pub(crate) fn writes(&mut self, source: Source, files: impl IntoIterator<Item = PathBuf>) {
        self.owed.retain(|flag| flag != source.flag);
        for file in files {
            self.outputs.extend(Entry::new(source, &file, Identity::of(&file), Kind::File));
        }
    }

    /// Adds the files of a run.
    pub(crate) fn fills(&mut self, source: Source, files: impl IntoIterator<Item = PathBuf>) {
        for file in files {
            self.outputs.extend(Entry::new(source, &file, Identity::of(&file), Kind::OfRun));
        }
    }

    /// Adds standard output; `said` names it.
    pub(crate) fn prints(&mut self, said: &str) {
        let advice = "send standard output elsewhere".into();
        let entry = |identity| Entry { identity, kind: Kind::Stdout, said: said.into(), advice };
        self.outputs.extend(Identity::of_stdout().map(entry));
    }

    /// Refuses an output that is an input or another output.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(flag) = self.owed.first() {
            return Err(Error::Bug(format!("{flag}: its files are not known")));
        }
        let refused = |what: String, output: &Entry| Err(Error::Usage(format!("{what}; {}", output.advice)));
        if let Some(messages) = &self.messages
            && self.inputs.iter().any(|input| input.identity.is(messages))
        {
            // Messages go to a file that is read. Even the reason would be written into it.
            std::process::exit(2);
        }
        for (place, output) in self.outputs.iter().enumerate() {
            let Entry { identity, said, .. } = output;
            for Entry { identity: read, said: input, .. } in &self.inputs {
                if identity.is(read) {
                    let why = "which cannot be read and replaced at once";
                    return refused(format!("{said} and {input} are one file, {why}"), output);
                }
                if identity.below(read).is_some() {
                    return refused(format!("{said} lies in {input}, which is read"), output);
                }
                if read.below(identity).is_some() {
                    return refused(format!("{input} is read and lies in {said}, which is replaced"), output);
                }
            }
            // A run has files in its directory before it reads.
            let among = |table: &&Entry| identity.below(&table.identity).is_some_and(input::counts);
            if output.kind == Kind::OfRun
                && let Some(table) = self.directories.iter().find(among)
            {
                return refused(format!("{said} lies in {}, which is read", table.said), output);
            }
            for other in self.outputs[..place].iter().filter(|other| other.kind.may_meet(output.kind)) {
                if identity.is(&other.identity) {
                    let why = "which one would replace the other";
                    return refused(format!("{} and {said} are one file, in {why}", other.said), output);
                }
            }
        }
        Ok(())
    }
}

impl Kind {
    /// Whether two outputs of these kinds are compared. What a run does in its directory is its own matter,
    /// and nothing but messages is printed meanwhile.
    fn may_meet(self, other: Self) -> bool {
        let own = |kind| [Self::OfRun, Self::Stdout].contains(&kind);
        !(self == Self::OfRun && own(other) || other == Self::OfRun && own(self))
    }
}

impl Entry {
    fn new(source: Source, file: &Path, identity: Option<Identity>, kind: Kind) -> Option<Self> {
        let Source { flag, path } = source;
        let said = if file.as_os_str() == "-" {
            format!("the standard input of {flag}")
        } else if file == path {
            format!("{flag} {}", path.display())
        } else {
            format!("{} of {flag} {}", file.display(), path.display())
        };
        Some(Self { identity: identity?, kind, said, advice: format!("name another {flag}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that two files of a command may have to do with each other.
    #[test]
    fn outputs_are_apart() {
        let own = tempfile::tempdir().unwrap();
        let at = |name: &str| own.path().join(name);
        let found = |read: &[&str], written: &[&str], filled: &[&str]| {
            let mut touched = Touched::new();
            let source = Source { flag: "--x", path: Path::new("") };
            touched.reads(source, read.iter().map(|name| at(name)));
            touched.writes(source, written.iter().map(|name| at(name)));
            touched.fills(source, filled.iter().map(|name| at(name)));
            touched.check().map_err(|error| (error.exit_code(), error.to_string()))
        };
        assert_eq!(found(&["a", "a", "b"], &["c", "d/a"], &["e", "e"]), Ok(()));
        for (read, written, filled, why) in [
            (&["a", "b"][..], &["c", "./b"][..], &[][..], "are one file"),
            (&["d"], &["d/x/y"], &[], "lies in"),
            (&["d/x"], &[], &["d"], "lies in"),
            (&["d/x"], &[], &["d/x"], "are one file"),
            (&[], &["c", "./c"], &[], "are one file"),
            (&[], &["c"], &["c"], "are one file"),
        ] {
            let (code, text) = found(read, written, filled).unwrap_err();
            assert!(code == 2 && text.contains(why) && text.ends_with("name another --x"), "{text}");
        }
        #[cfg(unix)]
        {
            let mut touched = Touched::new();
            let source = Source { flag: "--x", path: Path::new("/dev/null") };
            touched.reads(source, ["/dev/null".into()]);
            touched.writes(source, ["/dev/null".into(), "/dev/null".into()]);
            assert!(touched.check().is_ok() && touched.inputs.is_empty() && touched.outputs.is_empty());
            touched.owes("--y");
            assert_eq!(touched.check().unwrap_err().exit_code(), 1);
        }
    }
}
