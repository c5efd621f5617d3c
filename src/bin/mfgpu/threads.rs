//! The number of threads.

use mfgpu::memory::need_threads;
use mfgpu::{Error, Result, run};

/// The stack of a thread, which is Rust's default.
const STACK: usize = 2 << 20;

/// Sets the number of threads for all parallel work; `None` is one per core. The calling thread is one of
/// them, because waking another thread takes as long as a sweep of a small table.
pub(crate) fn use_threads(threads: Option<usize>) -> Result<()> {
    let threads = run::threads(threads)?;
    need_threads(threads - 1, STACK)?;
    // Work that nobody waits for reports a panic to nobody, and would abort the process.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(STACK)
        .use_current_thread()
        .panic_handler(|_| std::process::exit(1));
    let refused = |error| Error::TooLarge(format!("{threads} threads (--threads): {error}"));
    pool.build_global().map_err(refused)
}
