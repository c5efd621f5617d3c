//! Commands on models, run from outside: fold-in, similarity, and the uncertainty of predictions.

use crate::program::{mfgpu, run, words};
use crate::strangers::{self, NEW, table};
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A directory with ratings, made once; read only.
fn ratings() -> &'static Path {
    static SHARED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = SHARED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        strangers::generate(&path);
        (directory, path)
    });
    path
}

/// The same directory, with a model of this algorithm under its name.
fn with_model(algorithm: &str) -> &'static Path {
    static TRAINED: [OnceLock<()>; 3] = [const { OnceLock::new() }; 3];
    let number = ["sgd", "als", "bayes"].iter().position(|name| *name == algorithm).unwrap();
    TRAINED[number].get_or_init(|| strangers::train(ratings(), algorithm));
    ratings()
}

fn read(path: &Path, name: &str) -> Vec<Vec<String>> {
    table(&fs::read_to_string(path.join(name)).unwrap())
}

/// Columns of a table, without its header.
fn cells(rows: &[Vec<String>], columns: [usize; 2]) -> HashSet<[String; 2]> {
    rows[1..].iter().map(|row| columns.map(|column| row[column].clone())).collect()
}

/// The root mean square error of a table whose third column predicts that of another table.
fn rmse(found: &[Vec<String>], expected: &[Vec<String>]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let number = |text: &str| text.parse::<f64>().unwrap();
    let squares = found[1..].iter().zip(&expected[1..]).map(|(a, b)| {
        assert_eq!(a[..2], b[..2]);
        (number(&a[2]) - number(&b[2])).powi(2)
    });
    (squares.sum::<f64>() / (found.len() - 1) as f64).sqrt()
}

#[test]
fn new_users_get_lists_and_predictions_of_their_own() {
    for algorithm in ["sgd", "als", "bayes"] {
        let here = with_model(algorithm);
        let before = fs::read(here.join(algorithm).join("model.safetensors")).unwrap();
        let (text, stderr) =
            run(here, &words(&format!("recommend {algorithm} --new new.csv --device cpu")), 0);
        assert!(stderr.contains("device: cpu"), "{stderr}");
        assert!(stderr.contains("new: 20 users and 0 items"), "{stderr}");
        assert!(!stderr.contains("note:"), "{stderr}");
        let (lists, new) = (table(&text), read(here, "new.csv"));
        let listed: BTreeSet<&String> = lists[1..].iter().map(|row| &row[0]).collect();
        assert_eq!(listed, new[1..].iter().map(|row| &row[0]).collect());
        assert_eq!(listed.len(), NEW, "the new ones, and they alone");
        assert_eq!(lists.len(), 1 + 20 * NEW, "a header, and twenty items of each");
        assert!(cells(&lists, [0, 2]).is_disjoint(&cells(&new, [0, 1])), "what was seen is left out");
        let both = run(
            here,
            &words(&format!("recommend {algorithm} --new new.csv --include-seen --top 80 --device cpu")),
            0,
        );
        assert!(cells(&table(&both.0), [0, 2]).is_superset(&cells(&new, [0, 1])));

        let test = read(here, "test.csv");
        let strange = table(&run(here, &words(&format!("predict {algorithm} test.csv")), 0).0);
        let line = format!("predict {algorithm} test.csv --new new.csv --device cpu");
        let (predicted, stderr) = run(here, &words(&line), 0);
        assert!(!stderr.contains("does not know"), "{stderr}");
        let (folded, strange) = (rmse(&table(&predicted), &test), rmse(&strange, &test));
        assert!(folded < 0.85 * strange, "{algorithm}: folded in {folded}, unknown {strange}");
        let after = fs::read(here.join(algorithm).join("model.safetensors")).unwrap();
        assert!(before == after, "the model stays as it was");
    }
}

