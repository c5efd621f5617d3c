//! Signals: the first one raises the token of the process, which requests an orderly stop; the second one
//! ends the process at once.

use crate::terminal;
use mfgpu::files::{Sink, read_text};
use mfgpu::{Error, Result, Stop};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::os::raw::c_int;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

/// Bytes of stack of the thread that waits for signals, which only writes a line.
#[cfg(unix)]
const STACK: usize = 256 << 10;

static STOP: LazyLock<Stop> = LazyLock::new(Stop::new);

/// The token of the process, which signals raise.
pub(crate) fn token() -> &'static Stop {
    &STOP
}

/// A stop check for the progress callback of reading.
pub(crate) fn check(_bytes: u64, _ratings: u64) -> Result<()> {
    STOP.check()
}

/// Opens an output; writes fail after a signal.
pub(crate) fn sink(path: impl AsRef<Path>) -> Result<Sink<'static>> {
    Ok(terminal::sink(path.as_ref())?.until(&STOP))
}

/// Installs the signal handlers.
pub(crate) fn listen() -> Result<()> {
    let wrong = |error: io::Error| Error::Bug(format!("signals: {error}"));
    let (code, save) = STOP.flags();
    let armed = Arc::new(AtomicBool::new(false));
    let stop = |signal: c_int, with: u8| -> io::Result<()> {
        if is_ignored(signal) {
            return Ok(());
        }
        // The order matters: when the first signal arrives, the immediate exit is not armed yet.
        flag::register_conditional_shutdown(signal, with.into(), Arc::clone(&armed))?;
        flag::register(signal, Arc::clone(&armed))?;
        flag::register_usize(signal, Arc::clone(code), with.into())?;
        Ok(())
    };
    let all = || -> io::Result<()> {
        stop(SIGINT, 130)?;
        stop(SIGTERM, 143)?;
        #[cfg(unix)]
        {
            use signal_hook::consts::{SIGHUP, SIGUSR1, SIGUSR2, SIGXFSZ};
            stop(SIGHUP, 129)?;
            stop(SIGUSR2, 75)?;
            flag::register(SIGUSR1, Arc::clone(save))?;
            // A file beyond the limit of its size is a failed write, as a full disk is.
            flag::register(SIGXFSZ, Arc::default())?;
        }
        Ok(())
    };
    all().map_err(wrong)
}

/// Calls a function at once when the first signal asks for an end. Without a thread for it nothing is called,
/// and the work ends all the same.
pub(crate) fn when_asked_to_stop(call: impl FnOnce() + Send + 'static) {
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGHUP, SIGUSR2};
        use signal_hook::iterator::Signals;
        let ends = [SIGINT, SIGTERM, SIGHUP, SIGUSR2].into_iter().filter(|&signal| !is_ignored(signal));
        let Ok(mut signals) = Signals::new(ends) else { return };
        let wait = move || {
            if signals.forever().next().is_some() {
                call();
            }
        };
        let _ = std::thread::Builder::new().name("signals".into()).stack_size(STACK).spawn(wait);
    }
    #[cfg(not(unix))]
    drop(call);
}

/// Whether the parent process set a signal to be ignored, as `nohup` does.
fn is_ignored(signal: c_int) -> bool {
    let status = read_text(Path::new("/proc/self/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
