//! The output of `describe`, as text and as JSON.

use crate::program::{run, words};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn described(here: &Path, what: &str) -> Value {
    let (text, said) = run(here, &words(&format!("describe {what} --json")), 0);
    assert_eq!(said, "");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn ratings() {
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("a.csv"), "user,item,rating\na,x,1\na,y,5\nb,x,3\n").unwrap();
    fs::write(here.path().join("b.csv"), "user,item,rating\nb,x,0.5\nc,x,5\nc,z,oops\n").unwrap();
    let found = described(here.path(), "a.csv b.csv --bad-rows skip");
    assert_eq!(found["kind"], "ratings");
    let read = &found["read"];
    assert_eq!((&read["rows"], &read["duplicates"], &read["skipped"]), (&json!(5), &json!(1), &json!(1)));
    let columns = "user 1 `user`, item 2 `item`, rating 3 `rating` (by name)";
    let layout = "delimiter `,`, header";
    let file = json!({ "path": "b.csv", "layout": layout, "columns": columns, "rows": 2 });
    assert_eq!(read["files"][1], file);
    let ratings = &found["ratings"];
    for (key, expected) in [("ratings", 4), ("users", 3), ("items", 2)] {
        assert_eq!(ratings[key], expected, "{key}");
    }
    assert!((ratings["density"].as_f64().unwrap() - 4.0 / 6.0).abs() < 1e-12);
    assert_eq!((&ratings["scale"]["low"], &ratings["scale"]["mean"]), (&json!(0.5), &json!(2.875)));
    let level = |value: f64, ratings: u64| json!({ "value": value, "ratings": ratings });
    assert_eq!(ratings["levels"], json!([level(0.5, 1), level(1.0, 1), level(5.0, 2)]));
    let activity = json!({ "least": 1, "p10": 1, "p25": 1, "p50": 1, "p75": 2, "p90": 2, "p99": 2, "most": 2, "mean": 4.0 / 3.0 });
    assert_eq!(ratings["activity"], activity);
    assert_eq!((&ratings["popularity"]["least"], &ratings["popularity"]["most"]), (&json!(1), &json!(3)));
    let factors = mfgpu::train::Settings::default().factors() as u64;
    assert_eq!((&found["matrix_bytes"], &found["factor_bytes"]), (&json!(24), &json!(4 * 5 * (factors + 1))));

    let (text, _) = run(here.path(), &words("describe a.csv b.csv --bad-rows skip"), 0);
    for line in [
        "files            2, delimiter `,`, header",
        "feedback         ratings",
        "bad rows         1, the first: b.csv:4: found rating `oops`, expected a finite number; `--missing` names values that stand for no rating",
        "duplicates       1 rating merged; the last in the order of the files counts: no column of times is known",
        "density          66.667 %",
        "levels           3: 0.5 (25.0 %), 1 (25.0 %), 5 (50.0 %)",
        "ratings an item  least 1, 10% 1, 25% 1, 50% 3, 75% 3, 90% 3, 99% 3, most 3, mean 2.0",
        "whole matrix     24 bytes",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[test]
fn weights_and_pairs() {
    let here = tempfile::tempdir().unwrap();
    let here = here.path();
    fs::write(here.join("w.csv"), "user,item,much\na,x,1\na,x,5\nb,x,3\n").unwrap();
    fs::write(here.join("p.csv"), "user,item\na,x\na,x\nb,x\n").unwrap();
    for (what, feedback, line, most) in [
        ("w.csv --weight-col much", "weights", "feedback         weights", 6.0),
        ("p.csv", "pairs", "feedback         pairs only", 2.0),
        ("w.csv --rating-col none", "pairs", "feedback         pairs only", 2.0),
        ("w.csv --weight-col much --duplicates mean", "weights", "feedback         weights", 3.0),
    ] {
        let found = described(here, what);
        assert_eq!(found["read"]["feedback"], feedback, "{what}");
        assert_eq!(found["ratings"]["scale"]["high"], most, "{what}");
        let (text, _) = run(here, &words(&format!("describe {what}")), 0);
        assert!(text.lines().any(|found| found == line), "{what}: {text}");
    }
    let (_, said) = run(here, &words("train p.csv --dry-run --device cpu"), 0);
    assert!(said.contains("read: p.csv: delimiter `,`, header, pairs only\n"), "{said}");
    let (_, said) = run(here, &words("train w.csv --rating-col much --weight-col 3 --dry-run"), 2);
    assert!(said.contains("`--rating-col much` and `--weight-col 3` are both named"), "{said}");
    // A flag goes before a file of settings.
    fs::write(here.join("c.toml"), "[input]\nrating_column = \"much\"\n").unwrap();
    let (_, said) =
        run(here, &words("train w.csv --config c.toml --weight-col much --dry-run --device cpu"), 0);
    assert!(said.contains("read: w.csv: delimiter `,`, header, weights\n"), "{said}");
    let (_, said) = run(here, &words("describe w.csv"), 3);
    assert!(said.contains("`--rating-col none` says that there is neither"), "{said}");
}

#[test]
fn models_and_runs() {
    let here = tempfile::tempdir().unwrap();
    let here = here.path();
    let line = "generate --users 120 --items 80 --ratings 3000 --seed 7 --string-ids -o ratings.csv --titles titles.csv";
    run(here, &words(line), 0);
    let train =
        "train ratings.csv --epochs 5 -k 8 --out m --test 0.1 --item-names titles.csv --device cpu -q";
    run(here, &words(train), 0);
    let found = described(here, "m");
    let (record, model) = (&found["record"], &found["model"]);
    assert_eq!((found["kind"].as_str(), record["sizes"]["factors"].as_u64()), (Some("run"), Some(8)));
    assert_eq!(found["status"]["state"], "finished");
    assert_eq!((&model["users"], &model["items"], &model["factors"]), (&json!(120), &json!(80), &json!(8)));
    assert_eq!((&model["matrix_bytes"], &model["factor_bytes"]), (&json!(4 * 120 * 80), &json!(4 * 200 * 9)));
    let ratings = 3000 - record["report"]["test"]["ratings"].as_u64().unwrap();
    assert_eq!((&model["ratings"], &model["draws"]), (&json!(ratings), &json!(1)));
    assert!(model["about"]["settings"].is_object() && model["about"]["metrics"].is_object());
    let axes = model["axes"].as_array().unwrap();
    assert_eq!(axes.len(), 5);
    let titles = fs::read_to_string(here.join("titles.csv")).unwrap();
    for axis in axes {
        let effects = |end: &str| {
            let items = axis[end].as_array().unwrap();
            assert_eq!(items.len(), 3);
            let known = |item: &Value| titles.contains(item["title"].as_str().unwrap());
            assert!(items.iter().all(known), "the titles of the run: {items:?}");
            items.iter().map(|item| item["effect"].as_f64().unwrap()).collect::<Vec<f64>>()
        };
        let (positive, mut negative) = (effects("positive"), effects("negative"));
        negative.reverse();
        let all: Vec<f64> = positive.iter().chain(&negative).copied().collect();
        assert!(all.is_sorted_by(|a, b| a >= b) && all[0] > 0.0, "{all:?}");
    }
    let strengths: Vec<f64> = axes.iter().map(|axis| axis["strength"].as_f64().unwrap()).collect();
    assert!(strengths.is_sorted_by(|a, b| a >= b) && strengths[4] > 0.0, "{strengths:?}");

    let (text, _) = run(here, &words("describe m --axes 2"), 0);
    assert_eq!(text.matches("\naxis ").count(), 2, "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("  +") || line.starts_with("  -")).count(), 12);
    // A model by itself has the titles, too, unless they are not wanted.
    let alone = described(here, "m/model.safetensors --axes 99");
    assert_eq!((&alone["kind"], alone["axes"].as_array().unwrap().len()), (&json!("model"), 8));
    assert_eq!(alone["axes"][0]["positive"][0], axes[0]["positive"][0]);
    let plain = described(here, "m/model.safetensors --no-titles");
    assert!(plain["axes"][0]["positive"][0].get("title").is_none());
    assert_eq!(plain["axes"][0]["positive"][0]["item"], axes[0]["positive"][0]["item"]);
    let titled = described(here, "m/model.safetensors --item-names titles.csv");
    assert_eq!(titled["axes"], model["axes"]);
    assert_eq!(described(here, "m --axes 0")["model"]["axes"], json!([]));

    // An unfinished run.
    fs::remove_file(here.join("m/model.safetensors")).unwrap();
    run(here, &words("describe m"), 3);
    let status = fs::read_to_string(here.join("m/status.json")).unwrap();
    fs::write(here.join("m/status.json"), status.replace("finished", "stopped")).unwrap();
    let found = described(here, "m");
    assert!(found["status"]["state"] == "stopped" && found.get("model").is_none(), "{found}");
}