#[test]
fn users_that_are_named_may_be_known_or_new() {
    let here = with_model("als");
    let line = "recommend als --new new.csv --device cpu --users u003 u110 nobody u001";
    let (text, stderr) = run(here, &words(line), 0);
    assert!(stderr.contains("does not know 1 user;"), "{stderr}");
    let lists = table(&text);
    let mut users: Vec<&str> = lists[1..].iter().map(|row| row[0].as_str()).collect();
    users.dedup();
    assert_eq!(users, ["u003", "u110", "nobody", "u001"]);
    let (alone, _) = run(here, &words("recommend als --users u003"), 0);
    assert!(text.starts_with(&alone), "a known user's list does not change");
    let (stranger, _) = run(here, &words("recommend als --users u110"), 0);
    assert_ne!(table(&stranger)[1..], lists[21..41], "a new user's does");
}

/// `new` is rated by two known users and a new one; `odd` only by a user who has rated nothing else.
#[test]
fn new_items_come_after_new_users_and_the_rest_is_counted() {
    for algorithm in ["als", "bayes"] {
        let here = with_model(algorithm);
        let own = tempfile::tempdir().unwrap();
        let model = here.join(algorithm);
        let model = model.to_str().unwrap();
        let known = read(here, "known.csv");
        let liked = &known[known.iter().position(|row| row[0] == "u005").unwrap()];
        let lines = [
            "user,item,rating",
            "ann,i01,5",
            "ann,i02,1",
            "ann,new,5",
            "u001,new,5",
            "u002,new,4",
            "odd one,odd,3",
            "u003,i04,40",
            "u003,i05,2",
        ];
        fs::write(own.path().join("n.csv"), lines.join("\n")).unwrap();
        let arguments =
            ["recommend", model, "--new", "n.csv", "--device", "cpu", "--users", "u003", "u004", "ann"];
        let (usual, stderr) = run(own.path(), &[&arguments[..], &["--top", "81"]].concat(), 0);
        assert!(stderr.contains("note: not listed: 1 item that fewer than "), "{stderr}");
        assert!(table(&usual)[1..].iter().all(|row| row[2] != "new"), "only three users rated it");
        let arguments = [&arguments[..], &["--min-ratings", "3"]].concat();
        let (text, stderr) = run(own.path(), &[&arguments[..], &["--top", "81"]].concat(), 0);
        for part in [
            "new: 1 user and 1 item\n",
            "note: 1 rating outside the range",
            "not used: 1 rating of users who rated nothing known",
            "leaving out their items: 2 ratings of users and items that the model knows",
        ] {
            assert!(stderr.contains(part), "{part}: {stderr}");
        }
        let found = cells(&table(&text), [0, 2]);
        let has = |user: &str, item: &str| found.contains(&[user.to_owned(), item.to_owned()]);
        assert!(has("u003", "new"), "{text}");
        assert!(has("u004", "new"), "{text}");
        for (user, item) in [("ann", "new"), ("ann", "i01"), ("u003", "i04"), ("u003", "i05")] {
            assert!(!has(user, item), "{user} has rated {item} since");
        }

        // With other ratings to leave out, the new ratings are still left out.
        fs::write(own.path().join("seen.csv"), "user,item,rating\nu004,i07,1\n").unwrap();
        let other = [&arguments[..], &["--top", "81", "--ratings", "seen.csv"]].concat();
        let found = cells(&table(&run(own.path(), &other, 0).0), [0, 2]);
        let has = |user: &str, item: &str| found.contains(&[user.to_owned(), item.to_owned()]);
        assert!(!has("u004", "i07"), "seen.csv says so");
        assert!(!has("ann", "i01"), "n.csv says so");
        assert!(!has("ann", "new"), "n.csv says so");
        assert!(!has("u003", "i04") || liked[1] == "i04");

        fs::write(own.path().join("pairs.csv"), "user,item\nu001,new\nu001,odd\n").unwrap();
        let arguments = ["predict", model, "pairs.csv", "--new", "n.csv", "--device", "cpu"];
        let (text, stderr) = run(own.path(), &arguments, 0);
        assert!(stderr.contains("does not know 0 users and 1 item"), "{stderr}");
        assert!(stderr.contains("not used: 2 ratings of users and items that the model knows"), "{stderr}");
        let rows = table(&text);
        assert_ne!(rows[1][2], rows[2][2], "an item that is new, and one that is not known");
    }
}

