//! The threads that work. Every fit has its own, so that two fits at a time do not wait for each other; short calls
//! share some, which a process that was forked makes anew, since threads do not survive a fork.

use mfgpu::run::threads;
use mfgpu::{Error, Result};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::mem::forget;
use std::sync::{Arc, Mutex, PoisonError};

/// The process that made the shared threads, and these.
static SHARED: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// Threads of one's own, as many as the setting asks for.
pub(crate) fn own(asked: Option<usize>) -> Result<ThreadPool> {
    let count = threads(asked)?;
    let name = |number| format!("mfgpu-{number}");
    let pool = ThreadPoolBuilder::new().num_threads(count).thread_name(name).build();
    pool.map_err(|error| Error::TooLarge(format!("{count} threads: {error}; fewer threads help")))
}

/// The shared threads, one a core.
pub(crate) fn shared() -> Result<Arc<ThreadPool>> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((_, pool)) = shared.as_ref().filter(|(maker, _)| *maker == process) {
        return Ok(Arc::clone(pool));
    }
    let pool = Arc::new(own(None)?);
    // Those of the parent are not here, so nobody could wait for their end.
    forget(shared.replace((process, Arc::clone(&pool))));
    Ok(pool)
}
