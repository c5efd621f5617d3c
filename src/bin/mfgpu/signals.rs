//! Signals: the first one asks to stop in order, the second one ends the process at once.

use mfgpu::{Error, Result, interrupt};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::os::raw::c_int;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Begins to listen.
pub(crate) fn listen() -> Result<()> {
    let wrong = |error: io::Error| Error::Bug(format!("signals: {error}"));
    let armed = Arc::new(AtomicBool::new(false));
    let stop = |signal: c_int, code: u8| -> io::Result<()> {
        if is_ignored(signal) {
            return Ok(());
        }
        // In this order: the first signal finds nothing armed.
        flag::register_conditional_shutdown(signal, code.into(), Arc::clone(&armed))?;
        flag::register(signal, Arc::clone(&armed))?;
        flag::register_usize(signal, Arc::clone(interrupt::stop()), code.into())?;
        Ok(())
    };
    let all = || -> io::Result<()> {
        stop(SIGINT, 130)?;
        stop(SIGTERM, 143)?;
        #[cfg(unix)]
        {
            use signal_hook::consts::{SIGHUP, SIGUSR1, SIGUSR2};
            stop(SIGHUP, 129)?;
            stop(SIGUSR2, 75)?;
            flag::register(SIGUSR1, Arc::clone(interrupt::save()))?;
        }
        Ok(())
    };
    all().map_err(wrong)
}

/// Whether whoever started the process wants a signal to pass it by, as `nohup` does.
fn is_ignored(signal: c_int) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