#[test]
fn nothing_new_is_an_empty_list() {
    let here = with_model("sgd");
    let (text, stderr) = run(here, &words("recommend sgd --new known.csv --device cpu"), 0);
    assert_eq!(text, "user,rank,item,score\n");
    assert!(stderr.contains("no user is new"), "{stderr}");
}

#[test]
fn new_rows_are_the_same_bytes_whatever_the_threads() {
    for algorithm in ["als", "bayes"] {
        let here = with_model(algorithm);
        let lists = |more: &str| {
            let line =
                format!("recommend {algorithm} --new new.csv --device cpu --item-names titles.csv{more}");
            run(here, &words(&line), 0).0
        };
        let one = lists(" --threads 1");
        assert!(one.starts_with("user,rank,item,score,title\n"));
        assert_eq!(one, lists(" --threads 3"));
        // Fold-in is random only in a model with draws.
        assert_eq!(one == lists(" --seed 7"), algorithm == "als", "{algorithm}");
        assert_eq!(one, lists(" --seed 42"));
    }
}

#[test]
fn new_ratings_may_come_from_standard_input_and_are_checked() {
    let here = with_model("als");
    let own = tempfile::tempdir().unwrap();
    let text = fs::read(here.join("new.csv")).unwrap();
    let mut command = mfgpu(here);
    command.args(words("recommend als --new - --device cpu")).write_stdin(text);
    let found = command.assert().success().get_output().stdout.clone();
    let (expected, _) = run(here, &words("recommend als --new new.csv --device cpu"), 0);
    assert_eq!(String::from_utf8_lossy(&found), expected);

    let (_, stderr) = run(here, &words("predict als - --new -"), 2);
    assert!(stderr.contains("standard input"), "{stderr}");
    run(here, &words("recommend als --ratings - --new -"), 2);
    run(here, &words("recommend als --new nothing.csv"), 3);
    let (_, stderr) = run(here, &words("predict als test.csv --new new.csv --device gpu:99"), 5);
    assert!(stderr.contains("error: "), "{stderr}");
    fs::write(own.path().join("bad.csv"), "user,item,rating\nann,i01,3\nann,i02,much\n").unwrap();
    let model = here.join("als");
    let arguments = ["recommend", model.to_str().unwrap(), "--new", "bad.csv", "-o", "x.csv"];
    let (_, stderr) = run(own.path(), &arguments, 3);
    assert!(stderr.contains("bad.csv:3:") && !own.path().join("x.csv").exists(), "{stderr}");
    let skipped = run(own.path(), &[&arguments[..], &["--bad-rows", "skip"]].concat(), 0);
    assert!(skipped.1.contains("new: 1 user and 0 items"), "{}", skipped.1);
    assert_eq!(read(own.path(), "x.csv").len(), 21);
    fs::write(own.path().join("bad.csv"), "user,item,rating\nann,i01,3e38\n").unwrap();
    let (_, stderr) = run(own.path(), &arguments, 3);
    assert!(stderr.contains("bad.csv:2:") && stderr.contains("1e30"), "{stderr}");
}

