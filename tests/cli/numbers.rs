//! Every number that a flag or a settings file takes, at the ends of its range and beyond: the program ends soon, with
//! a documented code, and what was there before is still there if it refuses.

use crate::program::command;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

/// Where numbers of 32 and 64 bits end, and what is none.
const ODD: [&str; 14] = [
    "0",
    "1",
    "-1",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "1e-45",
    "3.4e38",
    "-3.4e38",
    "1e39",
    "1e308",
    "NaN",
    "inf",
];
/// What a flag that takes a name or a file is given; it is not for numbers.
const NAMES: [&str; 2] = ["0", "18446744073709551615"];
/// Words in the place of a flag's value that ask for no number.
const NO_NUMBER: [&str; 9] = ["FILE", "DIR", "COLUMN", "MODEL", "HOW", "WHAT", "NAME", "DEVICE", "ID"];
/// The codes of docs/commands.md that a number may lead to; 9 where two of these runs meet in a directory.
const CODES: [i32; 8] = [0, 2, 3, 4, 5, 6, 7, 9];
/// A run on a few ratings takes a fraction of a second.
const PATIENCE: Duration = Duration::from_secs(60);

const TRAIN: [&str; 10] = [
    "train",
    "r.csv",
    "--quiet",
    "--device=cpu",
    "--objective=ratings",
    "--regularization=0.05",
    "--epochs=2",
    "--factors=2",
    "--threads=1",
    "--force",
];

#[test]
fn numbers_of_train() {
    let folder = tempfile::tempdir().unwrap();
    let with = |base: &[&'static str]| [&TRAIN, base].concat();
    prepare(folder.path(), &with(&["--out=kept"]));
    let refused = try_flags(folder.path(), "train", &with(&["--out=kept"]), &[]);
    assert!(refused > 100, "{refused}");
}

/// The numbers of lists and of chains, which the flags of `train` set, too.
#[test]
fn numbers_of_other_algorithms() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path(), &[&TRAIN[..], &["--out=kept"]].concat());
    for (algorithm, flags) in [
        ("bayes", &["epochs", "burn-in", "keep-draws", "factors", "views", "seed", "max-time"][..]),
        (
            "ials",
            &[
                "epochs",
                "patience",
                "alpha",
                "unobserved-weight",
                "dislikes-below",
                "list-factors",
                "criterion",
            ],
        ),
        ("als", &["epochs", "views", "regularization", "power", "factors"]),
    ] {
        let algorithm = format!("--algorithm={algorithm}");
        let mut base: Vec<&str> = TRAIN.iter().copied().filter(|flag| !flag.starts_with("--obj")).collect();
        base.retain(|flag| !flag.starts_with("--regularization"));
        base.extend([algorithm.as_str(), "--out=kept"]);
        try_flags(folder.path(), "train", &base, flags);
    }
}

#[test]
fn numbers_of_other_commands() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path(), &[&TRAIN[..], &["--out=kept"]].concat());
    let lists =
        ["train", "r.csv", "--quiet", "--device=cpu", "--algorithm=ials", "--out=lists", "--list-factors=2"];
    assert_eq!(end(folder.path(), &lists, ""), 0);
    for base in [
        &["evaluate", "kept", "r.csv"][..],
        &["compare", "kept", "lists", "--test=r.csv"],
        &["predict", "kept", "r.csv"],
        &["recommend", "kept", "--device=cpu"],
        &["recommend", "lists", "--device=cpu"],
        &["similar", "kept", "i1"],
        &["complete", "kept"],
        &["export", "kept"],
        &["describe", "kept"],
        &["describe", "r.csv"],
        &["report", "kept"],
        &["resume", "kept"],
        &["runs", "."],
        &["find", "kept", "i"],
        &["generate", "--users=3", "--items=3", "--ratings=5"],
        &["bench", "r.csv", "--device=cpu", "--epochs=1"],
        &["bench", "--device=cpu", "--epochs=1", "--factors=1", "--synthetic=2000"],
    ] {
        try_flags(folder.path(), base[0], base, &[]);
    }
}

