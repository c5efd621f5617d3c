//! The beginning and the end of a run, new or resumed.

use crate::flags::names::message;
use crate::show::aside::Aside;
use crate::show::summary::summarize;
use crate::show::talk::{log, say};
use crate::signals;
use mfgpu::run::{Config, Record, RunDirectory, names};
use mfgpu::train::engine::Device;
use mfgpu::{Error, Result};

/// The command line.
pub(crate) fn command() -> Vec<String> {
    std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect()
}

/// Opens the device that trains, and reports it.
pub(crate) fn open(config: &Config, quiet: bool) -> Result<Device> {
    let device = Device::open(&config.device, config.vram)?;
    if !quiet {
        say(&format!("device: {}", device.description()));
    }
    Ok(device)
}

/// From now on a signal that asks for an end is answered at once.
pub(crate) fn answer_signals(aside: Aside) {
    signals::when_asked_to_stop(move || {
        aside.line("stopping after this stage, and saving; once more to stop now, without saving");
    });
}

/// Reports the results of a run, or how to resume it.
pub(crate) fn finish(
    config: &Config,
    directory: &RunDirectory,
    record: Result<Record>,
    quiet: bool,
) -> Result<()> {
    match record {
        Ok(record) if !quiet => summarize(config, directory, &record),
        Ok(_) => {}
        Err(error) => {
            let asked = matches!(error, Error::Stopped { .. });
            let kind = if asked { "" } else { "error: " };
            log(&format!("{kind}{}", message(&error)));
            let goes_on = matches!(error, Error::Stopped { .. } | Error::Write { .. } | Error::Device(_));
            if goes_on && directory.file(names::CONFIG).exists() {
                say(&format!("to go on: mfgpu resume {}", directory.path().display()));
            }
            return Err(error);
        }
    }
    Ok(())
}
