//! Numbers that a run states of itself are those of the ratings they are said to be of.

use crate::program::{run, words};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

type Rows = Vec<(u32, u32, f64)>;

fn write(path: &Path, rows: &Rows) {
    let mut text = "user,item,rating\n".to_owned();
    for (user, item, rating) in rows {
        writeln!(text, "u{user},i{item},{rating}").unwrap();
    }
    fs::write(path, text).unwrap();
}

/// Ratings of a taste, 1 to 5: the cells for which `has` is true.
fn planted(has: impl Fn(u32, u32) -> bool) -> Rows {
    let cells = (0..40).flat_map(|user| (0..30).map(move |item| (user, item)));
    let rating = |user: u32, item: u32| {
        let taste = f64::from((user % 3).abs_diff(item % 3)) + f64::from((user * 7 + item * 11) % 10) / 10.0;
        (5.0 - 1.4 * taste).round().clamp(1.0, 5.0)
    };
    cells
        .filter(|&(user, item)| has(user, item))
        .map(|(user, item)| (user, item, rating(user, item)))
        .collect()
}

/// A third of the cells, and a tenth of them that are others.
fn train(user: u32, item: u32) -> bool {
    (user * 5 + item * 3).is_multiple_of(3) || (user + item).is_multiple_of(4)
}

fn other(user: u32, item: u32) -> bool {
    !train(user, item) && (user * 13 + item * 7).is_multiple_of(5)
}

fn mean(rows: &Rows) -> f64 {
    rows.iter().map(|row| row.2).sum::<f64>() / rows.len() as f64
}

/// The error of always predicting a number.
fn error_of(number: f64, rows: &Rows) -> f64 {
    (rows.iter().map(|row| (row.2 - number).powi(2)).sum::<f64>() / rows.len() as f64).sqrt()
}

fn record(run: &Path) -> Value {
    serde_json::from_slice(&fs::read(run.join("run.json")).unwrap()).unwrap()
}

/// Beside an error on held-out ratings stands that of the mean of the training ratings on the very same
/// ratings.
#[test]
fn the_mean_is_measured_on_what_is_held_out() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    let rows = planted(train);
    // Ratings of strangers are not measured by; the others lie far from the mean.
    let mut valid: Rows =
        planted(other).into_iter().take(12).map(|(user, item, _)| (user, item, 1.0)).collect();
    valid[3].2 = 5.0;
    let known = valid.clone();
    valid.push((900, 3, 5.0));
    valid.push((3, 900, 5.0));
    write(&here.join("train.csv"), &rows);
    write(&here.join("valid.csv"), &valid);
    write(&here.join("known.csv"), &known);
    let expected = error_of(mean(&rows), &known);
    let spread = error_of(mean(&rows), &rows);
    assert!((expected - spread).abs() > 0.3, "the case tells them apart: {expected} {spread}");
    for algorithm in ["sgd", "als", "bayes"] {
        let line = format!(
            "train train.csv --valid valid.csv --test known.csv --algorithm {algorithm} --objective ratings -k 4 --epochs 5 \
             --device cpu --out {algorithm}"
        );
        let (_, said) = run(here, &words(&line), 0);
        let held_out = said.lines().find(|line| line.starts_with("held out: rmse=")).unwrap();
        assert!(held_out.ends_with(&format!("(always the mean: rmse={expected:.4})")), "{held_out}");
        let test = said.lines().find(|line| line.starts_with("test: rmse=")).unwrap();
        assert!(test.contains(&format!("(always the mean: rmse={expected:.4};")), "{test}");
        let report = &record(&here.join(algorithm))["report"];
        assert!((report["held_out_mean_rmse"].as_f64().unwrap() - expected).abs() < 1e-6, "{report}");
        assert!((report["deviation"].as_f64().unwrap() - spread).abs() < 1e-6, "{report}");
    }
    let line =
        "train train.csv --valid valid.csv --objective ratings -k 4 --epochs 5 --device cpu --out plain";
    run(here, &words(line), 0);
    let page = fs::read_to_string(here.join("plain/report.html")).unwrap();
    assert!(
        page.contains(&format!("always predicts the mean is off by {expected:.3}")),
        "the page says the same"
    );
}

/// The same for a random slice, by what the run left of it.
#[test]
fn the_mean_is_measured_on_a_random_slice() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    let rows = planted(|user, item| train(user, item) || other(user, item));
    write(&here.join("train.csv"), &rows);
    run(
        here,
        &words("train train.csv --valid 0.2 --objective ratings -k 4 --epochs 3 --device cpu --out m"),
        0,
    );
    let text = fs::read_to_string(here.join("m/held-out.csv")).unwrap();
    let rating = |line: &str| (0, 0, line.split(',').nth(2).unwrap().parse().unwrap());
    let held_out: Rows = text.lines().skip(1).map(rating).collect();
    assert!(held_out.len() > 50, "{text}");
    let found = record(&here.join("m"))["report"]["held_out_mean_rmse"].as_f64().unwrap();
    let expected = error_of(mean(&rows), &held_out);
    assert!((found - expected).abs() < 1e-5, "{found}, expected {expected}");
}

