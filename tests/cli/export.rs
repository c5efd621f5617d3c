//! `mfgpu export --for-search` from outside: its inner products order items as `mfgpu recommend` does.

use crate::program::{run, words};
use crate::strangers::{generate, table, train};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A directory with a run of two models, `both`, and runs of `als`, with implicit features, and of `bayes`,
/// with several draws. Made once.
fn shared() -> &'static Path {
    static SHARED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = SHARED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        generate(&path);
        let line = "train known.csv -k 4 --list-factors 6 --epochs 8 --regularization 0.05 --device cpu -q";
        run(&path, &words(&format!("{line} --top 0 --out both")), 0);
        ["als", "bayes"].iter().for_each(|algorithm| train(&path, algorithm));
        (directory, path)
    });
    path
}

/// A number of a text, as the `f32` that it was.
fn number(text: &str) -> f64 {
    text.parse::<f32>().unwrap().into()
}

/// The ids of a table without its header, each with the numbers behind it.
fn rows(path: &Path) -> Vec<(String, Vec<f64>)> {
    let all = table(&fs::read_to_string(path).unwrap());
    let row = |row: &Vec<String>| (row[0].clone(), row[1..].iter().map(|n| number(n)).collect());
    all[1..].iter().map(row).collect()
}

/// The numbers of an array of `float32`, and its last dimension.
fn array(path: &Path) -> (Vec<f64>, usize) {
    let bytes = fs::read(path).unwrap();
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8_lossy(&bytes[10..10 + length]).into_owned();
    let shape = header.split_once('(').unwrap().1.split_once(')').unwrap().0.to_owned();
    let last = shape.split(',').rfind(|size| !size.trim().is_empty()).unwrap();
    let (numbers, _) = bytes[10 + length..].as_chunks::<4>();
    (numbers.iter().map(|n| f32::from_le_bytes(*n).into()).collect(), last.trim().parse().unwrap())
}

/// Users with their constants and vectors, and items with theirs.
type Vectors = (Vec<(String, f64, Vec<f64>)>, Vec<(String, Vec<f64>)>);

fn of_csv(directory: &Path) -> Vectors {
    let users = rows(&directory.join("users.csv"));
    let users = users.into_iter().map(|(id, numbers)| (id, numbers[0], numbers[1..].to_vec())).collect();
    (users, rows(&directory.join("items.csv")))
}

fn of_npy(directory: &Path) -> Vectors {
    let side = |one: &str| {
        let ids = rows(&directory.join(format!("{one}s.csv")));
        let (numbers, width) = array(&directory.join(format!("{one}_vectors.npy")));
        assert_eq!(numbers.len(), width * ids.len());
        ids.into_iter().map(|(id, _)| id).zip(numbers.chunks(width).map(<[f64]>::to_vec)).collect::<Vec<_>>()
    };
    let (constants, _) = array(&directory.join("user_constant.npy"));
    let users = side("user").into_iter().zip(constants);
    (users.map(|((id, vector), constant)| (id, constant, vector)).collect(), side("item"))
}

/// The rows between `COPY` and `\.`.
fn of_sql(directory: &Path) -> Vectors {
    let text = fs::read_to_string(directory.join("vectors.sql")).unwrap();
    let part = |table: &str| {
        let (_, rest) = text.split_once(&format!("COPY mfgpu.{table}_next FROM stdin;\n")).unwrap();
        let lines = rest.split_once("\\.\n").unwrap().0.lines();
        lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect::<Vec<Vec<String>>>()
    };
    let vector = |text: &str| -> Vec<f64> {
        let inner = text.strip_prefix('[').unwrap().strip_suffix(']').unwrap();
        inner.split(',').map(number).collect()
    };
    let users = part("users").into_iter().map(|row| (row[0].clone(), number(&row[1]), vector(&row[2])));
    (users.collect(), part("items").into_iter().map(|row| (row[0].clone(), vector(&row[1]))).collect())
}

/// Checks vectors against the lists of `recommend`: the same items, but for ties of rounding, and scores that
/// differ by less than rounding.
fn check(recommend: &str, (users, items): &Vectors, clipped: bool) {
    let lists = table(&run(shared(), &words(recommend), 0).0);
    let mut by_user: HashMap<&str, Vec<(&str, f64)>> = HashMap::new();
    for row in &lists[1..] {
        by_user.entry(&row[0]).or_default().push((&row[2], row[3].parse().unwrap()));
    }
    assert_eq!(by_user.len(), users.len());
    let mut equal = 0;
    for (user, constant, own) in users {
        let list = &by_user[user.as_str()];
        let score = |item: &[f64]| constant + own.iter().zip(item).map(|(a, b)| a * b).sum::<f64>();
        let mut found: Vec<(&str, f64)> = items.iter().map(|(id, v)| (id.as_str(), score(v))).collect();
        assert_eq!(found.len(), list.len(), "every item that may be listed");
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        for ((item, score), (expected, listed)) in found.iter().zip(list) {
            equal += usize::from(item == expected);
            let score = if clipped { score.clamp(lowest(), highest()) } else { *score };
            assert!((score - listed).abs() < 1e-4, "{user} {item} {score} {expected} {listed}");
        }
    }
    let all = users.len() * items.len();
    assert!(equal * 1000 >= all * 999, "{equal} of {all} places have the same item");
}

