//! The command line of mfgpu: data goes to stdout, messages go to stderr, and exit codes are documented.

mod allocator;
mod arguments;
mod commands;
mod flags;
mod show;
mod signals;
mod steps;
mod threads;

use clap::Parser;
use mfgpu::Error;
use mfgpu::memory::need_threads;
use std::io::ErrorKind::BrokenPipe;
use std::process::ExitCode;

/// The stack of the thread that runs a command. The system's own first thread has one that grows as it is used, and
/// a process whose stack cannot grow is killed; this one is there from the start, or not at all.
const STACK: usize = 8 << 20;

fn main() -> ExitCode {
    allocator::prepare();
    mfgpu::guard::hush();
    let thread = || {
        need_threads(1, STACK)?;
        let thread = std::thread::Builder::new().name("main".into()).stack_size(STACK).spawn(command);
        thread.map_err(|error| {
            Error::TooLarge(format!("a first thread: {error}; more memory or processes help"))
        })
    };
    match thread() {
        // A panic has been reported, and is a bug.
        Ok(thread) => thread.join().unwrap_or(ExitCode::from(1)),
        Err(error) => failed(&error),
    }
}

/// Runs the command that the arguments name.
fn command() -> ExitCode {
    let cli = arguments::Cli::parse();
    let result = signals::listen().and_then(|()| cli.run());
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of stdout has closed it, which is not an error.
        Err(Error::Write { source, .. }) if source.kind() == BrokenPipe => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// Reports an error; returns its exit code.
fn failed(error: &Error) -> ExitCode {
    show::talk::say(&format!("error: {}", flags::names::message(error)));
    ExitCode::from(error.exit_code())
}
