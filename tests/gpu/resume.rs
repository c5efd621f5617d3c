//! Runs that are killed, stopped, or run out of disk, and resumed: nothing is lost, and the result is the
//! same to the byte. `MFGPU_KILLS=50` kills each run that many times, by SIGKILL and then by SIGTERM, and
//! fills disks of as many sizes.

use crate::program::{command, mfgpu, run, words};
use crate::support::case::Case;
use mfgpu::math::philox::{Purpose, Stream};
use mfgpu::run::Record;
use rand::RngExt;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const ALGORITHMS: [&str; 4] = ["sgd", "als", "bayes", "ials"];

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::new("damage", damage),
        Case::new("changes", changes),
        Case::new("force", force),
        Case::new("max_time", max_time),
        Case::new("folds", folds),
        Case::new("a_model_to_begin_from", begin),
    ];
    if cfg!(unix) {
        for algorithm in ALGORITHMS {
            cases.push(Case::new(format!("killed_on_the_cpu_{algorithm}"), move || killed("cpu", algorithm)));
            cases.push(Case::new(format!("killed_from_a_model_on_the_cpu_{algorithm}"), move || {
                warm("cpu", algorithm);
            }));
        }
        cases.extend([
            Case::new("signals", signals),
            Case::new("disk_full", disk_full),
            Case::new("disk_full_at_every_write", small_disks),
            Case::new("disk_full_in_other_commands", full_for_tables),
            Case::new("ratings_that_do_not_come", standing_still),
        ]);
        // One algorithm is enough on a GPU, unless more is requested.
        #[cfg(feature = "gpu")]
        for &algorithm in &ALGORITHMS[..if wished_kills().is_some() { ALGORITHMS.len() } else { 1 }] {
            cases.push(Case::on_a_gpu(format!("killed_on_the_gpu_{algorithm}"), move || {
                killed("gpu", algorithm);
            }));
            cases.push(Case::on_a_gpu(format!("killed_from_a_model_on_the_gpu_{algorithm}"), move || {
                warm("gpu", algorithm);
            }));
        }
    }
    cases
}

fn generate(directory: &Path, ratings: usize) {
    let line = format!("generate --users 700 --items 300 --ratings {ratings} --seed 7 -o ratings.csv");
    run(directory, &words(&line), 0);
}

