//! What the values of a table stand for: ratings, weights, or pairs only; and how repeated pairs are merged.

use mfgpu::input::{
    BadRows, Duplicates, Format, ReadOptions, ReadReport, read_cut, read_pairs, read_ratings,
};
use mfgpu::run::Config;
use mfgpu::{Dataset, Error, Feedback};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

fn options() -> ReadOptions {
    ReadOptions::default()
}

fn rating(column: &str) -> ReadOptions {
    ReadOptions { rating_column: Some(column.into()), ..options() }
}

fn weight(column: &str) -> ReadOptions {
    ReadOptions { weight_column: Some(column.into()), ..options() }
}

/// Files `r0.txt`, `r1.txt`, … in a folder that is deleted with the first value.
fn files(contents: &[&str]) -> (TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let paths = contents.iter().enumerate().map(|(number, content)| {
        let path = folder.path().join(format!("r{number}.txt"));
        fs::write(&path, content).unwrap();
        path
    });
    let paths = paths.collect();
    (folder, paths)
}

fn read_all(contents: &[&str], options: &ReadOptions) -> Result<(Dataset, ReadReport), Error> {
    let (_folder, paths) = files(contents);
    let (data, report) = read_ratings(&paths, options, &mut |_, _| Ok(()))?;
    assert_eq!(data.feedback, report.feedback);
    for size in [1, 7] {
        let (again, cut) = read_cut(&paths, options, &mut |_, _| Ok(()), size)?;
        assert!(again.ratings == data.ratings && again.feedback == data.feedback && cut == report);
    }
    Ok((data, report))
}

/// What was read, with every row as `user item value`.
fn read(content: &str, options: &ReadOptions) -> (Feedback, Vec<String>) {
    let (data, _) = read_all(&[content], options).unwrap();
    let text = |id: &[u8]| String::from_utf8_lossy(id).into_owned();
    let row =
        |(user, item, value)| format!("{} {} {value}", text(data.users.id(user)), text(data.items.id(item)));
    (data.feedback, data.ratings.iter().map(row).collect())
}

fn values(content: &str, options: &ReadOptions) -> Vec<f32> {
    read_all(&[content], options).unwrap().0.ratings.values
}

/// The exit code and the text of an error.
fn fault(contents: &[&str], options: &ReadOptions) -> (u8, String) {
    let error = read_all(contents, options).unwrap_err();
    (error.exit_code(), error.to_string())
}

fn rows(list: &[&str]) -> Vec<String> {
    list.iter().map(|&row| row.to_owned()).collect()
}

#[test]
fn tables_of_pairs() {
    for content in [
        "user_id,item_id\na,x\nb,y\n",
        "a,x\nb,y\n",
        "a\tx\r\nb\ty",
        "a x\nb y\n",
        "a::x\nb::y\n",
        "user_id,item_id,timestamp\na,x,100\nb,y,200\n",
        ",user,item\n0,a,x\n1,b,y\n",
        "event,itemid,visitorid\nview,x,a\nview,y,b\n",
        "user;item;category id\na;x;7\nb;y;8\n",
    ] {
        assert_eq!(read(content, &options()), (Feedback::Pairs, rows(&["a x 1", "b y 1"])), "{content}");
    }
    let names = "Ann Lee,The Big Film\nBob,Heat\nCy D,Up\nDi,No\n";
    assert_eq!(
        read(names, &options()).1,
        rows(&["Ann Lee The Big Film 1", "Bob Heat 1", "Cy D Up 1", "Di No 1"])
    );
    let unknown = "src,dst\n1,2\n3,4\n";
    assert_eq!(read(unknown, &options()).1, rows(&["1 2 1", "3 4 1"]), "names above numbers");
    let turned = ReadOptions { user_column: Some("2".into()), item_column: Some("1".into()), ..options() };
    assert_eq!(read("item,user\nx,a\ny,b\n", &turned).1, rows(&["a x 1", "b y 1"]), "usual names");
    assert_eq!(read("x,a\ny,b\n", &turned).1, rows(&["a x 1", "b y 1"]));
}

#[test]
fn a_table_is_said_to_have_pairs() {
    let none = rating("none");
    for content in [
        "user,item,punkte\na,x,4\nb,y,5\n",
        "user,item,rating\na,x,4\nb,y,5\n",
        "a,x,4\nb,y,5\n",
        "x:\na,4,2005-09-06\ny:\nb,5,2005-09-06\n",
    ] {
        assert_eq!(read(content, &none), (Feedback::Pairs, rows(&["a x 1", "b y 1"])), "{content}");
    }
    // Without dates, too, where they are not asked for.
    let (_folder, paths) = files(&["x:\na\ny:\nb\n"]);
    let (data, _) = read_ratings(&paths, &none, &mut |_, _| Ok(())).unwrap();
    assert_eq!((data.feedback, data.ratings.values), (Feedback::Pairs, vec![1.0, 1.0]));
}

