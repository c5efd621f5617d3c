//! Too little memory: the program ends with exit code 4 at whatever limit, and leaves nothing that is not whole.
#![cfg(target_os = "linux")]

use crate::program::run;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Steps between limits of addresses, in KiB: finer than a stack, and than most arrays.
const STEP: u64 = 1_300;

/// Runs the program with so many KiB of addresses.
fn limited(folder: &Path, kibibytes: u64, arguments: &str, input: Option<&Path>) -> Output {
    let program = env!("CARGO_BIN_EXE_mfgpu");
    let mut shell = Command::new("sh");
    shell.current_dir(folder).args(["-c", &format!("ulimit -v {kibibytes}; exec {program} {arguments}")]);
    shell.stdin(input.map_or_else(Stdio::null, |path| File::open(path).unwrap().into()));
    shell.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The least limit with which the system itself can load the program.
fn least(folder: &Path) -> u64 {
    let loads =
        |kibibytes: &u64| matches!(limited(folder, *kibibytes, "--version", None).status.code(), Some(0 | 4));
    (20_000..2_000_000).step_by(1_000).find(loads).unwrap()
}

fn prepare(folder: &Path) {
    let generate = ["generate", "--users=300", "--items=200", "--ratings=9000", "-o", "r.csv"];
    run(folder, &generate, 0);
    run(
        folder,
        &["train", "r.csv", "--device=cpu", "-q", "-k", "4", "--list-factors=4", "--epochs=1", "--out=m"],
        0,
    );
}

#[test]
fn no_limit_of_addresses_aborts() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    prepare(here);
    let least = least(here);
    let train = "train r.csv --device=cpu -q -k 4 --list-factors=4 --epochs=1 --regularization=0.05 --out=n";
    for (command, output) in [
        (train, "n/model.safetensors"),
        ("recommend m --device=cpu -o top.csv", "top.csv"),
        ("describe r.csv", "none"),
    ] {
        let mut codes = Vec::new();
        for step in 0..14 {
            let _ = fs::remove_dir_all(here.join("n"));
            let _ = fs::remove_file(here.join(output));
            let ended = limited(here, least + step * STEP, command, None);
            let code = ended.status.code();
            assert!(
                matches!(code, Some(0 | 4)),
                "{command} at {}: {}\n{}",
                step * STEP,
                ended.status,
                said(&ended)
            );
            let whole = code == Some(0) && output != "none";
            assert_eq!(here.join(output).exists(), whole, "{command} at {}", step * STEP);
            codes.push(code);
        }
        assert_eq!(codes[0], Some(4), "{command}");
    }
    for command in [train, "recommend m --device=cpu -o top.csv", "describe r.csv"] {
        let _ = fs::remove_dir_all(here.join("n"));
        let ended = limited(here, least + 200_000, command, None);
        assert_eq!(ended.status.code(), Some(0), "{command}: {}", said(&ended));
    }
}

/// Rows that cannot be held are refused by the size of their file before they are read, and when they come through a
/// pipe, as soon as there is no memory for them.
#[test]
fn more_rows_than_memory() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let path = here.join("many.csv");
    // 6 bytes a row take 12 in memory.
    fs::write(&path, "1,1,5\n".repeat(10_000_000)).unwrap();
    let limit = least(here) + 60_000;
    for command in ["describe many.csv", "train many.csv --device=cpu --out=n"] {
        let ended = limited(here, limit, command, None);
        let text = said(&ended);
        assert_eq!(ended.status.code(), Some(4), "{text}");
        let line = text.lines().last().unwrap();
        assert!(line.starts_with("error: reading ") && line.contains(" needs at least 11"), "{text}");
        assert!(line.contains(" MiB of memory, and this process may take "), "{text}");
    }
    let ended = limited(here, limit, "describe -", Some(&path));
    let text = said(&ended);
    assert_eq!(ended.status.code(), Some(4), "{text}");
    assert!(text.contains("error: "), "{text}");
}

/// A model that no process can hold is refused by its size; so are synthetic ratings.
#[test]
fn other_sizes() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    File::create(here.join("m.safetensors")).unwrap().set_len(1 << 33).unwrap();
    let limit = least(here) + 100_000;
    for command in ["recommend", "similar", "complete", "describe", "predict", "evaluate"] {
        let more = if ["similar", "predict", "evaluate"].contains(&command) { "1" } else { "" };
        let ended = limited(here, limit, &format!("{command} m.safetensors {more}"), None);
        let text = said(&ended);
        assert_eq!(ended.status.code(), Some(4), "{text}");
        assert!(text.contains("a model of 8.0 GiB needs at least 16.0 GiB of memory"), "{text}");
    }
    let ended = limited(here, limit, "generate --users 10000000 --items 10000000 --ratings 10000000", None);
    assert_eq!(ended.status.code(), Some(4), "{}", said(&ended));
    let ended = limited(here, limit, "describe - --threads 200", None);
    assert!(
        ended.status.code() == Some(4) && said(&ended).contains("starting 199 more threads"),
        "{}",
        said(&ended)
    );
}
