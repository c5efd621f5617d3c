//! Each operation on files fails once, or from then on, or the process or the power ends there: the result is
//! right or the run says that it failed, and once the disk works again the same bytes come out.
//!
//! Builds without debug assertions have no such failures.

use crate::program::{mfgpu, run};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Exit code of a process that was killed.
const KILLED: i32 = 137;

/// A directory in memory, where that is possible: most of the time goes to syncing.
fn directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a directory")
}

/// Ratings, settings, and a directory for what a power cut brings back.
fn prepare(here: &Path) {
    let line = "generate --users 12 --items 8 --ratings 60 --seed 3 -o ratings.csv";
    run(here, &line.split(' ').collect::<Vec<_>>(), 0);
    let settings = "ratings = [\"ratings.csv\"]\ncheckpoint_every = \"1 epochs\"\ntest = 0.2\ntop = 2\n\
                    device = \"cpu\"\nthreads = 1\n\
                    [training]\nfactors = 2\nepochs = 2\nregularization = 0.1\n\
                    [lists]\nalgorithm = \"ials\"\nfactors = 2\nepochs = 2\nregularization = 0.1\n\
                    [evaluation]\nresamples = 0\ncutoffs = [5]\n";
    fs::write(here.join("settings.toml"), settings).expect("written");
    fs::create_dir(here.join("aside")).expect("made");
}

/// The operations of a command, each as a line: its number, its name, its path.
fn operations(here: &Path, line: &str) -> Vec<String> {
    let trace = here.join("trace");
    mfgpu(here).args(line.split(' ')).env("MFGPU_FAULT_TRACE", &trace).assert().success();
    let text = fs::read_to_string(&trace).expect("a trace");
    fs::remove_file(trace).expect("removed");
    text.lines().map(str::to_owned).collect()
}

/// Operations that change nothing on the disk.
const QUESTIONS: [&str; 6] = ["lstat", "stat", "fstat", "readlink", "read", "list"];

/// The operations that a fault is tried at, and their numbers. A full disk refuses no question. What ends the process
/// at one leaves what it leaves at the next operation that is none.
fn tried<'a>(all: &'a [String], fault: &str) -> Vec<(&'a String, usize)> {
    let all = all.iter().zip(1..);
    let question = |line: &str| line.split(' ').nth(1).is_some_and(|name| QUESTIONS.contains(&name));
    let any = fault.starts_with("EI");
    all.filter(|(line, _)| any || !question(line)).collect()
}

/// Runs a command with a fault at an operation. Returns its exit code and its messages.
fn with_fault(here: &Path, line: &str, fault: &str, at: usize) -> (i32, String) {
    let (what, ever) = fault.split_once(':').map_or((fault, ""), |(what, _)| (what, ":ever"));
    let mut command = mfgpu(here);
    command.env("MFGPU_FAULT", format!("{at}:{what}{ever}")).env("MFGPU_FAULT_ASIDE", here.join("aside"));
    let output = command.args(line.split(' ')).output().expect("ended");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().expect("an exit code"), said)
}

/// The files of a run that are the same for the same ratings and settings, by what they hold.
fn result(run: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let file = |name: &'static str| (name, fs::read(run.join(name)).unwrap_or_default());
    let mut files = ["model.safetensors", "lists.safetensors", "top.csv", "test.csv"].map(file).to_vec();
    let metrics = fs::read_to_string(run.join("metrics.jsonl")).unwrap_or_default();
    let lines: Vec<&str> = metrics.lines().filter_map(|line| line.split("\"seconds\"").next()).collect();
    files.push(("metrics.jsonl", lines.join("\n").into_bytes()));
    files
}

/// Everything in a run's directory and below; nothing may be left over.
fn names(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.append(&mut names(&path));
        }
        found.insert(path);
    }
    found
}

/// A command whose operations fail in turn, and what is around it.
struct Trial<'a> {
    line: &'a str,
    /// Makes what is there before the command, without `m` at first.
    before: &'a dyn Fn(&Path),
    /// Looks at what is there after a failure.
    after: &'a dyn Fn(&Path, &str),
    /// What a person does then, until all is well.
    again: &'a dyn Fn(&Path, &str),
}

