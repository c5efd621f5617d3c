//! `evaluate`, run from outside: its output, its files, and what it refuses.

use crate::program::{run, words};
use mfgpu::eval::Evaluation;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A directory with ratings and a run `m` that set a tenth of them aside, made once; read only.
fn shared() -> &'static Path {
    static SHARED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = SHARED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        run(
            &path,
            &words("generate --users 150 --items 90 --ratings 4000 --seed 3 --string-ids -o r.csv"),
            0,
        );
        let line = "train r.csv --epochs 6 -k 8 --test 0.1 --cutoffs 5,10 --device cpu --out m";
        fs::write(path.join("stderr.txt"), run(&path, &words(line), 0).1).unwrap();
        (directory, path)
    });
    path
}

/// The JSON that `evaluate` prints for the model `m` and its test, with the arguments `more` appended.
fn json(more: &str) -> Value {
    let line = format!("evaluate m m/test.csv --json{more}");
    serde_json::from_str(&run(shared(), &words(&line), 0).0).unwrap()
}

fn record(directory: &Path) -> Value {
    serde_json::from_slice(&fs::read(directory.join("run.json")).unwrap()).unwrap()
}

fn metric<'a>(found: &'a Value, name: &str, cutoff: u64) -> &'a Value {
    let metrics = found["ranking"]["metrics"].as_array().unwrap();
    metrics.iter().find(|metric| metric["metric"] == name && metric["cutoff"] == cutoff).unwrap()
}

#[test]
fn measures_as_training_did() {
    let found = json(" --cutoffs 5,10");
    assert_eq!(found, record(&shared().join("m"))["report"]["evaluation"]);
    let report = &record(&shared().join("m"))["report"];
    assert_eq!(found["rating"]["rmse"]["model"]["value"], report["test"]["rmse"]);
    assert_eq!(found["rating"]["rmse"]["mean"]["value"], report["test"]["mean_rmse"]);
    let stderr = fs::read_to_string(shared().join("stderr.txt")).unwrap();
    let rmse = found["rating"]["rmse"]["model"]["value"].as_f64().unwrap();
    for part in [format!("test: rmse={rmse:.4} mae="), "test lists: precision@5=".into(), " ndcg@10=".into()]
    {
        assert!(stderr.contains(&part), "{part}: {stderr}");
    }
    // Readers of the JSON rely on the field names of the library.
    let typed: Evaluation = serde_json::from_value(found.clone()).unwrap();
    assert_eq!(serde_json::to_value(&typed).unwrap(), found);
}

#[test]
fn better_than_baselines_where_there_is_something_to_learn() {
    let found = json("");
    let rmse = &found["rating"]["rmse"];
    let [model, biases, mean] = ["model", "biases", "mean"].map(|of| rmse[of]["value"].as_f64().unwrap());
    assert!(model < biases && biases < mean, "{rmse}");
    for of in [rmse, &found["rating"]["mae"], metric(&found, "ndcg", 10), metric(&found, "hit_rate", 10)] {
        let [low, high] = [0, 1].map(|end| of["model"]["interval"][end].as_f64().unwrap());
        let value = of["model"]["value"].as_f64().unwrap();
        assert!(low < value && value < high, "{of}");
    }
    assert!(metric(&found, "coverage", 10)["model"]["interval"].is_null());
    let all = json(" --relevant-from all");
    assert_eq!(all["ranking"]["relevant"], all["rating"]["ratings"]);
    assert!(found["ranking"]["relevant"].as_u64() < all["ranking"]["relevant"].as_u64());
}

#[test]
fn tables_for_people_json_and_csv_say_the_same() {
    let own = tempfile::tempdir().unwrap();
    let [csv, other] = ["m.csv", "m.json"].map(|name| own.path().join(name));
    let line = ["evaluate", "m", "m/test.csv", "-o"];
    let (text, stderr) = run(shared(), &[&line[..], &[csv.to_str().unwrap()]].concat(), 0);
    let found = json("");
    let ndcg = metric(&found, "ndcg", 10);
    let worse = ndcg["model"]["value"].as_f64() < ndcg["most_rated"]["value"].as_f64();
    assert_eq!(stderr.lines().count(), usize::from(worse), "{stderr}");
    assert_eq!(stderr.contains("warning: lists are worse"), worse, "{stderr}");
    for part in
        ["RMSE ", "user and item biases", "most rated items", "NDCG@10 ", "hit rate@10", "1,000 resamples"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let ndcg = &ndcg["model"];
    let cell =
        format!("{:.4} [{:.4}, ", ndcg["value"].as_f64().unwrap(), ndcg["interval"][0].as_f64().unwrap());
    assert!(text.contains(&cell), "{cell}: {text}");

    run(shared(), &[&line[..], &[other.to_str().unwrap(), "--json"]].concat(), 0);
    assert_eq!(serde_json::from_slice::<Value>(&fs::read(&other).unwrap()).unwrap(), found);

    let csv = fs::read_to_string(csv).unwrap();
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["metric", "cutoff", "of", "value", "low", "high"]);
    assert_eq!(rows.len(), 1 + 2 * 3 + 8 * 2);
    for row in &rows[1..] {
        let of = match row[1] {
            "" => &found["rating"][row[0]],
            cutoff => metric(&found, row[0], cutoff.parse().unwrap()),
        };
        let expected = &of[row[2]];
        let expected = [&expected["value"], &expected["interval"][0], &expected["interval"][1]];
        for (cell, expected) in row[3..].iter().zip(expected) {
            let number = cell.parse::<f64>().ok();
            assert_eq!(number.is_some(), expected.is_f64(), "{row:?} {expected}");
            let error = number.unwrap_or_default() - expected.as_f64().unwrap_or_default();
            assert!(error.abs() < 1e-12, "{row:?} {expected}");
        }
    }
}

