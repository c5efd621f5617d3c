//! Titles: remembered by models, and searched.

use crate::program::{run, words};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A directory with a run `m` that was given titles, and a run `bare` that was not. Made once; read only.
fn shared() -> &'static Path {
    static SHARED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = SHARED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        let rating = |n: u32| format!("u{},{},{}", n % 23, 100 + n * n % 31, n % 5 + 1);
        let text = (0..600).map(rating).collect::<Vec<_>>().join("\n");
        fs::write(path.join("r.csv"), format!("user,item,rating\n{text}\n")).unwrap();
        let titles = "item,title\n100,\"Toy Story (1995)\"\n101,\"Toy Story 2 (1999)\"\n102,Heat (1995)\n104,\"Söng, The\"\n";
        fs::write(path.join("titles.csv"), titles).unwrap();
        let train = "train r.csv -k 4 --list-factors 3 --epochs 2 --regularization 0.1 --device cpu -q";
        run(&path, &words(&format!("{train} --item-names titles.csv -o m")), 0);
        run(&path, &words(&format!("{train} -o bare")), 0);
        run(&path, &words(&format!("{train} --init-from m --objective ratings -o next")), 0);
        // What a model knows it needs no file for.
        fs::rename(path.join("titles.csv"), path.join("moved.csv")).unwrap();
        (directory, path)
    });
    path
}

#[test]
fn a_model_remembers_titles() {
    let here = shared();
    for model in ["m", "m/model.safetensors", "m/lists.safetensors", "next"] {
        let (listed, _) =
            run(here, &["recommend", model, "--users", "u1", "--include-seen", "--top", "99"], 0);
        let (head, rows) = listed.split_once('\n').unwrap();
        assert!(head.ends_with(",title") && rows.contains(",Toy Story (1995)\n"), "{model}: {listed}");
        let (similar, _) = run(here, &["similar", model, "102", "--top", "99"], 0);
        assert!(similar.starts_with("id,rank,other,similarity,title\n"), "{similar}");
        assert!(similar.contains(",\"Söng, The\"\n") && !similar.contains("Heat"), "{similar}");
        let (described, _) = run(here, &["describe", model, "--axes", "3"], 0);
        assert!(described.contains("Toy Story"), "{model}: {described}");
    }
    let (plain, _) = run(here, &words("recommend m --users u1 --no-titles --top 3"), 0);
    assert!(plain.starts_with("user,rank,item,score,rating\n"), "{plain}");
    let (because, _) = run(here, &words("recommend m --users u1 --include-seen --top 3 --explain 30"), 0);
    assert!(because.starts_with("user,rank,item,score,rating,title,because\n") && because.contains("Story"));
    // Another file takes their place.
    let own = tempfile::tempdir().unwrap();
    let other = own.path().join("other.csv");
    fs::write(&other, "item,title\n100,Another\n").unwrap();
    let other = other.to_str().unwrap();
    let (similar, _) = run(here, &["similar", "m", "102", "--top", "99", "--item-names", other], 0);
    assert!(similar.contains(",Another\n") && !similar.contains("Toy"), "{similar}");
    let (bare, _) = run(here, &words("similar bare 102 --top 3"), 0);
    assert!(bare.starts_with("id,rank,other,similarity\n"), "{bare}");
}

#[test]
fn a_title_stands_for_its_item() {
    let here = shared();
    let (by_id, _) = run(here, &words("similar m 100 --top 3"), 0);
    for title in ["Toy Story (1995)", "toy story (1995)", "STORY (19"] {
        assert_eq!(run(here, &["similar", "m", "--top", "3", "--title", title], 0).0, by_id, "{title}");
    }
    let (_, stderr) = run(here, &["similar", "m", "--title", "toy story"], 2);
    assert!(stderr.starts_with("error: --title toy story: 2 items have such a title: "), "{stderr}");
    assert!(
        stderr.contains("100 (Toy Story (1995))") && stderr.contains("101 (Toy Story 2 (1999))"),
        "{stderr}"
    );
    let (_, stderr) = run(here, &["similar", "m", "--title", "no such"], 2);
    assert!(stderr.contains("no item has such a title"), "{stderr}");
    let (_, stderr) = run(here, &["similar", "bare", "--title", "toy"], 2);
    assert!(stderr.contains("the model has no titles"), "{stderr}");
    run(here, &["similar", "m", "--users", "--title", "toy"], 2);
}

#[test]
fn items_are_found_by_words() {
    let here = shared();
    let (table, stderr) = run(here, &words("find m toy STORY"), 0);
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines.len() == 3 && lines[0].starts_with("id   title") && lines[0].ends_with("ratings"),
        "{table}"
    );
    assert!(table.contains("101  Toy Story 2 (1999)  ") && stderr.is_empty(), "{table}{stderr}");
    let (json, _) = run(here, &words("find m 102 --json"), 0);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let ratings = fs::read_to_string(here.join("r.csv")).unwrap();
    let mut pairs: Vec<&str> = ratings.lines().filter(|line| line.contains(",102,")).collect();
    pairs.sort_unstable();
    pairs.dedup_by_key(|line| line.split(',').next().unwrap());
    assert_eq!(json, serde_json::json!([{ "id": "102", "title": "Heat (1995)", "ratings": pairs.len() }]));
    let (some, stderr) = run(here, &words("find bare 1 --top 2 --output-format csv"), 0);
    assert!(some.starts_with("id,title,ratings\n") && some.lines().count() == 3, "{some}");
    assert!(stderr.starts_with("note: ") && stderr.ends_with(" more; --top 0 prints all\n"), "{stderr}");
    let (none, stderr) = run(here, &words("find m nothing here"), 0);
    assert_eq!((none.as_str(), stderr.as_str()), ("", "note: no item has nothing here in its id or title\n"));
}

#[test]
fn one_pair_is_predicted_without_a_file() {
    let here = shared();
    let (one, stderr) = run(here, &words("predict m u1 100"), 0);
    assert!((1.0..=5.0).contains(&one.trim().parse::<f32>().unwrap()) && stderr.is_empty(), "{one}{stderr}");
    let (table, _) = run(here, &words("predict m u1 100 --output-format csv"), 0);
    assert_eq!(table, format!("user,item,prediction\nu1,100,{one}"));
    let (_, stderr) = run(here, &words("predict m U1 u2"), 0);
    let expected = "note: the model does not know the user `U1`; did you mean `u1`?\n\
                    note: the model does not know the item `u2`; it is a user\n";
    assert_eq!(stderr, expected);
    let (_, stderr) = run(here, &words("predict m u1"), 3);
    assert!(
        stderr.contains("u1: there is no such file") && stderr.contains("mfgpu predict MODEL USER ITEM"),
        "{stderr}"
    );
}
