//! One error type, sorted by what the reader can do about it; the binary maps each kind to an exit code.
//!
//! Texts name settings as a settings file does, in backquotes. A setting in a table has its whole name, such
//! as `training.stages`. A setting outside of tables has a value, such as `vram = SIZE`, because a column may
//! be called `vram`.

use std::path::{Path, PathBuf};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error, by what the reader can do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting or an argument makes no sense: fix the command (exit code 2).
    #[error("{0}")]
    Usage(String),
    /// The value of a setting makes no sense: change it (exit code 2).
    #[error("{name} is {found}; {expected}")]
    Setting {
        /// The setting as in a settings file, with its table: `training.factors`, `threads`.
        name: &'static str,
        /// The value that was found.
        found: String,
        /// The values that are allowed, or why this one is not.
        expected: String,
    },
    /// The input cannot be used: fix the data (exit code 3). The text starts with `file:line:`.
    #[error("{0}")]
    Input(String),
    /// A file cannot be opened or read (exit code 3).
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// An output cannot be written; often the disk is full (exit code 4).
    #[error("{}: cannot write: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// Not enough memory, device memory or disk. The text says what is needed, what there is and what helps
    /// (exit code 4).
    #[error("{0}")]
    TooLarge(String),
    /// The requested device is not there (exit code 5).
    #[error("{0}")]
    NoDevice(String),
    /// The device failed while it worked: lost, hung, or refused a command (exit code 5).
    #[error("{0}")]
    Device(String),
    /// Training diverged after the allowed roll-backs (exit code 6).
    #[error("{0}")]
    Diverged(String),
    /// A model or a checkpoint is damaged or of another version (exit code 7).
    #[error("{}: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The damage, in words.
        why: String,
    },
    /// Another process is working on the run (exit code 9).
    #[error("{0}")]
    Locked(String),
    /// Stopped from outside, by a signal (exit code 128 and its number; 75 for a preemption) or by
    /// [`Stop::raise`](crate::stop::Stop::raise) (exit code 128).
    #[error("stopped: {why}")]
    Stopped {
        /// The exit code.
        code: u8,
        /// The cause, in words.
        why: String,
    },
    /// A fault of this program: report it (exit code 1).
    #[error("internal error: {0}; please report it")]
    Bug(String),
}

impl Error {
    /// The class of the error as a number: the exit code that the command line documents for it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Bug(_) => 1,
            Self::Usage(_) | Self::Setting { .. } => 2,
            Self::Input(_) | Self::Read { .. } => 3,
            Self::Write { .. } | Self::TooLarge(_) => 4,
            Self::NoDevice(_) | Self::Device(_) => 5,
            Self::Diverged(_) => 6,
            Self::Damaged { .. } => 7,
            Self::Locked(_) => 9,
            Self::Stopped { code, .. } => *code,
        }
    }

    /// A setting whose value makes no sense.
    pub(crate) fn setting(
        name: &'static str,
        found: &dyn std::fmt::Display,
        expected: impl Into<String>,
    ) -> Self {
        Self::Setting { name, found: found.to_string(), expected: expected.into() }
    }

    /// Stopped from outside; `code` is the exit code to end with.
    pub fn stopped(code: u8) -> Self {
        let why = match code {
            129 => "the terminal hung up (HUP)".into(),
            130 => "interrupted (INT)".into(),
            143 => "asked to end (TERM)".into(),
            75 => "preempted (USR2)".into(),
            128 => "as asked".into(),
            _ => format!("asked to end with exit code {code}"),
        };
        Self::Stopped { code, why }
    }

    /// For `map_err` on a read of `path`.
    pub fn read(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| match source.kind() {
            std::io::ErrorKind::OutOfMemory => {
                let here = path.as_ref().display();
                Self::TooLarge(format!("{here}: there is not enough memory to read it; more memory helps"))
            }
            _ => Self::Read { path: path.as_ref().to_owned(), source },
        }
    }

    /// For `map_err` on a write to `path`.
    pub fn write(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| match source.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            Some(Self::Stopped { code, .. }) => Self::stopped(*code),
            _ => Self::Write { path: path.as_ref().to_owned(), source },
        }
    }
}
