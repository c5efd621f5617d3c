//! Long work beside Python: the caller's thread lets go of the interpreter, and looks now and then whether it was
//! interrupted.

use crate::error::{panicked, raised};
use mfgpu::{Result, Stop};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyBool;
use rayon::ThreadPool;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How long the caller's thread sleeps between two looks.
const NAP: Duration = Duration::from_millis(50);

/// What tells the work to end.
#[derive(Debug, Clone, Default)]
pub(crate) struct End {
    /// Ends it with nothing.
    pub(crate) stop: Stop,
    /// Ends it with the best there is.
    keep: Arc<AtomicBool>,
}

impl End {
    /// Whether it may end with the best there is.
    pub(crate) fn is_asked(&self) -> bool {
        self.keep.load(Ordering::Relaxed)
    }
}

/// How a caller follows the work.
pub(crate) struct Watch<'py> {
    /// Called with each event, as text of JSON; an exception ends the work, and so does `False`.
    pub(crate) on_event: Option<Bound<'py, PyAny>>,
    /// Called now and then; true ends the work.
    pub(crate) stopped: Option<Bound<'py, PyAny>>,
    /// Whether an interrupt keeps the best there is, in place of an exception.
    pub(crate) keep: bool,
}

/// Does the work in the pool. An interrupt of the caller's thread ends it.
pub(crate) fn waiting<T: Send>(
    py: Python<'_>,
    pool: &ThreadPool,
    watch: &Watch<'_>,
    work: impl FnOnce(&End, Sender<String>) -> Result<T> + Send,
) -> PyResult<T> {
    let end = End::default();
    let (sender, receiver) = channel();
    let (on_event, stopped) = (watch.on_event.as_ref().map(bound), watch.stopped.as_ref().map(bound));
    let caller = Caller { on_event, stopped, keep: watch.keep, end: end.clone() };
    let (done, failed) = py.detach(move || {
        let end = &end;
        std::thread::scope(move |scope| {
            let work = move || mfgpu::guard::guarded(|| work(end, sender));
            let worker = scope.spawn(move || pool.install(work));
            let failed = caller.wait(&receiver);
            (worker.join(), failed)
        })
    });
    if let Some(failed) = failed {
        return Err(failed);
    }
    match done {
        Ok(Some(Ok(done))) => Ok(done),
        Ok(Some(Err(error))) => Err(raised(py, error)),
        Ok(None) | Err(_) => Err(panicked()),
    }
}

fn bound(object: &Bound<'_, PyAny>) -> Py<PyAny> {
    object.clone().unbind()
}

/// The caller's thread while it waits.
struct Caller {
    on_event: Option<Py<PyAny>>,
    stopped: Option<Py<PyAny>>,
    keep: bool,
    end: End,
}

impl Caller {
    /// Waits until the work has ended. Returns the exception that ended it, if one did.
    fn wait(&self, events: &Receiver<String>) -> Option<PyErr> {
        let (mut failed, mut looked) = (None, Instant::now());
        loop {
            let event = match events.recv_timeout(NAP) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return failed,
            };
            if failed.is_some() {
                continue;
            }
            let mut asked = event.map_or(Ok(()), |event| self.tell(event));
            if asked.is_ok() && looked.elapsed() >= NAP {
                asked = self.look();
                looked = Instant::now();
            }
            failed = asked.err();
            if failed.is_some() {
                self.end.stop.raise();
            }
        }
    }

    fn tell(&self, event: String) -> PyResult<()> {
        let Some(on_event) = &self.on_event else { return Ok(()) };
        self.ask(|py| {
            let answer = on_event.bind(py).call1((event,))?;
            Ok(answer.is_exact_instance_of::<PyBool>() && !answer.is_truthy()?)
        })
    }

    fn look(&self) -> PyResult<()> {
        self.ask(|py| match &self.stopped {
            Some(stopped) => stopped.bind(py).call0()?.is_truthy(),
            None => Ok(false),
        })
    }

    /// Asks Python whether the work is to end with the best there is, and runs the handlers of signals that came. That
    /// of an interrupt raises an exception, there or in what is asked.
    fn ask(&self, whether: impl FnOnce(Python<'_>) -> PyResult<bool>) -> PyResult<()> {
        Python::attach(|py| {
            let answer = match whether(py).and_then(|ends| py.check_signals().map(|()| ends)) {
                Err(error) if self.keep && error.is_instance_of::<PyKeyboardInterrupt>(py) => Ok(true),
                other => other,
            };
            if answer? {
                self.end.keep.store(true, Ordering::Relaxed);
            }
            Ok(())
        })
    }
}
