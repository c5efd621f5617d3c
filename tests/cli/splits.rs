//! Ratings that are set aside, from outside: by time, at random, in folds, and what is refused.

use crate::program::{run, words};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A day in seconds.
const DAY: u64 = 86_400;

/// A directory with `timed.csv`, whose ratings are not sorted by time, and `plain.csv`, the same without
/// times.
fn shared() -> &'static Path {
    static SHARED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = SHARED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        run(
            &path,
            &words("generate --users 80 --items 60 --ratings 1500 --seed 5 --string-ids -o plain.csv"),
            0,
        );
        let plain = fs::read_to_string(path.join("plain.csv")).unwrap();
        let mut lines = plain.lines();
        let mut timed = format!("{},timestamp\n", lines.next().unwrap());
        for (number, line) in lines.enumerate() {
            // Every day of 1970 to 1974, each only once.
            writeln!(timed, "{line},{}", number as u64 * 777 % 1501 * DAY).unwrap();
        }
        fs::write(path.join("timed.csv"), timed).unwrap();
        (directory, path)
    });
    path
}

struct Rating {
    user: String,
    item: String,
    time: u64,
}

/// All ratings.
fn ratings() -> Vec<Rating> {
    let text = fs::read_to_string(shared().join("timed.csv")).unwrap();
    let rating = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        Rating { user: fields[0].into(), item: fields[1].into(), time: fields[3].parse().unwrap() }
    };
    text.lines().skip(1).map(rating).collect()
}

/// Trains briefly on a file of the shared directory with more flags, into `m` below `own`; returns the
/// messages.
fn train(own: &Path, file: &str, more: &str) -> String {
    let file = shared().join(file);
    let line = format!("train {} --epochs 4 -k 4 --device cpu --out m {more}", file.display());
    run(own, &words(line.trim()), 0).1
}

/// The same, for a training that may fail.
fn refused(file: &str, more: &str, code: i32) -> String {
    let own = tempfile::tempdir().unwrap();
    let file = shared().join(file);
    let line = format!("train {} --device cpu --out m {more}", file.display());
    run(own.path(), &words(&line), code).1
}

fn record(own: &Path) -> Value {
    serde_json::from_slice(&fs::read(own.join("m/run.json")).unwrap()).unwrap()
}

/// The pairs of `test.csv`.
fn set_aside(own: &Path) -> BTreeSet<(String, String)> {
    let text = fs::read_to_string(own.join("m/test.csv")).unwrap();
    assert!(text.starts_with("user,item,rating\n"));
    let pair = |line: &str| {
        let mut fields = line.split(',').map(str::to_owned);
        (fields.next().unwrap(), fields.next().unwrap())
    };
    text.lines().skip(1).map(pair).collect()
}

/// The pairs of each user's latest ratings, ordered by a key.
fn latest(count: usize, key: impl Fn(usize, &Rating) -> u64) -> BTreeSet<(String, String)> {
    let all = ratings();
    let mut users: BTreeMap<&str, Vec<(u64, &Rating)>> = BTreeMap::new();
    for (place, rating) in all.iter().enumerate() {
        users.entry(&rating.user).or_default().push((key(place, rating), rating));
    }
    let mut pairs = BTreeSet::new();
    for own in users.values_mut().filter(|own| own.len() > count) {
        own.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
        pairs.extend(own[..count].iter().map(|(_, rating)| (rating.user.clone(), rating.item.clone())));
    }
    pairs
}

#[test]
fn the_latest_of_each_user() {
    let own = tempfile::tempdir().unwrap();
    let stderr = train(own.path(), "timed.csv", "--test last:3");
    let expected = latest(3, |_, rating| rating.time);
    assert_eq!(set_aside(own.path()), expected);
    let said = format!("set aside: --test last:3 takes {} ratings, by time\n", expected.len());
    assert!(stderr.contains(&said) && stderr.contains("top.csv, test.csv, "), "{stderr}");
    assert_eq!(record(own.path())["report"]["test"]["ratings"], expected.len());
    // The model has only the other ratings, so its lists may contain the test ratings.
    let (text, _) = run(own.path(), &words("describe m"), 0);
    let others = 1500 - expected.len();
    assert!(text.contains(&format!("1,{}", others % 1000)), "{text}");

    let stderr = train(own.path(), "plain.csv", "--test last:3 --force");
    assert_eq!(set_aside(own.path()), latest(3, |place, _| place as u64));
    assert!(stderr.contains("by the order of the file: no column of times"), "{stderr}");
    assert_ne!(latest(3, |place, _| place as u64), expected);
}

