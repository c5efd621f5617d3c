//! Runs that are killed, stopped, or run out of disk, and gone on with: nothing is lost, and the result is the same to
//! the byte. The long version, with 84 kills, is ignored: `cargo test --test resume -- --ignored`.

#[path = "support/program.rs"]
mod program;
#[cfg(feature = "gpu")]
#[path = "support/gpu.rs"]
#[expect(dead_code, reason = "the program opens the device here")]
mod support;

use libtest_mimic::{Arguments, Trial};
use program::{mfgpu, run, words};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    let trial = |name: &str, test: fn()| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let mut trials = vec![
        trial("damage", damage),
        trial("changes", changes),
        trial("force", force),
        trial("max_time", max_time),
        trial("folds", folds),
    ];
    if cfg!(unix) {
        trials.extend([
            trial("killed_on_the_cpu", || killed("cpu", &["sgd", "als", "bayes"], 3)),
            trial("killed_often_on_the_cpu", || killed("cpu", &["sgd", "als", "bayes"], 16))
                .with_ignored_flag(true),
            trial("signals", signals),
            trial("disk_full", disk_full),
        ]);
        #[cfg(feature = "gpu")]
        trials.extend([
            support::trial("killed_on_the_gpu", || {
                killed("gpu", &["sgd"], 2);
                Ok(())
            }),
            support::trial("killed_often_on_the_gpu", || {
                killed("gpu", &["sgd", "als", "bayes"], 12);
                Ok(())
            })
            .with_ignored_flag(true),
        ]);
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn generate(directory: &Path, ratings: usize) {
    let line = format!("generate --users 700 --items 300 --ratings {ratings} --seed 7 -o ratings.csv");
    run(directory, &words(&line), 0);
}

fn start(directory: &Path, line: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfgpu"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MFGPU_")) {
        command.env_remove(name);
    }
    let command = command.current_dir(directory).args(words(line));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a process")
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

fn same(directory: &Path, one: &str, other: &str) {
    for name in ["model.safetensors", "top.csv"] {
        let [one, other] = [one, other].map(|run| fs::read(directory.join(run).join(name)).expect("a file"));
        assert!(one == other, "{name} differs");
    }
    let lines = |run: &str| {
        let text = fs::read_to_string(directory.join(run).join("metrics.jsonl")).expect("text");
        text.lines().map(|line| line.split("\"seconds\"").next().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(lines(one), lines(other), "metrics differ");
    assert!(!directory.join(other).join("checkpoints").exists(), "checkpoints are removed at the end");
}

/// Kills runs at moments spread over their time, by SIGKILL and by SIGTERM in turn, and goes on with each.
fn killed(device: &str, algorithms: &[&str], kills: usize) {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here, 25_000);
    for algorithm in algorithms {
        let flags = format!("--algorithm {algorithm} -k 8 --epochs 20 --device {device}");
        let line = format!("train ratings.csv {flags} --checkpoint-every 10ms --out");
        let clock = Instant::now();
        run(here, &words(&format!("{line} whole-{algorithm}")), 0);
        let whole = clock.elapsed();
        let out = format!("killed-{algorithm}");
        let mut counts = [0; 2];
        let mut next = format!("{line} {out}");
        let mut code = None;
        for kill in 0.. {
            let mut child = start(here, &next);
            if kill < kills {
                // Later and later, so that what is reached differs.
                sleep(whole.mul_f64(0.05 + 0.35 * (kill as f64 * 0.618).fract()));
                let name = if kill % 2 == 0 { "KILL" } else { "TERM" };
                if child.try_wait().expect("a process").is_none() {
                    signal(&child, name);
                    counts[kill % 2] += 1;
                }
            }
            code = child.wait().expect("a process").code();
            assert!(matches!(code, None | Some(0 | 143)), "{algorithm}: {code:?}");
            if code == Some(0) {
                break;
            }
            if here.join(&out).join("config.toml").exists() {
                next = format!("resume {out} --device {device}");
            }
        }
        assert_eq!(code, Some(0));
        println!("{algorithm} on {device}: {} times KILL, {} times TERM", counts[0], counts[1]);
        assert!(counts[0] > 0, "at least one was in time");
        same(here, &format!("whole-{algorithm}"), &out);
    }
}

/// A run that was stopped with some checkpoints, and one that was not.
fn stopped(here: &Path) {
    generate(here, 25_000);
    let line = "train ratings.csv -k 8 --epochs 20 --device cpu --checkpoint-every";
    run(here, &words(&format!("{line} off --out whole")), 0);
    let mut child = start(here, &format!("{line} 1ms --out m"));
    let clock = Instant::now();
    while checkpoints_in(here) < 2 {
        assert!(clock.elapsed() < Duration::from_secs(60) && child.try_wait().expect("a process").is_none());
        sleep(Duration::from_millis(2));
    }
    child.kill().expect("killed");
    child.wait().expect("a process");
    assert!(!here.join("m/model.safetensors").exists(), "killed too late");
}

/// The checkpoints that are there, oldest first.
fn checkpoints(here: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(here.join("m/checkpoints")).expect("a directory");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "checkpoint"));
    paths.sort();
    paths
}