/// The numbers of a `config.toml` with all settings, one after the other.
#[test]
fn numbers_of_a_settings_file() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path(), &[&TRAIN[..], &["--out=kept"]].concat());
    let text = fs::read_to_string(folder.path().join("kept/config.toml")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let numeric = |line: &&str| line.split_once(" = ").is_some_and(|(_, value)| value.parse::<f64>().is_ok());
    let places: Vec<usize> = (0..lines.len()).filter(|&at| numeric(&lines[at])).collect();
    assert!(places.len() > 15, "{text}");
    let mut runs = Vec::new();
    for at in places {
        let name = lines[at].split_once(" = ").unwrap().0;
        for odd in ["0", "-1", "4294967296", "9223372036854775807", "3.4e38", "1e308", "nan", "inf"] {
            let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            lines[at] = format!("{name} = {odd}");
            let file = format!("{at}-{odd}.toml");
            fs::write(folder.path().join(&file), lines.join("\n")).unwrap();
            runs.push(vec![
                "train".into(),
                "--quiet".into(),
                format!("--config={file}"),
                "--force".into(),
                "--out=kept".into(),
            ]);
        }
    }
    check(folder.path(), &runs);
}

/// Writes ratings, and trains on them.
fn prepare(folder: &Path, train: &[&str]) {
    let rating = |n: u32| format!("u{},i{},{},{}", n % 12, n * n % 17, n % 5 + 1, n);
    let text = (0..90).map(rating).collect::<Vec<_>>().join("\n");
    fs::write(folder.join("r.csv"), format!("user,item,rating,time\n{text}")).unwrap();
    assert_eq!(end(folder, train, ""), 0);
}

/// Gives each flag of a command, or those of `only`, odd values; returns how many runs were refused.
fn try_flags(folder: &Path, name: &str, base: &[&str], only: &[&str]) -> usize {
    let help = command(folder).args([name, "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let mut flags = BTreeSet::new();
    for line in help.lines().map(str::trim_start).filter(|line| line.starts_with('-')) {
        let Some((_, rest)) = line.split_once("--") else { continue };
        let Some((flag, value)) = rest.split_once(" <") else { continue };
        if !flag.contains(' ') && (only.is_empty() || only.contains(&flag)) {
            flags.insert((flag, value.split('>').next().unwrap()));
        }
    }
    assert!(flags.len() >= only.len().max(1), "{name}: {flags:?}");
    let mut runs = Vec::new();
    for (flag, value) in flags {
        let is_number = !NO_NUMBER.iter().any(|name| value.split('|').any(|word| word == *name));
        for odd in if is_number { &ODD[..] } else { &NAMES } {
            let long = format!("--{flag}");
            let kept = base.iter().filter(|given| given.split('=').next() != Some(&long));
            let mut run: Vec<String> = kept.map(|given| (*given).to_owned()).collect();
            run.push(format!("{long}={odd}"));
            runs.push(run);
        }
    }
    check(folder, &runs)
}

/// Runs the program with each list of arguments, two at a time; returns how many are refused with exit code 2.
fn check(folder: &Path, runs: &[Vec<String>]) -> usize {
    let (left, wrong, refused) = (Mutex::new(runs.iter()), Mutex::new(Vec::new()), Mutex::new(0));
    let next = || left.lock().unwrap().next();
    let work = |number: usize| {
        while let Some(run) = next() {
            let arguments: Vec<&str> = run.iter().map(String::as_str).collect();
            let model = || fs::read(folder.join(format!("kept{number}/model.safetensors"))).ok();
            let before = model();
            let code = end(folder, &arguments, &number.to_string());
            if code == 2 && model() != before {
                wrong.lock().unwrap().push(format!("refused, and the model is gone: {}", run.join(" ")));
            }
            *refused.lock().unwrap() += usize::from(code == 2);
            if !CODES.contains(&code) {
                wrong.lock().unwrap().push(format!("{code}: {}", run.join(" ")));
            }
        }
    };
    scope(|scope| {
        for number in 0..2 {
            scope.spawn(move || work(number));
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "of {} runs:\n{}", runs.len(), wrong.join("\n"));
    refused.into_inner().unwrap()
}

/// Runs the program; returns its exit code, 128 and the number of a signal, or -1 if it takes too long. Runs with
/// another `tag` write into another directory.
fn end(folder: &Path, arguments: &[&str], tag: &str) -> i32 {
    let own = |argument: &&str| {
        let out = argument.starts_with("--out=") && !tag.is_empty();
        if out { format!("{argument}{tag}") } else { (*argument).to_owned() }
    };
    let mut command = command(folder);
    command.args(arguments.iter().map(own)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    code(command.spawn().unwrap())
}

fn code(mut child: Child) -> i32 {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap_or(128);
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            return -1;
        }
        sleep(Duration::from_millis(2));
    }
}