fn start(directory: &Path, line: &str) -> Child {
    command(directory)
        .args(words(line))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process")
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

fn same(directory: &Path, one: &str, other: &str) {
    let lists = directory.join(one).join("lists.safetensors").exists().then_some("lists.safetensors");
    for name in ["model.safetensors", "top.csv"].into_iter().chain(lists) {
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

/// How many times to kill each run, by each signal, if that is set.
fn wished_kills() -> Option<usize> {
    std::env::var("MFGPU_KILLS").ok().map(|kills| kills.parse().expect("a number of kills"))
}

/// Kills runs at random moments and resumes each.
fn killed(device: &str, algorithm: &str) {
    let own = tempfile::tempdir().expect("a directory");
    generate(own.path(), 25_000);
    killed_with(own.path(), algorithm, (device, ""));
}

/// Ratings, and the first 20,000 of them as `old.csv`.
fn generate_with_old(here: &Path) {
    generate(here, 25_000);
    let all = fs::read_to_string(here.join("ratings.csv")).expect("text");
    let old: Vec<&str> = all.lines().take(20_001).collect();
    fs::write(here.join("old.csv"), old.join("\n")).expect("written");
}

/// The record of a run, from `run.json`.
fn record(here: &Path, run: &str) -> Record {
    Record::load(&here.join(run).join("run.json")).expect("a record")
}

/// The same for runs that start from a model of the first 20,000 ratings.
fn warm(device: &str, algorithm: &str) {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate_with_old(here);
    let old = format!("--algorithm {algorithm} -k 8 --epochs 12 --burn-in 3 --device {device} --out old");
    run(here, &words(&format!("train old.csv {old}")), 0);
    killed_with(here, algorithm, (device, " --burn-in 3 --init-from old"));
    let [whole, old] = ["whole", "old"].map(|run| record(here, run));
    let from = whole.init_from.expect("what it began from");
    assert!(from.users > 0 && from.items > 0 && from.draw == if algorithm == "bayes" { 12 } else { 1 });
    assert_eq!(whole.settings.regularization, old.settings.regularization);
    let metrics = fs::read_to_string(here.join("whole/metrics.jsonl")).expect("text");
    assert!(!metrics.contains("race"), "the settings are the model's");
}

/// Kills and resumes a run with SIGKILL, and another one with SIGTERM, until it ends. New runs are started
/// until there were enough kills. Each run ends with the same result as the undisturbed one.
fn killed_with(here: &Path, algorithm: &str, (device, more): (&str, &str)) {
    // Software takes its time.
    let epochs = if device == "gpu" { 9 } else { 20 };
    let flags = format!("--algorithm {algorithm} -k 8 --epochs {epochs} --device {device}{more}");
    let line = format!("train ratings.csv {flags} --checkpoint-every 5ms --out");
    let clock = Instant::now();
    run(here, &words(&format!("{line} whole")), 0);
    let whole = clock.elapsed();
    let wished = wished_kills();
    let mut random = Stream::new(7, Purpose::Planted, 0);
    for signal in ["KILL", "TERM"] {
        let (mut kills, mut runs) = (0, 0);
        while kills < wished.unwrap_or(1) && runs < 100 {
            let out = format!("{signal}-{runs}");
            kills += killed_until_done(
                here,
                (&format!("{line} {out}"), &out, device),
                signal,
                || {
                    // Mostly short lives, so that runs are killed at many different moments.
                    whole.mul_f64(0.5 * random.random::<f64>().powi(2) + 0.02)
                },
                if wished.is_some() { usize::MAX } else { 2 },
            );
            runs += 1;
            same(here, "whole", &out);
        }
        println!("{algorithm} on {device}{more}: {kills} times {signal} over {runs} runs, all the same");
        assert!(kills >= wished.unwrap_or(1), "{kills} were in time");
    }
}

/// Starts a run, then kills and resumes it until it ends, with at most `most` kills. Returns the number of
/// kills.
fn killed_until_done(
    here: &Path,
    (line, out, device): (&str, &str, &str),
    name: &str,
    mut life: impl FnMut() -> Duration,
    most: usize,
) -> usize {
    let (mut kills, mut next) = (0, line.to_owned());
    loop {
        let mut child = start(here, &next);
        if kills < most {
            sleep(life());
            if child.try_wait().expect("a process").is_none() {
                signal(&child, name);
                kills += 1;
            }
        }
        let code = child.wait().expect("a process").code();
        assert!(matches!(code, None | Some(0 | 143)), "{line}: {code:?}");
        if code == Some(0) {
            return kills;
        }
        if here.join(out).join("config.toml").exists() {
            next = format!("resume {out} --device {device}");
        }
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

/// The existing checkpoints, oldest first.
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
    assert!(!here.join("m/mfgpu.next").exists());
    run(
        here,
        &words(
            "train ratings.csv -k 4 --learning-rate 10 --regularization 0 --epochs 3 --device cpu --out m --force --max-time 1ms",
        ),
        0,
    );
    assert!(read("m")[0] != before[0]);
    assert!(!here.join("m/mfgpu.next").exists());
}

fn max_time() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here, 25_000);
    let line = "train ratings.csv -k 64 --epochs 1000000 --patience 1000000 --regularization 0.1 --device cpu --out m";
    let clock = Instant::now();
    run(here, &words(&format!("{line} --max-time 3s --test 0.1")), 0);
    // All requested epochs would take many times longer.
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
    // During the second fold, or after it.
    let epochs = |text: &str| text.matches("\"refit\"").count();
    while fs::read_to_string(here.join("m/metrics.jsonl")).map_or(0, |text| epochs(&text)) < 6 {
        assert!(clock.elapsed() < Duration::from_secs(60) && child.try_wait().expect("a process").is_none());
        sleep(Duration::from_millis(2));
    }
    child.kill().expect("killed");
    child.wait().expect("a process");
    run(here, &words("resume m"), 0);
    same(here, "whole", "m");
    assert_eq!(record(here, "whole").report.folds, record(here, "m").report.folds);
}

/// Starting models that are refused, and the settings that come from an accepted one.
fn begin() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate_with_old(here);
    let line = "--device cpu --epochs 4 --algorithm als -k 4";
    run(here, &words(&format!("train old.csv {line} --out old")), 0);
    // Without flags, all settings are the model's; the held-out ratings and the test are new.
    let (_, said) =
        run(here, &words("train ratings.csv --device cpu --init-from old --test 0.2 --out new"), 0);
    assert!(
        said.contains("begins from: old/model.safetensors, which knows ") && !said.contains("note: of what"),
        "{said}"
    );
    let record = record(here, "new");
    assert_eq!((record.settings.factors, record.settings.algorithm), (Some(4), mfgpu::train::Algorithm::Als));
    assert!(
        record.report.held_out_rmse.is_some()
            && record.report.test.as_ref().is_some_and(|test| test.ratings < 1400)
    );
    let config = fs::read_to_string(here.join("new/config.toml")).expect("text");
    assert!(config.contains("/old\"") && config.contains("factors = 4"), "{config}");
    // There are no new rows, and more factors.
    let (_, said) =
        run(here, &words("train old.csv --device cpu --epochs 2 -k 6 --init-from old --out more"), 0);
    assert!(said.contains("epoch=2") && !said.contains("held_out_rmse"), "{said}");
    let (_, said) = run(
        here,
        &words("train ratings.csv --device cpu --epochs 2 --init-from old --test last:1 --out noted"),
        0,
    );
    assert!(said.contains("note: of what --test sets aside"), "{said}");
    let refused = |line: &str, code: i32, why: &str| {
        let (_, said) = run(here, &words(&format!("train ratings.csv --device cpu {line}")), code);
        assert!(said.contains(why), "{said}");
    };
    refused("--init-from old -k 3 --out x", 2, "--factors is 3");
    refused("--init-from old --folds 2 --out x", 2, "--folds");
    refused("--init-from old --force --out old", 2, "name another --out");
    refused("--init-from nothing --out x", 3, "nothing");
    fs::write(here.join("not"), "a model").expect("written");
    refused("--init-from not --out x", 7, "safetensors");
    fs::write(here.join("strangers.csv"), "user,item,rating\n-1,-1,3\n-2,-2,4\n").expect("written");
    let (_, said) = run(here, &words("train strangers.csv --device cpu --init-from old --out x"), 2);
    assert!(said.contains("knows none"), "{said}");
}

fn signals() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here, 25_000);
    let line = "train ratings.csv --objective ratings -k 64 --epochs 1000000 --patience 1000000 --regularization 0.1 \
                --device cpu --out m";
    let mut child = start(here, line);
    let clock = Instant::now();
    while !fs::read_to_string(here.join("m/metrics.jsonl")).is_ok_and(|text| text.lines().count() > 2) {
        assert!(clock.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(10));
    }
    let (_, said) = run(here, &words("resume m"), 9);
    assert!(said.contains(&format!("process {}", child.id())), "{said}");
    let (table, _) = run(here, &words("runs . --output-format csv"), 0);
    assert!(table.contains("./m,training,sgd,ratings,64,") && table.contains(",search,"), "{table}");
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
        let (table, _) = run(here, &words("runs . --output-format csv"), 0);
        assert!(table.contains("./m,stopped,"), "{table}");
        child = start(here, "resume m");
        sleep(Duration::from_millis(600));
    }
    child.kill().expect("killed");
    child.wait().expect("a process");
    let (table, _) = run(here, &words("runs . --output-format csv"), 0);
    assert!(table.contains("./m,died,"), "{table}");
    let log = fs::read_to_string(here.join("m/log.txt")).expect("a log");
    assert!(log.contains(" stopped: preempted") && log.lines().all(|line| line.starts_with("20")));
}