fn damage() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    stopped(here);
    let paths = checkpoints(here);
    assert!((2..=3).contains(&paths.len()), "the last two and the best: {paths:?}");
    let spoil = |path: &Path| {
        let mut bytes = fs::read(path).expect("bytes");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        fs::write(path, bytes).expect("written");
    };
    let sound: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).expect("bytes")).collect();
    paths.iter().for_each(|path| spoil(path));
    let (_, said) = run(here, &words("resume m"), 7);
    assert!(said.contains("damaged"), "{said}");
    for (path, bytes) in paths.iter().zip(&sound) {
        fs::write(path, bytes).expect("written");
    }
    spoil(paths.last().expect("a checkpoint"));
    let (_, said) = run(here, &words("resume m"), 0);
    assert!(said.contains("warning: ") && said.contains("going on: phase="), "{said}");
    same(here, "whole", "m");
    let (_, said) = run(here, &words("resume m"), 0);
    assert!(said.contains("finished"), "{said}");
}

fn changes() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    stopped(here);
    let (_, said) = run(here, &words("train ratings.csv --out m"), 2);
    assert!(said.contains("mfgpu resume m"), "{said}");
    let refused = |file: &str, from: &str, to: &str, why: &str| {
        let text = fs::read_to_string(here.join(file)).expect("text");
        assert!(text.contains(from), "{text}");
        fs::write(here.join(file), text.replacen(from, to, 1)).expect("written");
        let (_, said) = run(here, &words("resume m"), 7);
        assert!(said.contains(why), "{said}");
        fs::write(here.join(file), text).expect("written");
    };
    let ratings = fs::read_to_string(here.join("ratings.csv")).expect("text");
    let line = ratings.lines().nth(5).expect("a line");
    refused("ratings.csv", line, &format!("{line}\nnew,new,3"), "ratings have changed");
    refused("m/config.toml", "seed = 42", "seed = 43", "config.toml has changed");
    run(here, &words("resume m"), 0);
    same(here, "whole", "m");
    run(here, &words("resume nothing"), 2);
    run(here, &words("resume ."), 2);
}

fn force() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here, 25_000);
    fs::write(here.join("bad.csv"), "user,item,rating\na,b,3\na,c,much\n").expect("written");
    let line = "train ratings.csv -k 8 --epochs 3 --device cpu --regularization 0.1 --out m";
    run(here, &words(line), 0);
    let files = ["model.safetensors", "config.toml", "run.json", "top.csv", "metrics.jsonl"];
    let read = |folder: &str| files.map(|name| fs::read(here.join(folder).join(name)).ok());
    let before = read("m");
    assert!(before.iter().all(Option::is_some));
    run(here, &words("train bad.csv -k 4 --device cpu --out m --force"), 3);
    assert!(read("m") == before, "nothing was trained, so all is as it was");
    assert!(!here.join("m/previous").exists());
    run(
        here,
        &words(
            "train ratings.csv -k 4 --learning-rate 10 --regularization 0 --epochs 3 --device cpu --out m --force --max-time 1ms",
        ),
        0,
    );
    assert!(read("m")[0] != before[0]);
    assert!(!here.join("m/previous").exists());
}

fn max_time() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here, 25_000);
    let line = "train ratings.csv -k 64 --epochs 1000000 --patience 1000000 --regularization 0.1 --device cpu --out m";
    let clock = Instant::now();
    run(here, &words(&format!("{line} --max-time 3s --test 0.1")), 0);
    // Many times more would be needed.
    assert!(clock.elapsed() < Duration::from_secs(30));
    for name in ["model.safetensors", "top.csv", "run.json"] {
        assert!(here.join("m").join(name).exists(), "{name}");
    }
    run(here, &words("train ratings.csv --max-time soon"), 2);
}

