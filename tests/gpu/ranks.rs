//! Runs of several ranks end with the files of a run of one, to the byte.

use crate::program::{command, run, words};
use crate::support::case::Case;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![Case::new("folds_and_a_model_to_begin_from", folds_and_warm)];
    for algorithm in ["sgd", "als", "bayes", "ials"] {
        cases.push(Case::new(format!("as_one_on_the_cpu_{algorithm}"), move || as_one("cpu", algorithm, 4)));
        if cfg!(unix) {
            cases.push(Case::new(format!("killed_and_resumed_by_others_{algorithm}"), move || {
                killed(algorithm)
            }));
        }
        #[cfg(feature = "gpu")]
        cases.push(Case::on_a_gpu(format!("as_one_on_the_gpu_{algorithm}"), move || {
            as_one("gpu", algorithm, 3)
        }));
    }
    cases
}

fn generate(here: &Path) {
    run(here, &words("generate --users 500 --items 300 --ratings 20000 --seed 7 -o ratings.csv"), 0);
}

/// The files that do not depend on the number of ranks, with their contents.
fn results(here: &Path, out: &str) -> Vec<(String, Vec<u8>)> {
    let names = ["model.safetensors", "lists.safetensors", "top.csv", "test.csv", "held_out.csv"];
    let file = |name: &str| fs::read(here.join(out).join(name)).ok().map(|bytes| (name.to_owned(), bytes));
    let found: Vec<_> = names.into_iter().filter_map(file).collect();
    assert!(found.len() >= 2, "a model and lists");
    found
}

/// A whole run, with a race and a refit where the algorithm has them.
fn as_one(device: &str, algorithm: &str, most: usize) {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here);
    let epochs = if algorithm == "ials" { 4 } else { 9 };
    let line = format!(
        "train ratings.csv --algorithm {algorithm} -k 8 --list-factors 8 --epochs {epochs} --burn-in 2"
    );
    let line = format!("{line} --test 0.1 --device {device} --top 5 --quiet");
    for ranks in 1..=most {
        run(here, &words(&format!("{line} --ranks {ranks} --out of-{ranks}")), 0);
        assert!(results(here, "of-1") == results(here, &format!("of-{ranks}")), "{ranks} ranks");
    }
    let record = mfgpu::run::Record::load(&here.join(format!("of-{most}/run.json"))).expect("a record");
    let ranks = record.report.ranks.expect("what they gathered");
    assert!(ranks.count == most && ranks.traffic.bytes_received > ranks.traffic.bytes_given);
}

fn folds_and_warm() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here);
    for (name, line) in [
        ("folds", "train ratings.csv -k 8 --list-factors 8 --epochs 3 --folds 3 --seed 3"),
        ("from", "train ratings.csv --epochs 3 --init-from folds-1 --valid last:2"),
    ] {
        for ranks in [1, 3] {
            run(here, &words(&format!("{line} --quiet --ranks {ranks} --out {name}-{ranks}")), 0);
        }
        let [one, three] = [1, 3].map(|ranks| format!("{name}-{ranks}"));
        assert!(results(here, &one) == results(here, &three), "{name}");
        let folds = |out: &str| {
            let record = mfgpu::run::Record::load(&here.join(out).join("run.json")).expect("a record");
            record.report.folds.map(|folds| folds.rmse)
        };
        assert_eq!(folds(&one), folds(&three));
    }
}

/// A run that is killed again and again goes on with another number of ranks each time.
fn killed(algorithm: &str) {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here);
    let line =
        format!("train ratings.csv --algorithm {algorithm} -k 8 --list-factors 8 --epochs 12 --burn-in 2");
    let line = format!("{line} --checkpoint-every 5ms --top 5 --quiet");
    run(here, &words(&format!("{line} --out whole")), 0);
    let (mut next, mut kills, mut ranks) = (format!("{line} --out other"), 0, 3);
    for (number, name) in ["KILL", "TERM"].into_iter().cycle().enumerate() {
        let started = command(here)
            .args(words(&format!("{next} --ranks {ranks}")))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut child = started.expect("a process");
        if number < 6 {
            sleep(Duration::from_millis(60 + 40 * number as u64));
            let _ = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status();
        }
        let status = child.wait().expect("an end");
        if status.success() {
            break;
        }
        assert!(number < 6, "it ends when it is left alone: {status}");
        kills += 1;
        if here.join("other/config.toml").exists() {
            next = "resume other --checkpoint-every 5ms --quiet".into();
        }
        ranks = ranks % 4 + 1;
    }
    println!("{algorithm}: {kills} kills");
    assert!(results(here, "whole") == results(here, "other"));
}
