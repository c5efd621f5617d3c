//! Failures on request, in builds with debug assertions alone: each operation on files has a number, and the
//! operation with a chosen number fails, or the process ends there.
//!
//! `MFGPU_FAULT=NUMBER:WHAT` chooses. `WHAT` is `EIO`, `ENOSPC` or `EINTR` (once; with `:ever` behind it every
//! operation that writes fails from there on, or with `EIO` every one), `kill` (the process ends as if it was
//! killed), `cut` or `tear` (the power fails, [`power`]). `MFGPU_FAULT_TRACE=FILE` gets a line an operation, and
//! `MFGPU_FAULT_ASIDE=DIRECTORY`, on the same disk, keeps what a power cut brings back.

mod power;

pub(super) use power::Change;

use power::Unsynced;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

/// What a process ends with that was killed or lost its power, as a shell reports it.
const KILLED: i32 = 137;

/// What happens at an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Fails {
        code: i32,
        ever: bool,
    },
    Killed,
    /// The power fails; nothing that was not synced is left, or of files that were not synced only their
    /// names.
    PowerCut {
        torn: bool,
    },
}

struct Plan {
    at: u64,
    what: What,
    trace: Option<File>,
    number: u64,
    unsynced: Option<Unsynced>,
}

static PLAN: LazyLock<Option<Mutex<Plan>>> = LazyLock::new(|| Plan::wanted().map(Mutex::new));

impl Plan {
    fn wanted() -> Option<Self> {
        let trace = std::env::var_os("MFGPU_FAULT_TRACE");
        let wanted = std::env::var("MFGPU_FAULT").ok();
        if trace.is_none() && wanted.is_none() {
            return None;
        }
        let mut parts = wanted.iter().flat_map(|text| text.split(':'));
        let at = parts.next().map_or(u64::MAX, |number| number.parse().expect("a number in MFGPU_FAULT"));
        let (name, ever) = (parts.next().unwrap_or("EIO"), parts.next() == Some("ever"));
        let fails = |code| What::Fails { code, ever };
        let what = match name {
            "EINTR" => fails(4),
            "EIO" => fails(5),
            "ENOSPC" => fails(28),
            "kill" => What::Killed,
            "cut" => What::PowerCut { torn: false },
            "tear" => What::PowerCut { torn: true },
            other => panic!("MFGPU_FAULT: found {other}"),
        };
        let open = |path| OpenOptions::new().append(true).create(true).open(path).expect("a trace");
        let aside = std::env::var_os("MFGPU_FAULT_ASIDE").map(PathBuf::from);
        let unsynced = matches!(what, What::PowerCut { .. })
            .then(|| Unsynced::new(aside.expect("MFGPU_FAULT_ASIDE for a power cut")));
        Some(Self { at, what, trace: trace.map(open), number: 0, unsynced })
    }

    fn strike(&mut self, name: &str, path: &Path) -> io::Result<()> {
        self.number += 1;
        if let Some(trace) = &mut self.trace {
            writeln!(trace, "{} {name} {}", self.number, path.display())?;
        }
        if self.number < self.at {
            return Ok(());
        }
        match self.what {
            What::Fails { code, ever: false } if self.number == self.at => {
                Err(io::Error::from_raw_os_error(code))
            }
            What::Fails { code, ever: true } if code == 5 || fills(name) => {
                Err(io::Error::from_raw_os_error(code))
            }
            What::Fails { .. } => Ok(()),
            What::Killed => std::process::exit(KILLED),
            What::PowerCut { torn } => {
                if let Some(unsynced) = self.unsynced.take() {
                    unsynced.lose(torn);
                }
                std::process::exit(KILLED)
            }
        }
    }
}

/// Whether an operation takes space on a disk.
fn fills(name: &str) -> bool {
    ["write", "create", "mkdir", "rename", "sync", "syncdir"].contains(&name)
}

fn plan<T>(act: impl FnOnce(&mut Plan) -> T) -> Option<T> {
    PLAN.as_ref().map(|plan| act(&mut plan.lock().unwrap_or_else(PoisonError::into_inner)))
}

fn unsynced<T>(act: impl FnOnce(&mut Unsynced) -> T) -> Option<T> {
    plan(|plan| plan.unsynced.as_mut().map(act)).flatten()
}

/// Counts an operation, and lets it fail if it is its turn.
pub(super) fn strike(name: &str, path: &Path) -> io::Result<()> {
    plan(|plan| plan.strike(name, path)).unwrap_or(Ok(()))
}

/// A name is about to be given to another file.
pub(super) fn renaming(from: &Path, to: &Path) -> Change {
    unsynced(|unsynced| unsynced.renaming(from, to)).unwrap_or(Change::None)
}

/// A file is about to be removed.
pub(super) fn removing(path: &Path) -> Change {
    unsynced(|unsynced| unsynced.removing(path)).unwrap_or(Change::None)
}

/// A directory has changed.
pub(super) fn changed(change: Change) {
    unsynced(|unsynced| unsynced.changed(change));
}

/// A directory was synced.
pub(super) fn synced_directory(path: &Path) {
    unsynced(|unsynced| unsynced.synced_directory(path));
}

/// A file is about to be written to.
pub(super) fn writing(file: &File) {
    unsynced(|unsynced| unsynced.writing(file));
}

/// A file was cut off.
pub(super) fn shortened(file: &File) {
    unsynced(|unsynced| unsynced.shortened(file));
}

/// A file was synced.
pub(super) fn synced(file: &File) {
    unsynced(|unsynced| unsynced.synced(file));
}
