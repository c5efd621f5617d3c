//! `--csv-safe`: no text of a table is a formula to a spreadsheet, and all other bytes stay as they are.

use crate::program::{mfgpu, run, words};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Formulas, and texts that only look dangerous.
const IDS: [&str; 10] =
    ["=1+1", "+1", "-2", "@SUM(A1)", "\tx", "＝1", "a=1", "it's", "plain, with a comma", "=\"a\",b"];

/// An item whose title is empty.
const UNTITLED: &str = "a=1";

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A directory with ratings, titles, and a run `m`; read only.
fn shared() -> &'static Path {
    static SHARED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = SHARED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        let mut ratings = "user,item,rating\n".to_owned();
        for (user, id) in IDS.iter().enumerate() {
            for (item, other) in IDS.iter().enumerate().filter(|(item, _)| (user + item) % 4 > 1) {
                let rating = (1 + (user * item) % 5).to_string();
                ratings += &[quoted(id), quoted(other), rating].join(",");
                ratings.push('\n');
            }
        }
        let titled = IDS.iter().filter(|id| **id != UNTITLED);
        let titles: Vec<String> =
            titled.map(|id| format!("{},{}", quoted(id), quoted(&format!("={id}")))).collect();
        fs::write(path.join("ratings.csv"), ratings).unwrap();
        fs::write(path.join("titles.csv"), format!("item,title\n{}\n", titles.join("\n"))).unwrap();
        let train = "train ratings.csv --item-names titles.csv --device cpu --epochs 2 -k 2 --test 0.2 -q";
        run(&path, &[&words(train)[..], &["--out", "m"]].concat(), 0);
        run(&path, &[&words(train)[..], &["--out", "safe", "--csv-safe"]].concat(), 0);
        (directory, path)
    });
    path
}

/// The cells of a table.
fn cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Checks a table that was written without and with the flag.
fn check(plain: &str, safe: &str, what: &str) {
    let is_formula = |cell: &str| {
        cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']) && cell.parse::<f64>().is_err()
            || ["+1", "-2"].contains(&cell)
    };
    let (before, after) = (cells(plain), cells(safe));
    assert!(before.len() > 2 && before.iter().flatten().any(|cell| is_formula(cell)), "{what}: {plain}");
    assert_eq!(before.len(), after.len(), "{what}");
    for (before, after) in before.iter().flatten().zip(after.iter().flatten()) {
        let expected = if is_formula(before) { format!("'{before}") } else { before.clone() };
        assert_eq!(after, &expected, "{what}");
    }
    // Without the apostrophes and the quotes around them the bytes are the same.
    let bare = |text: &str| text.replace(['"', '\''], "");
    assert_eq!(bare(plain), bare(safe), "{what}");
    assert!(!safe.contains(",'=") && safe.contains("\"'"), "in quotes: {what}: {safe}");
    assert!(!safe.contains(",\"\"\n"), "nothing is not in quotes: {what}: {safe}");
}

#[test]
fn formulas_are_texts_in_every_table() {
    let here = shared();
    for line in [
        "recommend m --item-names titles.csv --include-seen",
        "recommend m --explain 2 --include-seen --min-ratings 0",
        "recommend m --for-items =1+1 --include-seen",
        "similar m =1+1 --item-names titles.csv",
        "predict m ratings.csv",
        "complete m",
        "complete m --layout wide",
    ] {
        let plain = run(here, &words(line), 0).0;
        let safe = run(here, &words(&format!("{line} --csv-safe")), 0).0;
        check(&plain, &safe, line);
    }
    let own = tempfile::tempdir().unwrap();
    let model = here.join("m");
    for (format, files) in [("csv", ["users.csv", "items.csv"]), ("npy", ["users.csv", "items.csv"])] {
        for flag in [&[][..], &["--csv-safe"]] {
            let out = format!("{format}{}", flag.concat());
            let arguments = ["export", model.to_str().unwrap(), "-o", &out, "--output-format", format];
            run(own.path(), &[&arguments, flag].concat(), 0);
        }
        for file in files {
            let read = |folder: &str| fs::read_to_string(own.path().join(folder).join(file)).unwrap();
            check(&read(format), &read(&format!("{format}--csv-safe")), file);
        }
    }
}

#[test]
fn a_run_writes_safe_lists_and_its_test_as_it_was() {
    let here = shared();
    let read = |run: &str, name: &str| fs::read_to_string(here.join(run).join(name)).unwrap();
    check(&read("m", "top.csv"), &read("safe", "top.csv"), "top.csv");
    for name in ["test.csv", "metrics.jsonl"] {
        let without_times = |text: String| text.split("\"seconds\"").next().map(str::to_owned);
        assert_eq!(without_times(read("m", name)), without_times(read("safe", name)), "{name}");
    }
    let model = |run: &str| fs::read(here.join(run).join("model.safetensors")).unwrap();
    assert_eq!(model("m"), model("safe"));
    assert!(read("safe", "config.toml").contains("csv_safe = true\n"));
    let plan = ["train", "--config", "safe/config.toml", "--dry-run", "--csv-safe=off"];
    run(here, &plan, 0);
    mfgpu(here).env("MFGPU_CSV_SAFE", "maybe").args(plan[..4].iter()).assert().code(2);
}

#[test]
fn other_formats_have_no_such_flag() {
    let here = shared();
    for line in [
        "recommend m --output-format jsonl",
        "recommend m -o x.jsonl",
        "similar m =1+1 --output-format parquet",
        "predict m ratings.csv -o x.parquet",
        "complete m --to x.npy",
        "complete m --to x.jsonl",
        "export m -o x --output-format jsonl",
        "export m -o x.safetensors",
    ] {
        let (_, said) = run(here, &words(&format!("{line} --csv-safe")), 2);
        assert!(said.contains("--csv-safe is for csv"), "{line}: {said}");
    }
}