#[test]
fn what_is_no_table_of_pairs() {
    let punkte = "user,item,punkte\na,x,4\nb,y,5\n";
    let (code, text) = fault(&[punkte], &options());
    for part in [
        "no rating column is known",
        "`input.rating_column`",
        "`input.weight_column`",
        "`input.rating_column = none`",
    ] {
        assert!(code == 3 && text.contains(part), "{part}: {text}");
    }
    assert_eq!(read(punkte, &rating("punkte")), (Feedback::Ratings, rows(&["a x 4", "b y 5"])));
    assert_eq!(read(punkte, &weight("Punkte")), (Feedback::Weights, rows(&["a x 4", "b y 5"])));
    for (content, options, code, part) in [
        ("a\nb\n", options(), 3, "expected at least 2: user, item"),
        ("user\na\n", options(), 3, "no item column is known"),
        ("user,rating\na,4\n", options(), 3, "no item column is known"),
        ("qui,livre,quand\na,x,hier\n", options(), 3, "no user or item or rating column is known"),
        ("a,5\n", rating("2"), 3, "expected at least 3: user, item, rating"),
        ("user,item\na,x\n", rating("stars"), 2, "no column for `input.rating_column = stars`"),
        ("user,item\na,x\n", weight("plays"), 2, "no column for `input.weight_column = plays`"),
        ("a,x\nb,y\n", weight("3"), 2, "no column for `input.weight_column = 3`"),
        ("x:\na,4\nb\n", options(), 3, "found 1 column, expected `user,rating,date`"),
        ("a,x\nb\n", options(), 3, "r0.txt:2: found 1 columns, expected 2"),
    ] {
        let (found, text) = fault(&[content], &options);
        assert!(found == code && text.contains(part), "{content}: {text}");
    }
}

#[test]
fn weights_by_name() {
    for name in ["weight", "Weights", "plays", "PlayCount", "play_count", "listens", "clicks", "views"] {
        let content = format!("user,item,{name}\na,x,7\nb,y,0.5\n");
        assert_eq!(read(&content, &options()), (Feedback::Weights, rows(&["a x 7", "b y 0.5"])), "{name}");
    }
    for content in [
        "Qty,Customer ID,product\n7,a,x\n0,b,y\n",
        "user,item,quantity,price\na,x,7,10\nb,y,0,20\n",
        "user,item,count,date\na,x,7,2001-05-01\nb,y,0,2001-05-01\n",
    ] {
        assert_eq!(read(content, &options()), (Feedback::Weights, rows(&["a x 7", "b y 0"])), "{content}");
    }
    let last = "userID\tartistID\tweight\n2\t51\t13883\n2\t52\t11690\n";
    assert_eq!(read(last, &options()), (Feedback::Weights, rows(&["2 51 13883", "2 52 11690"])));
    let edges = "src,dst,weight\n1,2,5\n";
    assert_eq!(read(edges, &options()), (Feedback::Weights, rows(&["1 2 5"])), "by position");
    let both = "user,item,count,rating\na,x,9,-4\n";
    assert_eq!(read(both, &options()), (Feedback::Ratings, rows(&["a x -4"])), "a rating goes first");
    assert_eq!(read(both, &weight("count")), (Feedback::Weights, rows(&["a x 9"])));
    assert_eq!(read("user,item,count\na,x,9\n", &rating("count")), (Feedback::Ratings, rows(&["a x 9"])));
    assert_eq!(read("a,x,9\n", &weight("3")), (Feedback::Weights, rows(&["a x 9"])));
    assert_eq!(read("9,a,x\n", &weight("1")), (Feedback::Weights, rows(&["a x 9"])));
}

#[test]
fn weights_are_from_0() {
    for (cell, expected) in [
        ("-1", "found weight `-1`, expected a weight from 0"),
        ("nan", "found weight `nan`, expected a finite number"),
        ("much", "found weight `much`, expected a finite number"),
        ("", "found weight ``, expected a finite number"),
    ] {
        let content = format!("user,item,plays\na,x,1\nb,y,{cell}\n");
        let (code, text) = fault(&[&content], &options());
        assert!(code == 3 && text.contains(&format!("r0.txt:3: {expected}")), "{text}");
        let skip = ReadOptions { bad_rows: BadRows::Skip, ..options() };
        let (data, report) = read_all(&[&content], &skip).unwrap();
        assert_eq!((data.ratings.values, report.skipped), (vec![1.0], 1));
    }
    let netflix = ReadOptions { format: Format::Netflix, ..weight("2") };
    assert_eq!(read("x:\na,4,2005-09-06\n", &netflix), (Feedback::Weights, rows(&["a x 4"])));
    let (_, text) = fault(&["x:\na,-4,2005-09-06\n"], &netflix);
    assert!(text.contains("r0.txt:2: found weight `-4`, expected a weight from 0"), "{text}");
}

#[test]
fn one_column_of_values_is_named() {
    let both = ReadOptions { rating_column: Some("stars".into()), ..weight("plays") };
    let (code, text) = fault(&["user,item,stars,plays\na,x,1,2\n"], &both);
    assert_eq!(code, 2);
    assert!(text.contains("`input.rating_column = stars` and `input.weight_column = plays`"), "{text}");
}

