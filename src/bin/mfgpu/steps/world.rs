//! The processes that a launcher of MPI started with this one. Rank 0 does what the command says; the others help it
//! to train, and are silent but for their own errors.

use crate::show::talk::say;
use crate::show::told::tell;
use crate::terminal;
use crate::threads::use_threads;
use mfgpu::Result;
use mfgpu::comm::{Comm, Launcher};
use mfgpu::run;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

/// The processes, as rank 0 sees them.
pub(crate) struct World {
    comm: Arc<dyn Comm>,
    /// The library, for people.
    library: String,
    /// Whether a run has them.
    is_taken: bool,
}

/// What the flag or its variable says where each process is to work for itself.
const NONE: &str = "none";

/// Whether this process is another than rank 0.
pub(crate) fn is_another() -> bool {
    launcher().is_some_and(|launcher| launcher.rank > 0)
}

/// The launcher that started this process with others, unless each is to work for itself. It is asked before the
/// arguments are parsed, which only rank 0 complains of.
fn launcher() -> Option<Launcher> {
    let given: Vec<OsString> = std::env::args_os().collect();
    let by_flag = given.windows(2).any(|two| two[0] == "--mpi" && two[1] == NONE);
    let by_word = given.iter().any(|word| word == "--mpi=none");
    let by_variable = std::env::var_os("MFGPU_MPI").is_some_and(|library| library == NONE);
    if by_flag || by_word || by_variable { None } else { Launcher::of_this_process() }
}

/// Lets rank 0 do the work, with the other processes if there are any. Any other process helps until rank 0 has
/// ended. All return when they have left MPI.
pub(crate) fn together(
    library: Option<&Path>,
    threads: Option<usize>,
    work: impl FnOnce(Option<&mut World>) -> Result<()>,
) -> Result<()> {
    let Some(launcher) = launcher() else { return work(None) };
    let (comm, library) = joined(launcher, library)?;
    let result = if launcher.rank == 0 {
        let mut world = World { comm: Arc::clone(&comm), library, is_taken: false };
        let result = work(Some(&mut world));
        if !world.is_taken {
            run::dismiss(&comm);
        }
        result
    } else {
        let result = run::follow(&comm, launcher.local, |config| use_threads(threads.or(config.threads)));
        // This error is of this process alone.
        terminal::be_silent(result.is_ok());
        result
    };
    if let Err(error) = &result {
        // MPI may end this process when it leaves.
        tell(error);
        terminal::be_silent(true);
    }
    comm.leave();
    result
}

impl World {
    /// The connection, for a run, which lets the other processes end.
    pub(crate) fn of_run(&mut self, quiet: bool) -> Arc<dyn Comm> {
        self.is_taken = true;
        if !quiet {
            say(&format!("mpi: {}", self.library));
        }
        Arc::clone(&self.comm)
    }
}

#[cfg(unix)]
fn joined(launcher: Launcher, library: Option<&Path>) -> Result<(Arc<dyn Comm>, String)> {
    let world = mfgpu::comm::World::join(launcher, library)?;
    let description = world.description();
    Ok((world, description))
}

#[cfg(not(unix))]
fn joined(launcher: Launcher, _: Option<&Path>) -> Result<(Arc<dyn Comm>, String)> {
    let Launcher { size, .. } = launcher;
    let why =
        format!("{size} processes of MPI train together on Unix alone; `--ranks` makes threads of this one");
    Err(mfgpu::Error::Usage(why))
}