impl Trial<'_> {
    /// Lets each operation of the command fail, goes on after it, and compares the run with a whole one.
    fn fail_each(&self, fault: &str) {
        let own = directory();
        let here = own.path();
        prepare(here);
        (self.before)(here);
        let all = operations(here, self.line);
        let whole = (result(&here.join("m")), names(&here.join("m")));
        assert!(all.len() > 20 && whole.0.iter().all(|(_, bytes)| !bytes.is_empty()));
        let mut failed = 0;
        let tried = tried(&all, fault);
        for (operation, at) in &tried {
            fs::remove_dir_all(here.join("m")).expect("removed");
            (self.before)(here);
            let (code, said) = with_fault(here, self.line, fault, *at);
            let about = format!("{fault} at {operation}: exit code {code}\n{said}");
            let wished: &[i32] = match fault {
                "EINTR" => &[0],
                "kill" | "cut" | "tear" => &[KILLED],
                // What cannot be read is an input, or a file of the run.
                _ => &[0, 3, 4],
            };
            assert!(wished.contains(&code), "{about}");
            if code != 0 {
                failed += 1;
                (self.after)(here, &about);
                (self.again)(here, &about);
                let found = names(&here.join("m"));
                assert!(found == whole.1, "{:?} differ\nafter {about}", found.symmetric_difference(&whole.1));
            }
            for ((name, bytes), (_, wished)) in result(&here.join("m")).iter().zip(&whole.0) {
                assert!(bytes == wished, "{name} differs after {about}");
            }
        }
        println!("{fault}: {} operations of `{}`, {failed} failed", tried.len(), self.line);
        assert!(fault == "EINTR" || failed * 4 > tried.len(), "{failed} of {}", tried.len());
    }
}

const TRAIN: &str = "train --config settings.toml --out m";

/// Runs a command that must succeed.
fn succeed(here: &Path, line: &str, about: &str) {
    let output = mfgpu(here).args(line.split(' ')).output().expect("ended");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "`{line}` says {said}\nafter {about}");
}

/// Resumes the run if there is one, else begins again.
fn go_on(here: &Path, about: &str) {
    succeed(here, if here.join("m/config.toml").exists() { "resume m" } else { TRAIN }, about);
}

fn train(fault: &str) {
    Trial { line: TRAIN, before: &|_| {}, after: &|_, _| {}, again: &go_on }.fail_each(fault);
}

/// Copies a directory.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a directory") {
        let (path, to) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).expect("an entry");
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(path, to).expect("copied");
        }
    }
}

/// A run that was killed in the middle of its training.
fn resume(fault: &str) {
    let before = |here: &Path| {
        if !here.join("killed").exists() {
            let middle = operations(here, TRAIN).len() / 2;
            fs::remove_dir_all(here.join("m")).expect("removed");
            assert_eq!(with_fault(here, TRAIN, "kill", middle).0, KILLED);
            fs::rename(here.join("m"), here.join("killed")).expect("moved");
        }
        copy(&here.join("killed"), &here.join("m"));
    };
    Trial { line: "resume m", before: &before, after: &|_, _| {}, again: &go_on }.fail_each(fault);
}

/// A run that replaces a finished one, whose model is there until the new one is.
fn force(fault: &str) {
    const FORCE: &str = "train --config settings.toml --out m --force";
    let before = |here: &Path| {
        if !here.join("old").exists() {
            let line =
                "train ratings.csv --out old --device cpu -k 1 --epochs 1 --objective ratings --threads 1";
            run(here, &line.split(' ').collect::<Vec<_>>(), 0);
        }
        copy(&here.join("old"), &here.join("m"));
    };
    let model = |run: &Path| fs::read(run.join("model.safetensors")).unwrap_or_default();
    let after = |here: &Path, about: &str| {
        if model(&here.join("m")) == model(&here.join("old")) {
            // All that belongs to the old one is still there.
            for name in ["config.toml", "run.json", "top.csv", "report.html"] {
                assert!(here.join("m").join(name).exists(), "no {name} after {about}");
            }
        } else {
            assert!(!model(&here.join("m")).is_empty(), "no model after {about}");
        }
    };
    let again = |here: &Path, about: &str| {
        succeed(here, "resume m", about);
        if model(&here.join("m")) == model(&here.join("old")) {
            succeed(here, FORCE, about);
        }
    };
    Trial { line: FORCE, before: &before, after: &after, again: &again }.fail_each(fault);
}

