//! The types of arguments that name files. Each says what a path stands for, so that what a command reads and
//! writes is known before it runs.

use clap::builder::{PathBufValueParser, StringValueParser, TypedValueParser};
use mfgpu::run::Slice;
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// What is read at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A file.
    File,
    /// Ratings or pairs: a file, or a directory with all its files.
    Ratings,
    /// A model file, or the directory of its run.
    Model,
    /// The directory of a run, with the files that its settings name.
    Run,
    /// The same, for a run that goes on: its own files are read and written.
    Resumed,
    /// A directory of runs.
    Runs,
    /// Ratings, a model or a run.
    Any,
}

/// A path that is read; `-` is standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reads {
    path: PathBuf,
    /// What is read there.
    pub(crate) content: Content,
}

/// What is written at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// A file.
    File,
    /// Files whose names the command knows.
    Several,
    /// The directory of a run.
    Run,
}

/// A path that is written; `-` is standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Writes {
    path: PathBuf,
    /// What is written there.
    pub(crate) output: Output,
}

/// One value of a list of ids; a single one may be a file of ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named(pub(crate) String);

/// Ratings that are set aside, which may be those of a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Aside(pub(crate) Slice);

/// A parser for paths that are read.
pub(crate) fn reads(content: Content) -> impl TypedValueParser<Value = Reads> {
    PathBufValueParser::new().map(move |path| Reads { path, content })
}

/// A parser for paths that are written.
pub(crate) fn writes(output: Output) -> impl TypedValueParser<Value = Writes> {
    PathBufValueParser::new().map(move |path| Writes { path, output })
}

/// A parser for ids, or a file of them.
pub(crate) fn named_ids() -> impl TypedValueParser<Value = Named> {
    StringValueParser::new().map(Named)
}

/// A parser for slices of ratings.
pub(crate) fn aside() -> impl TypedValueParser<Value = Aside> {
    StringValueParser::new().try_map(|text| text.parse().map(Aside))
}

/// The paths alone.
pub(crate) fn plain(all: &[Reads]) -> Vec<PathBuf> {
    all.iter().map(|one| one.path.clone()).collect()
}

impl Writes {
    /// Whether this is standard output, under any of its names.
    pub(crate) fn is_stdout(&self) -> bool {
        ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| self.path == Path::new(name))
    }
}

impl Deref for Reads {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl AsRef<Path> for Reads {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl Deref for Writes {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl AsRef<Path> for Writes {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}
