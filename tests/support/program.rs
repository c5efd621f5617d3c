//! Runs the program from outside.

use std::path::Path;
use std::process::Command;

/// The program, in a directory, without the settings of the caller's environment.
pub(crate) fn command(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfgpu"));
    command.current_dir(directory);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MFGPU_")) {
        command.env_remove(name);
    }
    command
}

/// The same, run to its end for inspection.
pub(crate) fn mfgpu(directory: &Path) -> assert_cmd::Command {
    assert_cmd::Command::from_std(command(directory))
}

/// Runs the program and returns its stdout and stderr; checks the exit code.
pub(crate) fn run(directory: &Path, arguments: &[&str], code: i32) -> (String, String) {
    let assert = mfgpu(directory).args(arguments).assert().code(code);
    let output = assert.get_output();
    (String::from_utf8_lossy(&output.stdout).into(), String::from_utf8_lossy(&output.stderr).into())
}

/// Splits a line into words.
pub(crate) fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}