fn checkpoints_in(here: &Path) -> usize {
    if here.join("m/checkpoints").exists() { checkpoints(here).len() } else { 0 }
}

/// Limits the size of files to this many KiB; writing more fails as on a full disk.
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

/// A run on a disk of its own that is too small for it, at whatever step the disk fills up: existing files
/// are kept, and the run can be resumed once there is free space. Only root may mount disks.
fn small_disks() {
    let own = tempfile::tempdir().expect("a directory");
    let (here, disk) = (own.path(), own.path().join("disk"));
    fs::create_dir(&disk).expect("a directory");
    let mount = |size: u64, how: &str| {
        let options = format!("{how}size={size}k");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&disk).output();
        mount.is_ok_and(|output| output.status.success())
    };
    let unmount = || assert!(Command::new("umount").arg(&disk).status().expect("umount").success());
    if !mount(64, "") {
        println!("did not run: no disk could be mounted");
        return;
    }
    unmount();
    generate(here, 25_000);
    let line = "train ratings.csv -k 8 --epochs 8 --device cpu --checkpoint-every 1ms --test 0.05 --out";
    run(here, &words(&format!("{line} whole")), 0);
    let old = "train ratings.csv -k 2 --epochs 2 --device cpu --top 0 --keep-ratings off --out disk/old";
    let (mut failed, sizes) = (0, wished_kills().unwrap_or(5));
    for number in 0..sizes {
        assert!(mount(64 << 10, ""));
        run(here, &words(old), 0);
        let model = fs::read(here.join("disk/old/model.safetensors")).expect("a model");
        // Disk sizes from zero to more than enough.
        let filler = 1 + 2000 * number as u64 / sizes as u64;
        let used = Command::new("du").args(["-sk"]).arg(&disk).output().expect("du").stdout;
        let used: u64 = String::from_utf8_lossy(&used)
            .split_whitespace()
            .next()
            .and_then(|kib| kib.parse().ok())
            .expect("a size");
        assert!(mount(used + filler, "remount,"));
        let ended = mfgpu(here).args(words(&format!("{line} disk/new"))).output().expect("ended");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(fs::read(here.join("disk/old/model.safetensors")).expect("a model") == model);
        assert!(mount(64 << 10, "remount,"));
        match ended.status.code() {
            Some(4) => {
                failed += 1;
                assert!(!disk.join("new/model.safetensors").exists());
                if disk.join("new/config.toml").exists() {
                    run(here, &words("resume disk/new"), 0);
                } else {
                    run(here, &words(&format!("{line} disk/new")), 0);
                }
            }
            code => assert_eq!(code, Some(0), "with {filler} KiB: {said}"),
        }
        same(here, "whole", "disk/new");
        unmount();
    }
    println!("{sizes} disks, {failed} of them too small, each run ended the same once there was room");
    assert!(failed > sizes / 3, "{failed} of {sizes}");
}