#[test]
fn similar_items_and_users() {
    for algorithm in ["sgd", "bayes"] {
        let here = with_model(algorithm);
        let (text, stderr) = run(here, &["similar", algorithm, "i03", "i01", "--top", "5"], 0);
        let rows = table(&text);
        assert_eq!(
            (rows[0].join(","), rows.len(), stderr.as_str()),
            ("id,rank,other,similarity".into(), 11, "")
        );
        for (at, row) in rows[1..].iter().enumerate() {
            assert_eq!(row[..2], [["i03", "i01"][at / 5].to_owned(), (at % 5 + 1).to_string()]);
            assert!(row[2] != row[0] && row[2].starts_with('i'), "{text}");
            let (own, above) = (&row[3], &rows[at][3]);
            let number = |text: &str| text.parse::<f32>().unwrap();
            assert!((-1.0..=1.0).contains(&number(own)));
            assert!(at % 5 == 0 || number(own) <= number(above), "{text}");
        }
        assert_eq!(table(&run(here, &["similar", algorithm, "i03"], 0).0).len(), 21);
        let (one, three) = ["1", "3"]
            .map(|threads| run(here, &["similar", algorithm, "i03", "i01", "--threads", threads], 0).0)
            .into();
        assert_eq!(one, three);
    }
    let here = with_model("sgd");
    let own = tempfile::tempdir().unwrap();
    let model = here.join("sgd");
    let model = model.to_str().unwrap();
    let (users, _) = run(here, &words("similar sgd --users u001 --top 2"), 0);
    assert!(table(&users)[1..].iter().all(|row| row[0] == "u001" && row[2].starts_with('u')));
    fs::write(own.path().join("ids.txt"), "item\ni01\ni03\n").unwrap();
    let titles = here.join("titles.csv");
    let arguments = [
        "similar",
        model,
        "i07",
        "--ids",
        "ids.txt",
        "--item-names",
        titles.to_str().unwrap(),
        "-o",
        "s.csv",
    ];
    assert_eq!(run(own.path(), &arguments, 0).0, "");
    let rows = read(own.path(), "s.csv");
    assert_eq!((rows[0][4].as_str(), rows.len()), ("title", 61));
    assert_eq!([1, 21, 41].map(|at| rows[at][0].as_str()), ["i07", "i01", "i03"]);
    let titles = read(here, "titles.csv");
    assert!(rows[1..].iter().all(|row| titles.contains(&vec![row[2].clone(), row[4].clone()])));
}

#[test]
fn an_id_that_is_not_known_is_named() {
    let here = with_model("sgd");
    for (line, part) in [
        ("similar sgd i01 i0x", "no item `i0x`; did you mean `i0"),
        ("similar sgd something-else", "no item `something-else`\n"),
        ("similar sgd u001", "no item `u001`; it is a user; add --users"),
        ("similar sgd --users i01", "no user `i01`; it is an item"),
        ("similar sgd --users nobody noone u001", "no user `nobody`, nor 1 more of the ids\n"),
        ("similar sgd", "ID"),
        ("similar sgd --users u001 --item-names titles.csv", "--item-names"),
    ] {
        let (stdout, stderr) = run(here, &words(line), 2);
        assert!(stdout.is_empty() && stderr.contains(part), "{line}: {stderr}");
    }
    run(here, &words("similar sgd --ids nothing.txt"), 3);
}

#[test]
fn deviations_are_columns() {
    let here = with_model("bayes");
    let tables = [
        ("predict bayes test.csv", "user,item,prediction"),
        ("recommend bayes --top 3", "user,rank,item,score"),
        ("complete bayes --users u001 u002", "user,item,value,known"),
        ("predict bayes test.csv --new new.csv --device cpu", "user,item,prediction"),
    ];
    for (line, header) in tables {
        let plain = table(&run(here, &words(line), 0).0);
        let (text, _) = run(here, &words(&format!("{line} --with-sd")), 0);
        let rows = table(&text);
        assert_eq!((rows[0].join(","), rows.len()), (format!("{header},sd"), plain.len()));
        let last = plain[0].len();
        for (row, plain) in rows.iter().zip(&plain).skip(1) {
            assert_eq!(row[..last], plain[..]);
            let sd: f32 = row[last].parse().unwrap();
            let given = header.contains("known") && row[3] == "1";
            assert!(if given { row[last] == "0" } else { (0.2..2.0).contains(&sd) }, "{row:?}");
        }
    }
    let (titled, _) = run(here, &words("recommend bayes --with-sd --item-names titles.csv --top 1"), 0);
    assert!(titled.starts_with("user,rank,item,score,sd,title\n"));
    for line in ["predict als test.csv", "recommend als", "complete als"] {
        with_model("als");
        let (_, stderr) = run(here, &words(&format!("{line} --with-sd")), 2);
        assert!(stderr.contains("--with-sd needs a model of several draws"), "{stderr}");
    }
    let (_, stderr) = run(here, &words("complete bayes --with-sd --to x.npy"), 2);
    assert!(stderr.contains("--with-sd needs a table") && !here.join("x.npy").exists(), "{stderr}");
}