fn folds() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here, 25_000);
    let line = "train ratings.csv -k 8 --epochs 5 --folds 3 --device cpu --checkpoint-every 1ms --out";
    run(here, &words(&format!("{line} whole")), 0);
    let mut child = start(here, &format!("{line} m"));
    let clock = Instant::now();
    // In the midst of the second fold, or behind it.
    let epochs = |text: &str| text.matches("\"refit\"").count();
    while fs::read_to_string(here.join("m/metrics.jsonl")).map_or(0, |text| epochs(&text)) < 6 {
        assert!(clock.elapsed() < Duration::from_secs(60) && child.try_wait().expect("a process").is_none());
        sleep(Duration::from_millis(2));
    }
    child.kill().expect("killed");
    child.wait().expect("a process");
    run(here, &words("resume m"), 0);
    same(here, "whole", "m");
    let report = |run: &str| {
        let record = mfgpu::run::Record::load(&here.join(run).join("run.json")).expect("a record");
        record.report.folds
    };
    assert_eq!(report("whole"), report("m"));
}

fn signals() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here, 25_000);
    let line = "train ratings.csv -k 64 --epochs 1000000 --patience 1000000 --regularization 0.1 --device cpu --out m";
    let mut child = start(here, line);
    let clock = Instant::now();
    while !fs::read_to_string(here.join("m/metrics.jsonl")).is_ok_and(|text| text.lines().count() > 2) {
        assert!(clock.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(10));
    }
    let (_, said) = run(here, &words("resume m"), 9);
    assert!(said.contains(&format!("process {}", child.id())), "{said}");
    let (table, _) = run(here, &words("runs ."), 0);
    assert!(table.contains("./m,training,search,"), "{table}");
    let (described, _) = run(here, &words("describe m"), 0);
    assert!(described.contains("training") && described.contains("search, epoch"), "{described}");
    signal(&child, "USR1");
    while checkpoints_in(here) == 0 {
        assert!(clock.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(10));
    }
    assert!(child.try_wait().expect("a process").is_none(), "saved, and went on");
    for (name, code) in [("USR2", 75), ("TERM", 143), ("INT", 130), ("HUP", 129)] {
        signal(&child, name);
        assert_eq!(child.wait().expect("a process").code(), Some(code), "{name}");
        let (table, _) = run(here, &words("runs ."), 0);
        assert!(table.contains("./m,stopped,"), "{table}");
        child = start(here, "resume m");
        sleep(Duration::from_millis(600));
    }
    child.kill().expect("killed");
    child.wait().expect("a process");
    let (table, _) = run(here, &words("runs ."), 0);
    assert!(table.contains("./m,died,"), "{table}");
    let log = fs::read_to_string(here.join("m/log.txt")).expect("a log");
    assert!(log.contains("error: stopped: preempted") && log.lines().all(|line| line.starts_with("20")));
}

fn checkpoints_in(here: &Path) -> usize {
    if here.join("m/checkpoints").exists() { checkpoints(here).len() } else { 0 }
}

/// Files may grow to so many KiB only; what does not fit fails as on a full disk.
fn disk_full() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here, 25_000);
    let line = "train ratings.csv -k 8 --epochs 8 --device cpu --checkpoint-every";
    run(here, &words(&format!("{line} off --out whole")), 0);
    let program = mfgpu(here).get_program().to_string_lossy().into_owned();
    for (limit, every) in [(0, "1ms"), (1, "1ms"), (30, "1ms"), (1, "off"), (60, "off"), (200, "off")] {
        let out = format!("m{limit}{every}");
        let full = format!("trap '' XFSZ; ulimit -f {limit}; exec {program} {line} {every} --out {out}");
        let ended = Command::new("bash").current_dir(here).args(["-c", &full]).output().expect("bash");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(4), "{limit} {every}: {said}");
        assert!(said.contains("cannot write"), "{said}");
        assert!(!here.join(&out).join("model.safetensors").exists());
        let names = fs::read_dir(here.join(&out)).expect("a directory");
        assert!(names.flatten().all(|entry| !entry.file_name().to_string_lossy().contains("partial")));
        if here.join(&out).join("config.toml").exists() {
            run(here, &words(&format!("resume {out}")), 0);
            same(here, "whole", &out);
        } else {
            assert!(limit == 0, "with {limit} KiB there is a config.toml");
        }
    }
}
