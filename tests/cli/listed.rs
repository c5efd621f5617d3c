//! Which items lists hold, by how many users rated them, and why: run from outside.

use crate::program::{run, words};
use crate::strangers::{self, table};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A directory with ratings and titles, where one user rated the item `rare`, and nobody else. Models: `als`;
/// `lists`, of lists; `bare`, which keeps no ratings. Made once.
fn shared() -> &'static Path {
    static SHARED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = SHARED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        strangers::generate(&path);
        let known = fs::read_to_string(path.join("known.csv")).unwrap();
        fs::write(path.join("known.csv"), known + "u001,rare,5\n").unwrap();
        let of_ratings =
            "train known.csv --objective ratings --algorithm als -k 3 --epochs 4 --regularization 1";
        let of_lists = "train known.csv --algorithm ials -k 4 --epochs 6 --regularization 0.005";
        let rest = "--device cpu -q --top 0 --out";
        run(&path, &words(&format!("{of_ratings} {rest} als")), 0);
        run(&path, &words(&format!("{of_ratings} --keep-ratings off {rest} bare")), 0);
        run(&path, &words(&format!("{of_lists} --unobserved-weight 0.1 {rest} lists")), 0);
        (directory, path)
    });
    path
}

/// The listed items, and what was said on stderr.
fn items(line: &str) -> (HashSet<String>, String) {
    let (text, stderr) = run(shared(), &words(line), 0);
    (table(&text).into_iter().skip(1).map(|mut row| row.swap_remove(2)).collect(), stderr)
}

#[test]
fn an_item_that_one_user_rated_is_left_out() {
    for line in ["recommend als --users u002 --include-seen --top 90", "similar als i01 --top 90"] {
        let of = |more: &str| items(&format!("{line}{more}"));
        let (usual, stderr) = of("");
        assert!(!usual.contains("rare") && usual.len() > 20, "{usual:?}");
        assert!(stderr.contains("note: not listed: 1 item that fewer than "), "{stderr}");
        assert!(stderr.ends_with(" users rated; --min-ratings 0 lists them\n"), "{stderr}");
        for few in ["0", "1"] {
            let (all, stderr) = of(&format!(" --min-ratings {few}"));
            assert!(all.contains("rare") && all.len() == usual.len() + 1 && stderr.is_empty(), "{stderr}");
        }
        let (some, stderr) = of(" --min-ratings 2");
        assert_eq!(some, usual);
        assert_eq!(stderr, "note: not listed: 1 item that fewer than 2 users rated\n");
        assert!(of(" --min-ratings 1000").0.is_empty());
    }
    // Items that are named are no accident.
    let (named, stderr) = items("recommend als --users u002 --items-from rare i01 --include-seen");
    assert!(named.contains("rare") && named.len() == 2 && stderr.is_empty(), "{named:?} {stderr}");
    let (blocked, _) = items("recommend als --users u002 --top 90 --include-seen --block i01");
    assert!(!blocked.contains("i01") && !blocked.contains("rare"), "{blocked:?}");
    assert_eq!(items("similar als rare --top 3").0.len(), 3);
    // One rating is enough for a model of lists.
    let (lists, stderr) = items("recommend lists --users u002 --include-seen --top 90");
    assert!(lists.contains("rare") && stderr.is_empty(), "{stderr}");
}

#[test]
fn what_cannot_be_counted_is_not_left_out() {
    let (all, stderr) = items("recommend bare --users u002 --include-seen --top 90");
    assert!(all.contains("rare") && !stderr.contains("not listed"), "{stderr}");
    assert!(items("similar bare i01 --top 90 --min-ratings 0").0.contains("rare"));
    for (line, part) in [
        ("recommend bare --users u002 --min-ratings 2", "--min-ratings 2: the model kept no ratings"),
        ("similar bare i01 --min-ratings 2", "--min-ratings 2: the model kept no ratings"),
        ("recommend als --for-items i01 --min-ratings 2", "cannot be used with"),
        ("similar als u001 --users --min-ratings 2", "cannot be used with"),
    ] {
        let (stdout, stderr) = run(shared(), &words(line), 2);
        assert!(stdout.is_empty() && stderr.contains(part), "{line}: {stderr}");
    }
}

#[test]
fn lists_say_what_they_are_made_of() {
    let here = shared();
    let line = "recommend lists --users u002 u004 nobody --top 5 --explain 3";
    let (text, stderr) = run(here, &words(line), 0);
    assert!(stderr.contains("does not know 1 user; they get what suits nobody in particular"), "{stderr}");
    let rows = table(&text);
    assert_eq!((rows[0].join(","), rows.len()), ("user,rank,item,score,because".into(), 16));
    let known = table(&fs::read_to_string(here.join("known.csv")).unwrap());
    let rated: HashSet<[&String; 2]> = known.iter().map(|row| [&row[0], &row[1]]).collect();
    for row in &rows[1..] {
        let because: Vec<String> =
            row[4].split("; ").filter(|id| !id.is_empty()).map(str::to_owned).collect();
        assert!(
            if row[0] == "nobody" { because.is_empty() } else { (1..=3).contains(&because.len()) },
            "{row:?}"
        );
        assert!(because.iter().all(|id| rated.contains(&[&row[0], id])), "{row:?}");
        assert_eq!(because.iter().collect::<HashSet<_>>().len(), because.len(), "{row:?}");
    }
    let (plain, _) = run(here, &words("recommend lists --users u002 u004 nobody --top 5"), 0);
    let first = table(&plain);
    assert!(rows.iter().map(|row| &row[..4]).eq(first.iter().map(Vec::as_slice)), "the lists stay the same");

    let (titled, _) = run(here, &words(&format!("{line} --item-names titles.csv")), 0);
    let titled = table(&titled);
    assert_eq!(titled[0].join(","), "user,rank,item,score,title,because");
    let names = table(&fs::read_to_string(here.join("titles.csv")).unwrap());
    let names: HashMap<&str, &str> = names.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    for (row, titled) in rows.iter().zip(&titled).skip(1) {
        let named = |id| names.get(id).copied().unwrap_or(id);
        let because: Vec<&str> = row[4].split("; ").map(named).collect();
        assert_eq!(titled[5], because.join("; "));
    }
    let (json, _) = run(here, &words(&format!("{line} --new new.csv --device cpu -o why.jsonl")), 0);
    assert!(json.is_empty());
    let lines = fs::read_to_string(here.join("why.jsonl")).unwrap();
    assert!(lines.lines().count() == 15 && lines.contains("\"because\":\"i"), "{lines}");
}

#[test]
fn only_lists_with_ratings_are_explained() {
    let here = shared();
    for (line, part) in [
        ("recommend als --explain 3", "--explain needs a model of lists"),
        ("recommend lists --explain 0", "--explain"),
        ("recommend lists --for-items i01 --explain 3", "cannot be used with"),
    ] {
        let (stdout, stderr) = run(here, &words(line), 2);
        assert!(stdout.is_empty() && stderr.contains(part), "{line}: {stderr}");
    }
}