/// Deviations have the right size: four of five ratings of new users lie within 1.28 of them.
#[test]
fn deviations_of_new_users_are_honest() {
    let here = with_model("bayes");
    let (text, _) = run(here, &words("predict bayes test.csv --new new.csv --with-sd --device cpu"), 0);
    let (rows, test) = (table(&text), read(here, "test.csv"));
    let number = |text: &str| text.parse::<f64>().unwrap();
    let inside = rows[1..]
        .iter()
        .zip(&test[1..])
        .filter(|(row, test)| (number(&row[2]) - number(&test[2])).abs() < 1.2816 * number(&row[3]))
        .count();
    let part = inside as f64 / (rows.len() - 1) as f64;
    assert!((0.7..0.9).contains(&part), "{part} of {}", rows.len() - 1);
}

#[test]
fn exploring_changes_the_order_and_not_the_scores() {
    let here = with_model("bayes");
    let lists = |more: &str| table(&run(here, &words(&format!("recommend bayes --top 80{more}")), 0).0);
    let plain = lists("");
    assert_eq!(plain, lists(" --explore 0"));
    let score = |rows: &[Vec<String>]| -> HashSet<[String; 3]> {
        rows[1..].iter().map(|row| [&row[0], &row[2], &row[3]].map(Clone::clone)).collect()
    };
    for explore in ["3", "-3"] {
        let explored = lists(&format!(" --explore {explore}"));
        assert_ne!(explored, plain);
        assert_eq!(score(&explored), score(&plain), "--explore {explore}");
    }
    with_model("als");
    let (_, stderr) = run(here, &words("recommend als --explore 1"), 2);
    assert!(stderr.contains("--explore needs a model of several draws"), "{stderr}");
    run(here, &words("recommend bayes --explore nan"), 2);
    run(here, &words("recommend bayes --explore much"), 2);
}

/// The rows of lists, without their header.
fn lists(line: &str) -> (Vec<Vec<String>>, String) {
    let (text, stderr) = run(with_model("als"), &words(line), 0);
    let mut rows = table(&text);
    assert_eq!(rows.remove(0)[..4], ["user", "rank", "item", "score"]);
    (rows, stderr)
}

#[test]
fn only_some_items_are_listed() {
    let here = with_model("als");
    let own = tempfile::tempdir().unwrap();
    let ids = own.path().join("ids.txt");
    fs::write(&ids, "item\ni01\ni02\ni03\nstrange\n").unwrap();
    let ids = ids.to_str().unwrap();
    let all = lists("recommend als --top 80 --include-seen").0;
    let of = |keep: &dyn Fn(&[String]) -> bool| -> Vec<[String; 3]> {
        all.iter().filter(|row| keep(row)).map(|row| [0, 2, 3].map(|at| row[at].clone())).collect()
    };
    let named = |row: &[String]| ["i01", "i02", "i03"].contains(&row[2].as_str());
    let found = |more: &str| -> (Vec<[String; 3]>, String) {
        let (rows, stderr) = lists(&format!("recommend als --top 80 --include-seen {more}"));
        (rows.iter().map(|row| [0, 2, 3].map(|at| row[at].clone())).collect(), stderr)
    };
    let (from, stderr) = found(&format!("--items-from {ids}"));
    assert!(from == of(&|row| named(row)) && from.len() == 300, "{from:?}");
    assert_eq!(stderr, "note: the model does not know 1 item of --items-from\n");
    assert_eq!(found("--items-from i01 i02 i03"), (from.clone(), String::new()));
    let (blocked, stderr) = found(&format!("--block {ids}"));
    assert!(blocked == of(&|row| !named(row)) && stderr.contains("1 item of --block"), "{stderr}");
    let both = found("--items-from i01 i02 i03 --block i02");
    assert_eq!(both.0, of(&|row| named(row) && row[2] != "i02"));
    let high = found("--min-score 3.5").0;
    assert!(high == of(&|row| row[3].parse::<f32>().unwrap() >= 3.5) && !high.is_empty());

    let (nothing, stderr) = found(&format!("--items-from i01 --block {ids}"));
    assert!(nothing.is_empty() && stderr.ends_with("note: nothing to list for 100 users\n"), "{stderr}");
    let (nothing, stderr) = found("--block nobody-knows --min-score 1e9");
    assert!(
        nothing.is_empty() && stderr.contains("--block blocks nothing: ") && stderr.contains("100 users")
    );
    for (line, part) in [
        (
            "recommend als --items-from u001 u002",
            "--items-from: the model knows none of 2 items; its items have ids like `i",
        ),
        ("recommend als --items-from i01 u001 --strict", "no item `u001`; it is a user"),
        ("recommend als --block i0x --strict", "no item `i0x`; did you mean `i0"),
        (
            "recommend als --users u001 u110 nobody --strict",
            "no user `u110`, nor 1 more of the ids; did you mean `u",
        ),
        ("recommend als --min-score nan", "--min-score is NaN"),
    ] {
        let (stdout, stderr) = run(here, &words(line), 2);
        assert!(stdout.is_empty() && stderr.contains(part), "{line}: {stderr}");
    }
    assert_eq!(lists("recommend als --users u001 --strict"), lists("recommend als --users u001"));
}

