//! The command line of mfgpu: data goes to stdout, messages go to stderr, and exit codes are documented.

mod arguments;
mod commands;
#[cfg(test)]
mod declared;
mod flags;
mod show;
mod signals;
mod steps;
mod threads;

use mfgpu::Error;
use std::io::ErrorKind::BrokenPipe;
use std::process::ExitCode;

fn main() -> ExitCode {
    mfgpu::guard::hush();
    let (cli, touched) = arguments::Cli::read();
    let result = signals::listen().and_then(|()| cli.run(touched));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of stdout has closed it, which is not an error.
        Err(Error::Write { source, .. }) if source.kind() == BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            show::talk::say(&format!("error: {}", flags::names::message(&error)));
            ExitCode::from(error.exit_code())
        }
    }
}