#[test]
fn all_from_a_date_on() {
    let own = tempfile::tempdir().unwrap();
    let since = |from: u64| -> BTreeSet<_> {
        ratings()
            .into_iter()
            .filter(|rating| rating.time >= from)
            .map(|rating| (rating.user, rating.item))
            .collect()
    };
    // 1974-01-01 is day 1461.
    let expected = since(1461 * DAY);
    assert!(!expected.is_empty() && expected.len() < 60);
    for date in ["1974-01-01", "1974-01-01T00:00:00Z", "126230400"] {
        train(own.path(), "timed.csv", &format!("--test after:{date} --force"));
        assert_eq!(set_aside(own.path()), expected, "{date}");
    }
    train(own.path(), "timed.csv", "--test after:1974-01-02 --force");
    assert_eq!(set_aside(own.path()), since(1462 * DAY), "the day itself belongs to it");
}

#[test]
fn ratings_to_stop_by_are_learned_in_the_end() {
    let own = tempfile::tempdir().unwrap();
    let stderr = train(own.path(), "timed.csv", "--test last:2 --valid last:1");
    let report = &record(own.path())["report"];
    let (test, all) = (latest(2, |_, rating| rating.time), latest(3, |_, rating| rating.time));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    ratings().into_iter().for_each(|rating| *counts.entry(rating.user).or_default() += 1);
    // A user with two ratings loses none to the test, and one with three keeps one.
    let stopped_by = counts.values().filter(|&&count| count == 2 || count > 3).count();
    let said = |flag: &str, count: usize| format!("set aside: {flag} takes {count} ratings, by time");
    assert!(stderr.contains(&said("--test last:2", test.len())), "{stderr}");
    assert!(stderr.contains(&said("--valid last:1", stopped_by)), "{stderr}");
    assert!(report["held_out_rmse"].is_f64() && report["refit_epochs"].is_u64(), "{report}");
    // Three ratings of a user are set aside, two of them for good.
    let listed = fs::read_to_string(own.path().join("m/top.csv")).unwrap();
    let listed: BTreeSet<(&str, &str)> = listed
        .lines()
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            (fields[0], fields[2])
        })
        .collect();
    let is_listed = |(user, item): &(String, String)| listed.contains(&(user.as_str(), item.as_str()));
    assert!(!all.difference(&test).any(is_listed) && test.iter().any(is_listed));
}

#[test]
fn settings_and_the_test_repeat_the_run() {
    let own = tempfile::tempdir().unwrap();
    train(own.path(), "timed.csv", "--test last:2 --cutoffs 3 --relevant-from 3.5 --resamples 50 --seed 9");
    let first = record(own.path());
    let line = words("train --config m/config.toml --out again -q");
    run(own.path(), &line, 0);
    let again: Value = serde_json::from_slice(&fs::read(own.path().join("again/run.json")).unwrap()).unwrap();
    assert_eq!(first["report"]["evaluation"], again["report"]["evaluation"]);
    assert_eq!(again["report"]["evaluation"]["ranking"]["metrics"][0]["cutoff"], 3);
    assert_eq!(again["report"]["evaluation"]["ranking"]["relevant_from"], 3.5);
    assert_eq!(again["report"]["evaluation"]["resamples"], 50);
    assert_eq!(again["report"]["evaluation"]["seed"], 9);
}

