//! `mfgpu bench`: the same results on every device, as a table and as JSON.

use crate::program::{run, words};
use serde_json::Value;

fn example() -> String {
    format!("{}/examples/ratings.csv", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn two_engines_of_one_kind_agree_to_the_bit() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let mut arguments = words("bench -k 8,20 --epochs 4 --device cpu --device cpu -o b.json --markdown b.md");
    let example = example();
    arguments.push(&example);
    let (measured, said) = run(here, &arguments, 0);
    assert!(said.contains("data: 28,") && said.contains("epoch=4") && !said.contains("ratings/s"), "{said}");
    // A head, and two devices for each of two numbers of factors.
    assert!(measured.starts_with("factors  device") && measured.lines().count() == 5, "{measured}");

    let found: Value = serde_json::from_slice(&std::fs::read(here.join("b.json")).unwrap()).unwrap();
    let (ratings, held_out) = (found["ratings"].as_u64().unwrap(), found["held_out"].as_u64().unwrap());
    // Held-out ratings of rows without training ratings are left out.
    assert!((29_900..=30_000).contains(&(ratings + held_out)) && held_out > 1200, "{ratings} and {held_out}");
    let results = found["results"].as_array().unwrap();
    assert_eq!(results.iter().map(|result| result["factors"].as_u64().unwrap()).collect::<Vec<_>>(), [8, 20]);
    for result in results {
        let [one, other] = &result["devices"].as_array().unwrap()[..] else { panic!("{result}") };
        assert_eq!(one["held_out_rmse"], other["held_out_rmse"]);
        assert_eq!(other["difference"], 0.0);
        let errors: Vec<f64> = serde_json::from_value(one["held_out_rmse"].clone()).unwrap();
        assert!(errors.len() == 4 && errors[3] < errors[0] && errors[3] < 1.2, "{errors:?}");
        for device in [one, other] {
            assert!(device["ratings_per_second"].as_f64().unwrap() > 0.0);
            let (all, to) = (&device["seconds"], device["seconds_to_rmse"].as_f64().unwrap());
            let all: f64 = all.as_array().unwrap().iter().map(|seconds| seconds.as_f64().unwrap()).sum();
            assert!(to > 0.0 && to <= all * (1.0 + 1e-9), "{to} of {all}");
        }
    }
    let table = std::fs::read_to_string(here.join("b.md")).unwrap();
    let columns: Vec<usize> = table.lines().map(|line| line.matches('|').count()).collect();
    assert_eq!(columns, [9; 6], "{table}");
}

#[test]
fn lists_are_timed_by_their_quality() {
    let directory = tempfile::tempdir().unwrap();
    let line = "bench --algorithm ials -k 20 --epochs 3 --device cpu --device cpu --json -o b.md";
    let mut arguments = words(line);
    let example = example();
    arguments.push(&example);
    let (found, _) = run(directory.path(), &arguments, 0);
    let table = std::fs::read_to_string(directory.path().join("b.md")).unwrap();
    assert!(table.contains("held-out NDCG@10"), "{table}");
    let found: Value = serde_json::from_str(&found).unwrap();
    let [one, other] = &found["results"][0]["devices"].as_array().unwrap()[..] else { panic!("{found}") };
    assert_eq!(one["held_out_ndcg@10"], other["held_out_ndcg@10"]);
    let scores: Vec<f64> = serde_json::from_value(one["held_out_ndcg@10"].clone()).unwrap();
    assert!(scores.len() == 3 && scores.iter().all(|score| (0.02..1.0).contains(score)), "{scores:?}");
    assert!(one["seconds_to_ndcg@10"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_synthetic_set_and_an_rmse_that_nobody_reaches() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = words("bench --synthetic 20000 -k 4 --epochs 1 --device cpu --to 0.0001 --json");
    let (found, _) = run(directory.path(), &arguments, 0);
    let found: Value = serde_json::from_str(&found).unwrap();
    assert!(found["results"][0]["devices"][0]["seconds_to_rmse"].is_null(), "{found}");
    assert_eq!(found["users"], 133);
    assert!(std::fs::read_dir(directory.path()).unwrap().next().is_none(), "nothing is left behind");
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_read() {
    let directory = tempfile::tempdir().unwrap();
    for (arguments, what) in [
        ("bench --epochs 0 nowhere.csv", "--epochs"),
        ("bench -k 0 nowhere.csv", "factors"),
        ("bench --device cpu nowhere.csv --synthetic 9", "--synthetic"),
        ("bench --device tpu nowhere.csv", "tpu"),
        ("bench --markdown - --json nowhere.csv", "--markdown"),
        ("bench --json -o - nowhere.csv", "-o -"),
    ] {
        let (_, said) = run(directory.path(), &words(arguments), 2);
        assert!(said.contains(what), "{arguments}: {said}");
    }
}