/// Tables, lists and exports that do not fit leave the previous files in place.
fn full_for_tables() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here, 25_000);
    run(here, &words("train ratings.csv -k 8 --epochs 2 --device cpu --top 0 --out m"), 0);
    let program = mfgpu(here).get_program().to_string_lossy().into_owned();
    for line in [
        "recommend m -o out",
        "predict m ratings.csv -o out",
        "complete m -o out",
        "complete m --to out.npy",
        "export m -o out.safetensors",
        "generate --users 700 --items 300 --ratings 25000 -o out",
    ] {
        let out = line.rsplit(' ').next().expect("a file");
        fs::write(here.join(out), "what was there").expect("written");
        let full = format!("trap '' XFSZ; ulimit -f 2; exec {program} {line}");
        let ended = Command::new("bash").current_dir(here).args(["-c", &full]).output().expect("bash");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(4), "{line}: {said}");
        assert_eq!(fs::read(here.join(out)).expect("a file"), b"what was there", "{line}");
    }
    let names = fs::read_dir(here).expect("a directory").flatten();
    assert!(names.into_iter().all(|entry| !entry.file_name().to_string_lossy().contains("partial")));
}

/// A run that waits for ratings on standard input stops on request.
fn standing_still() {
    let own = tempfile::tempdir().expect("a directory");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfgpu"));
    let command = command.current_dir(own.path()).args(words("train - --device cpu --out m"));
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a process");
    let clock = Instant::now();
    while !own.path().join("m/status.json").exists() {
        assert!(clock.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(10));
    }
    signal(&child, "INT");
    while child.try_wait().expect("a process").is_none() {
        assert!(clock.elapsed() < Duration::from_secs(60), "it did not stop");
        sleep(Duration::from_millis(10));
    }
    assert_eq!(child.wait().expect("a process").code(), Some(130));
}
