//! What people see of a panic: the place and the text of it in one line, and the calls that led there if
//! `RUST_BACKTRACE` asks for them.

use super::say_line;
use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic;

/// From now on panics are shown like other messages: their texts may quote a file.
pub(crate) fn show_panics() {
    panic::set_hook(Box::new(|panic| {
        let thread = std::thread::current();
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let name = thread.name().unwrap_or("<unnamed>");
        say_line(&format!("thread '{name}' panicked at {place}: {}", what_it_said(panic.payload())));
        let calls = Backtrace::capture();
        match calls.status() {
            BacktraceStatus::Captured => calls.to_string().lines().for_each(say_line),
            _ => say_line("note: with RUST_BACKTRACE=1 in the environment there is more to report"),
        }
    }));
}

/// The text of a panic.
pub(crate) fn what_it_said(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without a text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// This test runs itself, in a process that panics.
    #[test]
    fn a_panic_is_a_line_without_control_characters() {
        if std::env::var_os("MFGPU_TEST_PANIC").is_some() {
            show_panics();
            panic!("found \x1b[2J\nerror: faked");
        }
        let own = std::env::current_exe().unwrap();
        let name = "terminal::panics::tests::a_panic_is_a_line_without_control_characters";
        let output = Command::new(own).args([name, "--exact"]).env("MFGPU_TEST_PANIC", "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().find(|line| line.contains("panicked at ")).unwrap();
        assert!(line.ends_with(r": found \x1b[2J\nerror: faked") && line.contains("panics.rs:"), "{said}");
        assert!(!said.lines().any(|line| line.starts_with("error: faked")), "{said}");
    }
}