#[test]
fn repeated_pairs() {
    let merged = |content: &str, duplicates| values(content, &ReadOptions { duplicates, ..options() });
    let weights = "user,item,plays\na,x,1\nb,x,2\na,x,4\n";
    let pairs = "a,x\nb,x\na,x\n";
    let ratings = "a,x,1\nb,x,2\na,x,4\n";
    for (content, usual) in
        [(weights, Duplicates::Sum), (pairs, Duplicates::Count), (ratings, Duplicates::Last)]
    {
        assert_eq!(merged(content, None), merged(content, Some(usual)), "{content}");
    }
    for (duplicates, of_weights, of_pairs) in [
        (Duplicates::Last, [4.0, 2.0], [1.0, 1.0]),
        (Duplicates::Mean, [2.5, 2.0], [1.0, 1.0]),
        (Duplicates::Sum, [5.0, 2.0], [2.0, 1.0]),
        (Duplicates::Count, [2.0, 1.0], [2.0, 1.0]),
    ] {
        let name = duplicates.name();
        assert_eq!(merged(weights, Some(duplicates)), of_weights, "{name}");
        assert_eq!(merged(ratings, Some(duplicates)), of_weights, "{name}");
        assert_eq!(merged(pairs, Some(duplicates)), of_pairs, "{name}");
    }
    let strict = ReadOptions { duplicates: Some(Duplicates::Error), ..options() };
    let (code, text) = fault(&[pairs], &strict);
    assert!(code == 3 && text.contains("r0.txt:3: found user `a` and item `x` again (first at "), "{text}");
    // An `f32` cannot count on from 2^24 one by one.
    assert_eq!(merged("user,item,plays\na,x,16777216\na,x,1\na,x,1\n", None), [16_777_218.0]);
    let (code, text) = fault(&["user,item,plays\na,x,6e29\na,x,6e29\n"], &options());
    assert!(code == 3 && text.contains("user `a` and item `x` add up to 12"), "{text}");
}

#[test]
fn files_agree() {
    let (pairs, weights, ratings) = ("user,item\nb,y\n", "user,item,plays\na,x,4\n", "b,y,3\n");
    for (one, other, part) in [
        (ratings, pairs, "r1.txt: found pairs only, expected ratings, which "),
        (pairs, weights, "r1.txt: found weights, expected pairs only, which "),
        (weights, ratings, "r1.txt: found ratings, expected weights, which "),
    ] {
        let (code, text) = fault(&[one, other], &options());
        assert!(code == 3 && text.contains(part) && text.contains("r0.txt has"), "{text}");
    }
    let (_, text) = fault(&["", weights, "", weights, ratings], &options());
    assert!(text.contains("r4.txt: found ratings") && text.contains("r1.txt has"), "{text}");
    let (data, report) = read_all(&["", weights, "", weights], &options()).unwrap();
    assert_eq!((data.feedback, data.ratings.values, report.duplicates), (Feedback::Weights, vec![8.0], 1));
    let (data, _) = read_all(&[weights, ratings], &weight("3")).unwrap();
    assert_eq!((data.feedback, data.ratings.values), (Feedback::Weights, vec![4.0, 3.0]));
}

/// Pairs to predict need no values, and a column that may have weights is not looked at.
#[test]
fn pairs_to_predict() {
    let (_folder, paths) = files(&["user,item,plays\na,x,often\na,x,-1\n"]);
    let data = read_pairs(&paths[0], &options(), &mut |_, _| Ok(())).unwrap();
    assert_eq!(data.ratings.values, [0.0, 0.0]);
}

#[test]
fn parts_keep_it() {
    let (_folder, paths) = files(&["user,item,plays\na,x,1\nb,y,2\nc,x,3\n"]);
    let (train, test) = Dataset::read_with(&paths, &options()).unwrap().split(0.5, 1);
    assert_eq!([train.feedback, test.feedback], [Feedback::Weights; 2]);
    assert_eq!(Dataset::from_triples([("a", "x", 1.0)]).unwrap().feedback, Feedback::Ratings);
}

/// Files of settings from before there was a choice by feedback.
#[test]
fn settings_in_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let load = |content: &str| {
        fs::write(&path, content).unwrap();
        Config::load(&path).map(|config| config.input)
    };
    for how in Duplicates::ALL {
        let found = load(&format!("[input]\nduplicates = \"{}\"\n", how.name())).unwrap();
        assert_eq!(found, ReadOptions { duplicates: Some(how), ..options() });
    }
    assert_eq!(load("[input]\nformat = \"csv\"\n").unwrap().duplicates, None);
    assert!(load("[input]\nduplicates = \"first\"\n").is_err());
    let config = Config { input: weight("plays"), ..Config::default() };
    config.save(&path).unwrap();
    assert_eq!(Config::load(&path).unwrap().input, config.input);
}
