//! The number of threads.

use mfgpu::{Error, Result};

/// Sets the number of threads for all parallel work; `None` is one per core. The calling thread is one of
/// them, because waking another thread takes as long as a sweep of a small table.
pub(crate) fn use_threads(threads: Option<usize>) -> Result<()> {
    if threads == Some(0) {
        return Err(Error::Usage("--threads is 0; it must be at least 1".into()));
    }
    // Work that nobody waits for reports a panic to nobody, and would abort the process.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or(0))
        .use_current_thread()
        .panic_handler(|_| std::process::exit(1));
    let asked = threads.map_or_else(|| "one thread a core".into(), |threads| format!("--threads {threads}"));
    pool.build_global().map_err(|error| Error::TooLarge(format!("{asked}: {error}")))
}