/// Pairs that are trained on and measured by: a warning with their number, or they are left out, or an error.
#[test]
fn pairs_that_are_trained_on_and_measured_by() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    let rows = planted(train);
    let mut test: Rows = rows.iter().copied().step_by(9).collect();
    let shared = test.len();
    test.extend(planted(other).into_iter().take(20));
    let of = test.len();
    write(&here.join("all.csv"), &rows);
    write(&here.join("test.csv"), &test);
    let pairs = |rows: &Rows| rows.iter().map(|row| (row.0, row.1)).collect::<BTreeSet<_>>();
    let measured = pairs(&test);
    let rest: Rows = rows.iter().copied().filter(|row| !measured.contains(&(row.0, row.1))).collect();
    write(&here.join("rest.csv"), &rest);
    let flags = "--objective ratings --algorithm als -k 4 --epochs 8 --regularization 0.02 --device cpu";
    for setting in ["test", "valid"] {
        let train = |more: &str, file: &str, out: &str, code| {
            let line = format!("train {file} --{setting} test.csv {flags} --out {setting}-{out}{more}");
            run(here, &words(&line), code).1
        };
        let what =
            format!("{shared} of the {of} ratings of --{setting} are of pairs in the training ratings");
        let said = train("", "all.csv", "keep", 0);
        let warning = format!("warning: {what}: errors on them are too low; --test-overlap drop leaves");
        assert!(said.lines().any(|line| line.starts_with(&warning)), "{warning}: {said}");
        let log = fs::read_to_string(here.join(format!("{setting}-keep/log.txt"))).unwrap();
        assert!(log.contains(&warning), "{log}");
        let page = fs::read_to_string(here.join(format!("{setting}-keep/report.html"))).unwrap();
        assert!(page.contains(&what), "the page warns");
        let kept = record(&here.join(format!("{setting}-keep")));
        assert_eq!(kept["shared"][0]["ratings"], shared);
        assert_eq!(kept["shared"][0]["dropped"], false);

        let said = train(" --test-overlap drop", "all.csv", "drop", 0);
        assert!(said.contains(&format!("note: {what}; these pairs are left out of training")), "{said}");
        let settings = fs::read_to_string(here.join(format!("{setting}-drop/config.toml"))).unwrap();
        assert!(settings.contains("test_overlap = \"drop\""), "{settings}");
        let said = train("", "rest.csv", "rest", 0);
        assert!(!said.contains("of pairs in the training ratings"), "{said}");
        let dropped = record(&here.join(format!("{setting}-drop")));
        let honest = record(&here.join(format!("{setting}-rest")));
        let error = |record: &Value| {
            let of = if setting == "test" {
                &record["report"]["test"]["rmse"]
            } else {
                &record["report"]["held_out_rmse"]
            };
            of.as_f64().unwrap()
        };
        let trained_on = |record: &Value| record["report"]["mean"].as_f64().unwrap();
        assert!((trained_on(&kept) - mean(&rows)).abs() < 1e-9);
        assert!((trained_on(&dropped) - mean(&rest)).abs() < 1e-9);
        assert!((trained_on(&honest) - mean(&rest)).abs() < 1e-9);
        let (kept, dropped) = (error(&kept), error(&dropped));
        assert!(kept < 0.9 * dropped, "{kept} {dropped}");

        let said = train(" --test-overlap error", "all.csv", "error", 3);
        let found = format!(
            "test.csv: {shared} of its {of} ratings are of pairs that are trained on, the first of user `u0`"
        );
        assert!(said.contains(&found) && said.contains("--test-overlap drop"), "{said}");
        assert!(!here.join(format!("{setting}-error/model.safetensors")).exists());
    }
    // A test that decides when to stop is no honest test.
    let line = format!("train rest.csv --test test.csv --valid test.csv {flags} --out both");
    let said = run(here, &words(&line), 0).1;
    let note = format!(
        "note: {of} of the {of} ratings of --valid are of pairs in the test, which so helps to decide"
    );
    assert!(said.contains(&note), "{said}");
    assert!(fs::read_to_string(here.join("both/report.html")).unwrap().contains("of pairs in the test"));
    // Nothing is said where nothing is shared, and a file without the setting stays as it was.
    let said = run(here, &words(&format!("train rest.csv --test test.csv {flags} --out quiet")), 0).1;
    assert!(!said.contains("warning: "), "{said}");
    assert!(!fs::read_to_string(here.join("quiet/config.toml")).unwrap().contains("test_overlap"));
    let line = format!("train test.csv --test test.csv {flags} --test-overlap drop --out none");
    assert!(run(here, &words(&line), 3).1.contains("leaves nothing to train on"));
    run(here, &words(&format!("train rest.csv --test test.csv {flags} --test-overlap some --out none")), 2);
}