#[test]
fn users_are_listed_for_items() {
    let here = with_model("als");
    let (text, stderr) = run(here, &words("recommend als --for-items i07 i03 --top 5"), 0);
    let rows = table(&text);
    assert_eq!((rows[0].join(","), rows.len(), stderr.as_str()), ("item,rank,user,score".into(), 11, ""));
    let rated = cells(&read(here, "known.csv"), [1, 0]);
    assert!(cells(&rows, [0, 2]).is_disjoint(&rated), "{text}");
    // Each score equals the one in the user's own list.
    let (all, _) = lists("recommend als --top 80 --include-seen");
    let own: HashSet<[&String; 3]> = all.iter().map(|row| [&row[2], &row[0], &row[3]]).collect();
    assert!(rows[1..].iter().all(|row| own.contains(&[&row[0], &row[2], &row[3]])), "{text}");
    let best = |item: &str| {
        let of =
            all.iter().filter(|row| row[2] == item && !rated.contains(&[item.to_owned(), row[0].clone()]));
        of.map(|row| row[3].parse::<f32>().unwrap()).fold(f32::MIN, f32::max)
    };
    for (at, item) in [(1, "i07"), (6, "i03")] {
        assert_eq!(rows[at][..2], [item.to_owned(), "1".to_owned()]);
        assert_eq!(rows[at][3].parse::<f32>().unwrap().to_bits(), best(item).to_bits());
    }
    let (some, stderr) =
        run(here, &words("recommend als --for-items i07 --users u001 u002 nobody --include-seen"), 0);
    assert!(
        table(&some).len() == 3 && stderr.contains("does not know 1 user, who cannot be listed"),
        "{stderr}"
    );
    let (new, _) = run(here, &words("recommend als --for-items i07 --new new.csv --device cpu"), 0);
    let users = read(here, "new.csv");
    assert!(table(&new)[1..].iter().all(|row| users.iter().any(|user| user[0] == row[2])), "{new}");
    let (_, stderr) = run(here, &words("recommend als --for-items i07 --min-score 1e9"), 0);
    assert!(stderr.contains("nothing to list for 1 item\n"), "{stderr}");
    for (line, part) in [
        ("recommend als --for-items i07 u001", "no item `u001`; it is a user"),
        ("recommend als --for-items i07 --block i01", "cannot be used with"),
        ("recommend als --for-items i07 --users nobody --strict", "no user `nobody`"),
    ] {
        let (stdout, stderr) = run(here, &words(line), 2);
        assert!(stdout.is_empty() && stderr.contains(part), "{line}: {stderr}");
    }
}