/// Commands that write one output, or a directory of them: each file is the old one or the new one.
fn tables(fault: &str) {
    let own = directory();
    let here = own.path();
    prepare(here);
    succeed(here, TRAIN, "");
    let before = names(&here.join("m"));
    for line in [
        "recommend m --top 3 -o out/table.csv",
        "predict m ratings.csv -o out/table.jsonl",
        "complete m -o out/table.csv.zst",
        "complete m --to out/table.npy",
        "export m -o out",
        "export m --for-search -o out --output-format sql",
        "export m -o out/factors.safetensors",
        "report m -o out/page.html",
        "evaluate m ratings.csv --resamples 0 -o out/table.csv",
        "generate --users 5 --items 5 --ratings 9 -o out/ratings.csv",
        "prepare ratings.csv -o out/set.mfr",
    ] {
        let out = here.join("out");
        let contents = || names(&out).into_iter().map(|path| (fs::read(&path).expect("a file"), path));
        fs::create_dir(&out).expect("made");
        let all = operations(here, line);
        let new: Vec<_> = contents().collect();
        assert!(!new.is_empty() && new.iter().all(|(bytes, _)| bytes != b"old"));
        for (operation, at) in tried(&all, fault) {
            new.iter().for_each(|(_, path)| fs::write(path, "old").expect("written"));
            let (code, said) = with_fault(here, line, fault, at);
            let about = format!("{fault} at {operation} of `{line}`: exit code {code}\n{said}");
            match fault {
                "EINTR" => assert_eq!(code, 0, "{about}"),
                "kill" | "cut" | "tear" => assert_eq!(code, KILLED, "{about}"),
                _ => assert!([0, 3, 4].contains(&code), "{about}"),
            }
            for (bytes, path) in &new {
                let found = fs::read(path).unwrap_or_default();
                let same = found == *bytes || code == 0 && line.starts_with("report");
                assert!(same || code != 0 && found == b"old", "{} after {about}", path.display());
            }
            // Whatever a killed writer left is gone after the next one.
            succeed(here, line, &about);
            assert!(names(&out).iter().eq(new.iter().map(|(_, path)| path)), "{:?} {about}", names(&out));
        }
        println!("{fault}: {} operations of `{line}`", all.len());
        fs::remove_dir_all(&out).expect("removed");
    }
    assert!(names(&here.join("m")) == before, "nothing of the run has changed");
}

/// No kind of operation is left out: each that the sources have a call for is met by these commands.
#[test]
fn every_operation_has_its_turn() {
    let own = directory();
    let here = own.path();
    prepare(here);
    std::os::unix::fs::symlink("table.csv", here.join("link.csv")).expect("a link");
    let lines = [TRAIN, "train --config settings.toml --out m --force", "recommend m -o link.csv"];
    let met = lines.iter().flat_map(|line| operations(here, line));
    let met: BTreeSet<String> = met.filter_map(|line| line.split(' ').nth(1).map(str::to_owned)).collect();
    let mut calls = BTreeSet::new();
    for file in ["disk.rs", "file.rs"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/files").join(file);
        let text = fs::read_to_string(path).expect("a source");
        calls.extend(
            text.split("call(\"").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)),
        );
    }
    assert!(calls.len() > 15, "{calls:?}");
    assert_eq!(met, calls);
}

macro_rules! trials {
    ($($name:ident $trial:ident $fault:literal)*) => { $(
        #[test]
        fn $name() {
            $trial($fault);
        }
    )* };
}

trials! {
    train_eio train "EIO"
    train_eio_ever train "EIO:ever"
    train_full train "ENOSPC"
    train_full_ever train "ENOSPC:ever"
    train_interrupted train "EINTR"
    train_killed train "kill"
    train_without_power train "cut"
    train_with_torn_files train "tear"
    resume_eio resume "EIO"
    resume_eio_ever resume "EIO:ever"
    resume_full resume "ENOSPC"
    resume_full_ever resume "ENOSPC:ever"
    resume_killed resume "kill"
    resume_without_power resume "cut"
    resume_with_torn_files resume "tear"
    tables_eio tables "EIO"
    tables_eio_ever tables "EIO:ever"
    tables_full tables "ENOSPC"
    tables_full_ever tables "ENOSPC:ever"
    tables_interrupted tables "EINTR"
    tables_killed tables "kill"
    tables_without_power tables "cut"
    tables_with_torn_files tables "tear"
    force_eio force "EIO"
    force_eio_ever force "EIO:ever"
    force_full force "ENOSPC"
    force_full_ever force "ENOSPC:ever"
    force_killed force "kill"
    force_without_power force "cut"
    force_with_torn_files force "tear"
}
