//! Exit codes of what the system does to a program: limits, full devices, and variables that nobody reads.

use crate::program::{command, mfgpu, run};
use std::process::Command;

/// Runs a line of bash in which `$M` is the program; returns the code and stderr.
#[cfg(unix)]
fn bash(line: &str) -> (Option<i32>, String) {
    let directory = tempfile::tempdir().unwrap();
    // A small stack has room for a small environment only.
    let mut bash = Command::new("bash");
    bash.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    bash.env("M", env!("CARGO_BIN_EXE_mfgpu")).current_dir(directory.path());
    let output = bash.args(["-c", line]).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn limits_and_full_devices() {
    let generate = "$M generate --users 200 --items 100 --ratings 9000";
    for (line, code, what) in [
        (format!("ulimit -f 8; {generate} -o r.csv"), 4, "r.csv: cannot write"),
        (format!("trap '' XFSZ; ulimit -f 8; {generate} -o r.csv"), 4, "r.csv: cannot write"),
        (format!("{generate} >/dev/full"), 4, "standard output"),
        ("$M --help >/dev/full".into(), 4, "standard output"),
        ("$M train -h >/dev/full".into(), 4, "standard output"),
        ("$M --version >/dev/full".into(), 4, "standard output"),
        ("$M --help >/dev/null".into(), 0, ""),
        ("$M --version | true; exit ${PIPESTATUS[0]}".into(), 0, ""),
        ("$M none 2>&-".into(), 2, ""),
        (format!("ulimit -s 64; {generate} -o r.csv"), 0, "generated"),
        (
            format!("{generate} -o r.csv && ulimit -s 64 && $M train r.csv -k 4 --epochs 2 --device cpu"),
            0,
            "files: ",
        ),
    ] {
        let (found, said) = bash(&line);
        assert_eq!(found, Some(code), "{line}: {said}");
        assert!(said.contains(what), "{line}: {said}");
    }
}

#[test]
fn a_variable_that_nobody_reads_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let said = |name: &str, arguments: &[&str], code: i32| {
        let assert = mfgpu(directory.path()).env(name, "1").args(arguments).assert().code(code);
        String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
    };
    let generate = ["generate", "--users", "5", "--items", "5", "--ratings", "9", "-o", "r.csv"];
    let typed = concat!("MFGPU_", "FACTOR");
    let error = format!("error: no command reads the variable {typed}; did you mean MFGPU_FACTORS?\n");
    assert_eq!(said(typed, &generate, 2), error);
    assert!(!directory.path().join("r.csv").exists());
    assert!(said(concat!("MFGPU_", "XYZ_XYZ_XYZ"), &generate, 2).contains("unset it"));
    for fine in ["MFGPU_SEED", "MFGPU_DATA", "MFGPU_REQUIRE_GPU", "OTHER_FACTOR"] {
        assert!(said(fine, &generate, 0).starts_with("generated: "), "{fine}");
    }
    assert_eq!(said(typed, &["--version"], 0), "");
    let quiet = ["train", "r.csv", "-k", "1", "--epochs", "1", "--device", "cpu", "-q"];
    assert_eq!(said(typed, &quiet, 2), error);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_named() {
    use std::os::unix::ffi::OsStrExt;
    let directory = tempfile::tempdir().unwrap();
    let value = std::ffi::OsStr::from_bytes(b"4\xff");
    let output = command(directory.path()).env("MFGPU_FACTORS", value).args(["train", "r.csv"]).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("MFGPU_FACTORS"), "{said}");
}

/// The codes that the library has are in docs/commands.md and in `--help`.
#[test]
fn the_codes_are_documented() {
    use mfgpu::Error;
    let text = String::new;
    let path = std::path::PathBuf::new;
    let source = || std::io::Error::other("a test");
    let codes = [
        Error::Bug(text()),
        Error::Usage(text()),
        Error::Input(text()),
        Error::Read { path: path(), source: source() },
        Error::Write { path: path(), source: source() },
        Error::TooLarge(text()),
        Error::NoDevice(text()),
        Error::Device(text()),
        Error::Diverged(text()),
        Error::Damaged { path: path(), why: text() },
        Error::Locked(text()),
        Error::stopped(75),
        Error::stopped(129),
        Error::stopped(130),
        Error::stopped(143),
    ];
    let page = format!("{}/docs/commands.md", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(page).unwrap();
    let (_, table) = page.split_once("## Exit codes").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (help, _) = run(directory.path(), &["--help"], 0);
    let (_, listed) = help.split_once("Exit codes:").unwrap();
    let (listed, _) = listed.split_once("\n\n").unwrap_or((listed, ""));
    let numbers = |text: &str| -> Vec<String> {
        text.split(|letter: char| !letter.is_ascii_digit()).map(str::to_owned).collect()
    };
    let (table, listed) = (numbers(table), numbers(listed));
    for code in codes.iter().map(Error::exit_code).chain([0, 128, 137]) {
        let code = code.to_string();
        assert!(table.contains(&code) && listed.contains(&code), "{code}");
    }
    assert!(!table.contains(&"101".into()));
}