#[test]
fn the_seed_and_the_threads() {
    let found = json(" --threads 1");
    assert_eq!(found, json(" --threads 3"));
    let other = json(" --seed 7");
    assert_eq!(found["rating"]["rmse"]["model"]["value"], other["rating"]["rmse"]["model"]["value"]);
    assert_ne!(found["rating"]["rmse"]["model"]["interval"], other["rating"]["rmse"]["model"]["interval"]);
    let without = json(" --resamples 0 --cutoffs 0");
    assert!(without["rating"]["mae"]["model"]["interval"].is_null() && without["ranking"].is_null());
}

#[test]
fn odd_questions_are_refused() {
    let here = shared();
    for more in
        ["--cutoffs 5,0", "--cutoffs x", "--resamples 3", "--relevant-from some", "--relevant-from nan"]
    {
        run(here, &words(&format!("evaluate m m/test.csv {more}")), 2);
    }
    run(here, &words("evaluate m - --ratings -"), 2);
    assert!(run(here, &words("evaluate m m/test.csv -o -"), 2).1.contains("--json"));
    run(here, &words("evaluate m nothing.csv"), 3);
    run(here, &words("evaluate nothing m/test.csv"), 3);
    run(here, &words("evaluate m m/test.csv -o no/such/directory.csv"), 4);
}

#[test]
fn tests_that_are_none_are_refused() {
    let own = tempfile::tempdir().unwrap();
    let model = shared().join("m");
    let evaluate = |name: &str, text: &str, code: i32| {
        fs::write(own.path().join(name), text).unwrap();
        run(own.path(), &["evaluate", model.to_str().unwrap(), name], code)
    };
    evaluate("empty.csv", "", 3);
    let (_, stderr) = evaluate("header.csv", "user,item,rating\n", 3);
    assert!(stderr.contains("header.csv"), "{stderr}");
    let (_, stderr) = evaluate("bad.csv", "user,item,rating\nu001,i02,much\nu001,i03,4\n", 3);
    assert!(stderr.contains("bad.csv:2:"), "{stderr}");
    let (_, stderr) = evaluate("strange.csv", "user,item,rating\n1,2,3\n4,5,3\n", 3);
    assert!(stderr.contains("such as `1`") && stderr.contains("expected such as `u"), "{stderr}");
    // A pair with one unknown id is measured by its known id.
    let (text, _) = evaluate("half.csv", "user,item,rating\nnobody,i02,3\nu001,nothing,3\n", 0);
    assert!(text.contains("1 rating of users, 1 rating of items without training ratings"), "{text}");

    // With a test of unknown ids, the run fails before training begins.
    let ratings = shared().join("r.csv");
    let line = ["train", ratings.to_str().unwrap(), "--test", "strange.csv", "--out", "x", "--device", "cpu"];
    let (_, stderr) = run(own.path(), &line, 3);
    assert!(stderr.contains("such as `1`") && !stderr.contains("epoch="), "{stderr}");
    assert!(!own.path().join("x/model.safetensors").exists());
}

#[test]
fn what_was_trained_on_is_no_test() {
    let (text, stderr) = run(shared(), &words("evaluate m r.csv"), 0);
    let set_aside = json("")["rating"]["ratings"].as_u64().unwrap();
    let trained_on = (4000 - set_aside).to_string();
    let (thousands, rest) = trained_on.split_at(1);
    let note = format!("note: {thousands},{rest} test ratings of pairs that the model was trained on");
    assert!(stderr.starts_with(&note), "{note}: {stderr}");
    assert!(text.contains("trained on"), "{text}");
}

#[test]
fn a_model_without_ratings_needs_those_it_was_trained_on() {
    let own = tempfile::tempdir().unwrap();
    let m = shared().join("m");
    let text = fs::read_to_string(m.join("test.csv")).unwrap();
    let test: Vec<&str> = text.lines().skip(1).collect();
    let all = fs::read_to_string(shared().join("r.csv")).unwrap();
    let rest: Vec<&str> = all.lines().filter(|row| !test.contains(row)).collect();
    assert_eq!(rest.len() + test.len(), 4001);
    fs::write(own.path().join("rest.csv"), rest.join("\n")).unwrap();
    fs::copy(m.join("test.csv"), own.path().join("test.csv")).unwrap();
    let train = "train rest.csv --epochs 4 -k 4 --device cpu -q --top 0 --out";
    run(own.path(), &words(&format!("{train} with")), 0);
    run(own.path(), &words(&format!("{train} without --keep-ratings off")), 0);
    let (_, stderr) = run(own.path(), &words("evaluate without test.csv"), 2);
    assert!(stderr.contains("--ratings"), "{stderr}");
    let with = run(own.path(), &words("evaluate with test.csv"), 0).0;
    assert_eq!(run(own.path(), &words("evaluate without test.csv --ratings rest.csv"), 0).0, with);
    fs::write(own.path().join("other.csv"), "user,item,rating\na,b,3\n").unwrap();
    run(own.path(), &words("evaluate without test.csv --ratings other.csv"), 3);
}