/// The range of the ratings.
fn lowest() -> f64 {
    ratings().fold(f64::INFINITY, f64::min)
}

fn highest() -> f64 {
    ratings().fold(f64::NEG_INFINITY, f64::max)
}

fn ratings() -> impl Iterator<Item = f64> {
    static RATINGS: OnceLock<Vec<f64>> = OnceLock::new();
    let all = || {
        let rows = table(&fs::read_to_string(shared().join("known.csv")).unwrap());
        rows[1..].iter().map(|row| row[2].parse().unwrap()).collect()
    };
    RATINGS.get_or_init(all).iter().copied()
}

#[test]
fn inner_products_make_the_lists_of_recommend() {
    for (model, clipped, width) in [("both", false, 6), ("both --by ratings", true, 5), ("als", true, 5)] {
        let name = format!("of-{}", model.replace(' ', "-"));
        let export = format!("export {model} --for-search");
        run(shared(), &words(&format!("{export} -o {name}")), 0);
        run(shared(), &words(&format!("{export} -o {name} --output-format npy")), 0);
        run(shared(), &words(&format!("{export} -o {name}-sql --output-format sql")), 0);
        let here = shared().join(&name);
        let npy = of_npy(&here);
        assert_eq!(npy.1[0].1.len(), width, "{model}");
        let recommend = format!("recommend {model} --include-seen --top 1000 --device cpu");
        check(&recommend, &npy, clipped);
        assert!(npy == of_sql(&shared().join(format!("{name}-sql"))), "{model}");
        // The ids beside the arrays took the place of the tables.
        run(shared(), &words(&format!("{export} -o {name}")), 0);
        assert!(npy == of_csv(&here), "{model}");
        let about: serde_json::Value =
            serde_json::from_slice(&fs::read(here.join("model.json")).unwrap()).unwrap();
        assert_eq!(about["numbers"], width);
        assert_eq!(about["items"], npy.1.len());
        assert_eq!(about["average_user"]["vector"].as_array().unwrap().len(), width);
    }
}

#[test]
fn all_draws_are_in_one_vector() {
    let (_, said) = run(shared(), &words("export bayes --for-search -o draws"), 0);
    assert!(said.contains("note: a vector has 60 numbers, those of 12 draws; --draw N takes 5"), "{said}");
    let recommend = "recommend bayes --include-seen --top 1000 --device cpu";
    check(recommend, &of_csv(&shared().join("draws")), true);
    let (_, said) = run(shared(), &words("export bayes --for-search --draw 12 -o draw"), 0);
    assert!(!said.contains("draw"), "{said}");
    assert_eq!(of_csv(&shared().join("draw")).1[0].1.len(), 5);
    run(shared(), &words("export bayes --for-search --draw 13 -o none"), 2);
}

#[test]
fn the_items_are_those_that_may_be_listed() {
    let items = |flags: &str| {
        let line = format!("export als --for-search -o some --output-format jsonl{flags}");
        let (_, said) = run(shared(), &words(&line), 0);
        (fs::read_to_string(shared().join("some/items.jsonl")).unwrap().lines().count(), said)
    };
    let (all, said) = items(" --min-ratings 0");
    assert_eq!((all, said.as_str()), (80, ""));
    let (some, said) = items(" --min-ratings 30");
    assert!(0 < some && some < all, "{some}");
    assert!(
        said.contains(&format!("not listed: {} items that fewer than 30 users rated", all - some)),
        "{said}"
    );
}

#[test]
fn what_does_not_fit_together_is_refused() {
    for (line, part) in [
        ("export als -o x --output-format sql", "--output-format sql is for vectors; add --for-search"),
        ("export als -o x.safetensors --for-search", "say --output-format csv, jsonl, parquet, npy or sql"),
        ("export als -o x.sql --for-search", "expected a directory; say --output-format sql"),
        ("export als -o - --for-search", "-o names a directory"),
        ("export als -o x --min-ratings 3", "--for-search"),
        ("export als -o x --for-search --by lists", "has no model of lists"),
        ("export als -o x --for-search --output-format sql --csv-safe", "--csv-safe is for csv"),
    ] {
        let (_, said) = run(shared(), &words(line), 2);
        assert!(said.contains(part), "{line}: {said}");
        assert!(!shared().join("x").exists(), "{line}");
    }
}
