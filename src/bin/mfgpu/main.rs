//! The command line of mfgpu: data goes to stdout, messages go to stderr, and exit codes are documented.

mod allocator;
mod arguments;
mod commands;
#[cfg(test)]
mod declared;
mod environment;
mod flags;
mod inside;
mod show;
mod signals;
mod steps;
mod terminal;
mod threads;
mod variables;

use clap::FromArgMatches;
use mfgpu::{Error, Result};
use std::ffi::OsString;
use std::io::ErrorKind::BrokenPipe;
use std::process::ExitCode;

fn main() -> ExitCode {
    allocator::prepare();
    environment::prepare();
    terminal::show_panics();
    mfgpu::guard::hush();
    match inside::inside(command) {
        Ok(code) => code,
        // The reader of stdout has closed it, which is not an error.
        Err(Error::Write { source, .. }) if source.kind() == BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            show::told::tell(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Parses the arguments, and runs the command that they name.
fn command() -> Result<ExitCode> {
    let mut all = arguments::program();
    let given: Vec<OsString> = std::env::args_os().collect();
    terminal::choose_colour(flags::colour::wanted(&given).always());
    let parsed = all.clone().try_get_matches_from(flags::spread::spread(&all, &given));
    if steps::world::is_another() {
        // Rank 0 speaks for all.
        terminal::be_silent(true);
        if let Err(usage) = &parsed {
            return Ok(ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2)));
        }
    }
    if parsed.as_ref().is_err_and(|usage| !usage.use_stderr()) {
        // Help is to be had whatever the variables are.
        return parsed.map_or_else(terminal::say_usage, |_| Ok(ExitCode::SUCCESS));
    }
    variables::check(&all, variables::set())?;
    let matches = match parsed {
        Ok(matches) => matches,
        Err(mut usage) => {
            flags::spread::advise(&all, &given, &mut usage);
            return terminal::say_usage(usage);
        }
    };
    let cli = match arguments::Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(usage) => return terminal::say_usage(usage.format(&mut all)),
    };
    let touched = flags::walk::touched(&all, &matches);
    signals::listen()?;
    cli.run(touched).map(|()| ExitCode::SUCCESS)
}
