//! `compare`, run from outside: its tables, its page, and what it refuses.

use crate::program::{run, words};
use crate::report::{faults, sections, texts};
use mfgpu::eval::Comparison;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A directory with ratings and runs, made once; read only. `good` and `bad` were measured by the same
/// ratings, `other` by others, `blind` by none; `lists` makes lists alone.
fn shared() -> &'static Path {
    static SHARED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = SHARED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        run(
            &path,
            &words("generate --users 200 --items 90 --ratings 6000 --seed 3 --string-ids -o r.csv"),
            0,
        );
        for (out, more) in [
            ("good", "--epochs 12 -k 8 --test 0.2 --list-factors 8"),
            ("bad", "--epochs 1 -k 1 --test 0.2 --objective ratings --learning-rate 0.0001"),
            ("other", "--epochs 2 -k 2 --test 0.2 --seed 7 --objective ratings"),
            ("blind", "--epochs 2 -k 2 --objective ratings"),
            ("lists", "--epochs 2 -k 4 --test 0.2 --objective lists"),
        ] {
            run(&path, &words(&format!("train r.csv --device cpu --out {out} {more}")), 0);
        }
        (directory, path)
    });
    path
}

fn json(line: &str) -> Value {
    serde_json::from_str(&run(shared(), &words(&format!("compare {line} --json")), 0).0).unwrap()
}

fn metric<'a>(found: &'a Value, name: &str) -> &'a Value {
    found["metrics"].as_array().unwrap().iter().find(|metric| metric["metric"] == name).unwrap()
}

fn record(name: &str) -> Value {
    serde_json::from_slice(&fs::read(shared().join(name).join("run.json")).unwrap()).unwrap()
}

#[test]
fn each_run_has_the_numbers_of_its_own_test() {
    let found = json("good bad lists");
    assert_eq!(found["names"], serde_json::json!(["good", "bad", "lists"]));
    for (place, name) in ["good", "bad", "lists"].into_iter().enumerate() {
        let evaluation = &record(name)["report"]["evaluation"];
        assert_eq!(metric(&found, "rmse")["models"][place], evaluation["rating"]["rmse"]["model"], "{name}");
        let own = evaluation["ranking"]["metrics"].as_array().unwrap();
        for metric in own {
            let compared = self::metric(&found, metric["metric"].as_str().unwrap());
            assert_eq!(compared["models"][place], metric["model"], "{name}");
        }
    }
    let typed: Comparison = serde_json::from_value(found.clone()).unwrap();
    assert_eq!(serde_json::to_value(&typed).unwrap(), found);
}

#[test]
fn tables_say_what_is_better() {
    let (text, said) = run(shared(), &words("compare good bad/ lists"), 0);
    assert_eq!(said, "");
    let found = json("good bad lists");
    let numbers = |of: &Value| {
        let difference = &metric(of, "rmse")["differences"][1];
        let number = |value: &Value| format!("{:+.4}", value.as_f64().unwrap());
        let [value, low, high] =
            [&difference["value"], &difference["interval"][0], &difference["interval"][1]].map(number);
        format!("{value} [{low}, {high}]")
    };
    assert!(text.contains(&format!("bad is worse than good: RMSE {}\n", numbers(&found))), "{text}");
    let header = "metric        good    bad     lists   user and item biases  mean    most rated items\n";
    assert!(text.contains(header), "{text}");
    for line in [
        "less good     bad ",
        "NDCG@10 ",
        "coverage@10 ",
        "intervals  95 %, 1,000 resamples of the users, the same",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let (back, _) = run(shared(), &words("compare bad good"), 0);
    assert!(back.contains("good is better than bad: RMSE -"), "{back}");
    let (same, _) = run(shared(), &words("compare good good"), 0);
    let told =
        "good and good: no difference that 1,000 resamples can tell: RMSE +0.0000 [+0.0000, +0.0000]\n";
    assert!(same.contains(told), "{same}");
    let (plain, _) = run(shared(), &words("compare good bad --resamples 0 --cutoffs 0"), 0);
    assert!(plain.contains("bad less good: RMSE +") && !plain.contains("NDCG"), "{plain}");
}

#[test]
fn files_have_the_same_numbers() {
    let own = tempfile::tempdir().unwrap();
    let [csv, other] = ["c.csv", "c.json"].map(|name| own.path().join(name));
    run(shared(), &["compare", "good", "bad", "-o", csv.to_str().unwrap()], 0);
    run(shared(), &["compare", "good", "bad", "-o", other.to_str().unwrap()], 0);
    let found = json("good bad");
    assert_eq!(serde_json::from_slice::<Value>(&fs::read(other).unwrap()).unwrap(), found);
    let text = fs::read_to_string(csv).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["metric", "cutoff", "of", "kind", "value", "low", "high"]);
    // Two errors of two models, their differences and two baselines; eight metrics of lists with one
    // baseline.
    assert_eq!(rows.len(), 1 + 2 * 5 + 8 * 4);
    let row = rows.iter().find(|row| row[..4] == ["rmse", "", "bad", "difference"]).unwrap();
    let expected = &metric(&found, "rmse")["differences"][1];
    for (cell, expected) in
        row[4..].iter().zip([&expected["value"], &expected["interval"][0], &expected["interval"][1]])
    {
        assert!((cell.parse::<f64>().unwrap() - expected.as_f64().unwrap()).abs() < 1e-12, "{row:?}");
    }
    assert!(run(shared(), &words("compare good bad -o -"), 2).1.contains("--json"));
}