#[test]
fn every_fold_is_measured_once_and_the_model_is_of_all() {
    let own = tempfile::tempdir().unwrap();
    let stderr = train(own.path(), "plain.csv", "--folds 3");
    let folds = &record(own.path())["report"]["folds"];
    let each = folds["folds"].as_array().unwrap();
    let tested: Vec<u64> = each.iter().map(|fold| fold["rating"]["ratings"].as_u64().unwrap()).collect();
    assert_eq!(tested, [500, 500, 500]);
    for fold in each {
        assert_eq!(fold["rating"]["trained_on"], 0);
    }
    let close = |found: &Value, values: &[f64]| {
        let mean = values.iter().sum::<f64>() / 3.0;
        let sd = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 2.0).sqrt();
        let [found, deviation] = ["mean", "sd"].map(|name| found[name].as_f64().unwrap());
        assert!((found - mean).abs() < 1e-12 && (deviation - sd).abs() < 1e-12, "{found} {deviation}");
        assert!(sd > 0.0);
    };
    for of in ["model", "biases", "mean"] {
        let value = |fold: &Value| fold["rating"]["rmse"][of]["value"].as_f64().unwrap();
        close(&folds["rmse"][of], &each.iter().map(value).collect::<Vec<f64>>());
    }
    let ranking = folds["ranking"].as_array().unwrap();
    assert_eq!(ranking.len(), 8);
    for (at, metric) in ranking.iter().enumerate() {
        let value = |fold: &Value| {
            assert_eq!(fold["ranking"]["metrics"][at]["metric"], metric["metric"]);
            fold["ranking"]["metrics"][at]["model"]["value"].as_f64().unwrap()
        };
        close(&metric["model"], &each.iter().map(value).collect::<Vec<f64>>());
    }
    for part in
        ["fold 2 of 3: 1,000 ratings to train on, 500 ratings to measure by\n", "fold 3 of 3: rmse=0."]
    {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    let rmse = &folds["rmse"]["model"];
    let [mean, sd] = ["mean", "sd"].map(|name| rmse[name].as_f64().unwrap());
    assert!(stderr.contains(&format!("3 folds: rmse={mean:.4} sd {sd:.4} mae=")), "{stderr}");
    assert!(run(own.path(), &words("describe m"), 0).0.contains(&format!("rmse {mean:.4} (sd {sd:.4})")));

    let model = fs::read(own.path().join("m/model.safetensors")).unwrap();
    train(own.path(), "plain.csv", "--force");
    assert!(model == fs::read(own.path().join("m/model.safetensors")).unwrap(), "folds change no model");
    assert!(record(own.path())["report"]["folds"].is_null());
}

#[test]
fn folds_with_ratings_to_stop_by() {
    let own = tempfile::tempdir().unwrap();
    for valid in ["last:1".to_owned(), shared().join("plain.csv").display().to_string()] {
        let line = format!("--folds 2 --valid {valid} --threads 1 --force --cutoffs 0");
        train(own.path(), "timed.csv", &line);
        let first = record(own.path())["report"]["folds"].clone();
        assert_eq!(first["ranking"], Value::Array(Vec::new()));
        train(own.path(), "timed.csv", &line.replace("--threads 1", "--threads 3"));
        assert_eq!(first, record(own.path())["report"]["folds"], "by any number of threads");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    assert!(refused("plain.csv", "--test after:1974-01-01", 2).contains("--time-col"));
    assert!(refused("plain.csv", "--test after:soon", 2).contains("2001-05-01"));
    assert!(refused("timed.csv", "--test after:1990-01-01", 2).contains("no rating is as late"));
    assert!(refused("timed.csv", "--valid after:1960-01-01", 2).contains("leaves no ratings"));
    assert!(refused("timed.csv", "--test last:2000", 2).contains("no user has more than 2000"));
    assert!(refused("plain.csv", "--test 0.0000001", 2).contains("none of 1500"));
    assert!(refused("plain.csv", "--time-col clock --test last:1", 2).contains("--time-col clock"));
    assert!(refused("plain.csv", "--folds 2 --test 0.1", 2).contains("--folds"));
    assert!(refused("plain.csv", "--folds 2000", 2).contains("--folds"));
    refused("plain.csv", "--folds 250 --test 0 --valid after:1990-01-01", 2);
    for more in ["--test last:0", "--test last:x", "--valid 1.5", "--folds 1", "--folds 0", "--test last:"] {
        refused("timed.csv", more, 2);
    }
    assert!(refused("timed.csv", "--test nothing.csv", 3).contains("nothing.csv"));
}

#[test]
fn a_test_that_is_read_is_not_removed() {
    let own = tempfile::tempdir().unwrap();
    train(own.path(), "plain.csv", "--test 0.2");
    let test = fs::read(own.path().join("m/test.csv")).unwrap();
    for line in ["plain.csv --test m/test.csv", "m/test.csv --test 0.2", "m/test.csv"] {
        let line = format!("train {line} --device cpu --out m --force");
        let (_, stderr) = run(own.path(), &words(&line), 2);
        assert!(stderr.contains("m/test.csv are one file, which cannot be read and replaced"), "{stderr}");
    }
    assert!(fs::read(own.path().join("m/test.csv")).unwrap() == test);
    train(own.path(), "plain.csv", "--force --test 0");
    assert!(!own.path().join("m/test.csv").exists(), "that of the run before");
}