/// The sizes of a model of a chain are those of all the draws that it keeps.
#[test]
fn sizes_count_all_draws() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    write(&here.join("train.csv"), &planted(train));
    let line = "train train.csv --algorithm bayes --epochs 12 --burn-in 2 -k 6 --list-factors 8 --device cpu --keep-draws";
    for (keep, draws) in [("5", 5), ("64", 12)] {
        let out = format!("d{keep}");
        let (_, said) = run(here, &[&words(line)[..], &[keep, "--out", &out]].concat(), 0);
        let sizes = &record(&here.join(&out))["sizes"];
        let bytes = draws * 4 * 70 * 7;
        assert_eq!((&sizes["factor_bytes"], &sizes["draws"]), (&bytes.into(), &draws.into()));
        assert_eq!(sizes["list_factor_bytes"], 4 * 70 * 9);
        let kib = f64::from(bytes) / 1024.0;
        let told = format!("the factors take {kib:.1} KiB ({draws} draws), those for lists 2.5 KiB");
        assert!(said.contains(&told), "{told}: {said}");
        let (described, _) = run(here, &["describe", &out], 0);
        assert!(described.contains(&format!("{kib:.1} KiB")), "{described}");
        let page = fs::read_to_string(here.join(&out).join("report.html")).unwrap();
        assert!(page.contains(&format!("{draws} draws of 6 for ratings, 8 for lists")), "the tile");
        let (_, planned) = run(here, &[&words(line)[..], &[keep, "--dry-run"]].concat(), 0);
        assert!(planned.contains(&told), "{planned}");
    }
}

/// Training may begin from a model whose ratings had another scale, and one that says nothing of the ratings
/// is refused with the reason.
#[test]
fn a_model_of_another_scale_begins() {
    let own = tempfile::tempdir().unwrap();
    let here = own.path();
    let rows = planted(train);
    write(&here.join("train.csv"), &rows);
    let flags = "--objective ratings --device cpu";
    for algorithm in ["sgd", "als", "bayes"] {
        let line =
            format!("train train.csv {flags} --algorithm {algorithm} -k 6 --epochs 15 --out {algorithm}");
        run(here, &words(&line), 0);
    }
    let fresh = planted(other);
    let scales: BTreeMap<&str, fn(f64) -> f64> = BTreeMap::from([
        ("same", (|r| r) as fn(f64) -> f64),
        ("x20", |r| 20.0 * r),
        ("x2", |r| 2.0 * r),
        ("x0.2", |r| 0.2 * r),
        ("x1000", |r| 1000.0 * r),
        ("+10", |r| r + 10.0),
        ("-10", |r| r - 10.0),
        ("to -1..1", |r| (r - 3.0) / 2.0),
    ]);
    for (name, scale) in scales {
        let scaled: Rows = rows.iter().map(|&(user, item, rating)| (user, item, scale(rating))).collect();
        let test: Rows = fresh.iter().map(|&(user, item, rating)| (user, item, scale(rating))).collect();
        write(&here.join("scaled.csv"), &scaled);
        write(&here.join("test.csv"), &test);
        for algorithm in ["sgd", "als", "bayes"] {
            let line = format!(
                "train scaled.csv --test test.csv {flags} --init-from {algorithm} --epochs 8 --force --out m"
            );
            let (_, said) = run(here, &words(&line), 0);
            let brought = said.contains("its predictions are brought to the new scale");
            assert_eq!(brought, name != "same", "{name} {algorithm}: {said}");
            let test = &record(&here.join("m"))["report"]["test"];
            let [rmse, mean] = ["rmse", "mean_rmse"].map(|of| test[of].as_f64().unwrap());
            assert!(rmse < 0.9 * mean, "{name} {algorithm}: {rmse}, the mean {mean}");
            assert_eq!(record(&here.join("m"))["init_from"]["rescaled"].is_object(), brought);
        }
    }
    let turned: Rows = rows.iter().map(|&(user, item, rating)| (user, item, 106.0 - rating)).collect();
    write(&here.join("turned.csv"), &turned);
    let (_, said) = run(here, &words(&format!("train turned.csv {flags} --init-from als --out turned")), 3);
    let expected =
        ["the ratings, 101 to 105 with mean ", "was trained on 1 to 5 with mean ", "train without it"];
    assert!(expected.iter().all(|part| said.contains(part)), "{said}");
}