#[test]
fn the_seed_and_the_threads() {
    let found = json("good bad --threads 1");
    assert_eq!(found, json("good bad --threads 3"));
    let other = json("good bad --seed 7");
    let [one, two] = [&found, &other].map(|found| &metric(found, "ndcg")["differences"][1]);
    assert_eq!(one["value"], two["value"]);
    assert_ne!(one["interval"], two["interval"]);
    assert_eq!(found["seed"], 42);
}

/// Runs that were not measured by the same ratings are compared on a file.
#[test]
fn the_test_must_be_the_same() {
    let here = shared();
    let (_, said) = run(here, &words("compare good other"), 3);
    assert!(said.contains("good and other were not tested by the same ratings: good by 1,"), "{said}");
    assert!(said.contains("--test FILE"), "{said}");
    let (_, said) = run(here, &words("compare good blind"), 2);
    assert!(said.contains("blind has no test ratings") && said.contains("--test FILE"), "{said}");
    let (_, said) = run(here, &words("compare good bad/model.safetensors"), 2);
    assert!(said.contains("has no test of its own"), "{said}");

    // All of it was set aside by one, and most of it trained on by the other.
    let (text, said) = run(here, &words("compare good other --test good/test.csv"), 0);
    let left: u64 = json("good other --test good/test.csv")["left_out"].as_u64().unwrap();
    assert!(left > 700, "{left}");
    assert!(
        said.contains("note: left out: ") && text.contains("of pairs that one of the models was trained on"),
        "{said}"
    );
    let (_, said) = run(here, &words("compare good blind --test good/test.csv"), 3);
    assert!(said.contains("expected ratings that no model was trained on"), "{said}");
    let files = json("good/model.safetensors bad/model.safetensors --test good/test.csv");
    assert_eq!(metric(&files, "rmse"), metric(&json("good bad"), "rmse"));
    run(here, &words("compare good"), 2);
    run(here, &words("compare good bad --cutoffs 5,0"), 2);
    run(here, &words("compare good nowhere"), 3);
}

#[test]
fn the_page() {
    let own = tempfile::tempdir().unwrap();
    let page = own.path().join("page.html");
    let line = ["compare", "good", "bad", "lists", "--report", page.to_str().unwrap()];
    let (text, _) = run(shared(), &line, 0);
    assert!(text.contains("bad is worse than good"), "{text}");
    let source = fs::read_to_string(&page).unwrap();
    assert_eq!(faults(&source), [""; 0]);
    assert_eq!(sections(&source), ["values", "differences", "runs"]);
    assert_eq!(texts(&source, "h1 bdi"), ["good", "bad", "lists"]);
    let bad = texts(&source, ".verdict.bad").concat();
    assert!(bad.starts_with("bad is worse than good: RMSE +"), "{bad}");
    let rmse = record("bad")["report"]["test"]["rmse"].as_f64().unwrap();
    assert!(
        texts(&source, "#values td").iter().any(|cell| cell.starts_with(&format!("{rmse:.4} ["))),
        "{rmse}"
    );
    assert_eq!(texts(&source, "#runs tbody th"), ["good", "bad", "lists"]);
    let (stdout, _) = run(shared(), &words("compare good bad --report -"), 0);
    assert_eq!(faults(&stdout), [""; 0]);
    run(shared(), &words("compare good bad --report - --json"), 2);
    // An input is not replaced.
    run(shared(), &words("compare good bad --report good/test.csv"), 2);
}
