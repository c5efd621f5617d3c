//! The command line of mfgpu: stdout is data, stderr is talk, exit codes are documented.

mod arguments;
mod bench;
mod complete;
mod completions;
mod describe;
mod devices;
mod disk;
mod evaluate;
mod evaluation_arguments;
mod export;
mod generate;
mod human;
mod input;
mod manual;
mod metrics;
mod new;
mod output;
mod predict;
mod progress;
mod recommend;
mod report;
mod resume;
mod rows_done;
mod runs;
mod settings;
mod signals;
mod similar;
mod talk;
mod train;
mod train_arguments;
mod users;

use clap::Parser;
use mfgpu::Error;
use std::io::ErrorKind::BrokenPipe;
use std::process::ExitCode;

fn main() -> ExitCode {
    mfgpu::guard::hush();
    let cli = arguments::Cli::parse();
    let result = signals::listen().and_then(|()| cli.run());
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has enough.
        Err(Error::Write { source, .. }) if source.kind() == BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            talk::say(&format!("error: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
