//! One error type, sorted by what the reader can do about it; the binary maps each kind to an exit code.
//!
//! Texts name settings as a file of settings has them, in backquotes: one in a table by its whole name, as in
//! `training.stages`, and one outside with a value, as in `vram = SIZE`: a column may be called `vram`.

use std::path::{Path, PathBuf};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, by what can be done about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting or an argument makes no sense: fix the command (exit code 2).
    #[error("{0}")]
    Usage(String),
    /// The value of a setting makes no sense: change it (exit code 2).
    #[error("{name} is {found}; {expected}")]
    Setting {
        /// The setting as a file of settings has it, with its table: `training.factors`, `threads`.
        name: &'static str,
        /// What it is.
        found: String,
        /// What it may be, or why it cannot be that.
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
        /// What the system said.
        source: std::io::Error,
    },
    /// An output cannot be written; often the disk is full (exit code 4).
    #[error("{}: cannot write: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not enough memory, device memory or disk: what is needed, what there is, what helps (exit code 4).
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
        /// What is wrong with it.
        why: String,
    },
    /// Another process works on the run (exit code 9).
    #[error("{0}")]
    Locked(String),
    /// Stopped from outside, by a signal (exit code 128 and its number; 75 for a preemption) or by
    /// [`Stop::raise`](crate::stop::Stop::raise) (exit code 128).
    #[error("stopped: {why}")]
    Stopped {
        /// The exit code.
        code: u8,
        /// By what.
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
    pub(crate) fn setting(name: &'static str, found: impl ToString, expected: impl Into<String>) -> Self {
        Self::Setting { name, found: found.to_string(), expected: expected.into() }
    }

    /// Stopped from outside, to end with this exit code.
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
        move |source| Self::Read { path: path.as_ref().to_owned(), source }
    }

    /// For `map_err` on a write to `path`.
    pub fn write(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| match source.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            Some(Self::Stopped { code, .. }) => Self::stopped(*code),
            _ => Self::Write { path: path.as_ref().to_owned(), source },
        }
    }
}
