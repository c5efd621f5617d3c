//! The times of ratings: which column has them, their notation, and that times stay with their ratings.

use mfgpu::Error;
use mfgpu::input::{BadRows, Duplicates, ReadOptions, read_cut, read_ratings, read_timed_ratings};
use mfgpu::ratings::Dataset;
use std::fmt::Write as _;
use std::path::PathBuf;
use tempfile::TempDir;

fn write(content: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("r.txt");
    std::fs::write(&path, content).unwrap();
    (directory, path)
}

fn timed(content: &str, options: &ReadOptions) -> Result<Dataset, Error> {
    let (_directory, path) = write(content);
    Ok(read_timed_ratings(&[path], options, &mut |_, _| Ok(()))?.0)
}

fn times(content: &str, options: &ReadOptions) -> Vec<i64> {
    timed(content, options).unwrap().times
}

fn named(column: &str) -> ReadOptions {
    ReadOptions { time_column: Some(column.into()), ..ReadOptions::default() }
}

const DAY: i64 = 86_400_000;

#[test]
fn the_column_is_found() {
    let auto = ReadOptions::default();
    assert_eq!(times("user,item,rating,timestamp\na,x,1,5\nb,x,2,4\n", &auto), [5000, 4000]);
    assert_eq!(times("Date;User;Item;Stars\n1970-01-02;a;x;1\n", &auto), [DAY]);
    assert_eq!(times("1::2::3::978300760\n1::3::4::978300761\n", &auto), [978_300_760_000, 978_300_761_000]);
    assert_eq!(times("1\t2\t3\t881250949\n", &auto), [881_250_949_000]);
    assert_eq!(times("7:\n1,3,1970-01-03\n8:\n2,4,1970-01-01\n", &auto), [2 * DAY, 0]);
    assert_eq!(times("when,who,what,much\n5,a,x,3\n", &named_columns()), [5000]);
    assert_eq!(times("a,x,1970-01-02,4\n", &named("3")), [DAY], "the rating is what is left");
    assert!(timed("a,x,1970-01-02,4\n", &named("3")).unwrap().ratings.values == [4.0]);
}

fn named_columns() -> ReadOptions {
    let name = |name: &str| Some(name.to_owned());
    ReadOptions {
        user_column: name("who"),
        item_column: name("what"),
        rating_column: name("much"),
        time_column: name("when"),
        ..ReadOptions::default()
    }
}

#[test]
fn there_may_be_none() {
    let auto = ReadOptions::default();
    assert!(times("user,item,rating\na,x,1\n", &auto).is_empty());
    assert!(times("user,item,rating,weight\na,x,1,978300760\n", &auto).is_empty(), "no such name");
    assert!(times("a,x,1,12\nb,x,2,13\n", &auto).is_empty(), "too small for a time without a name");
    assert!(times("a,x,1,good\n", &auto).is_empty());
    let (_directory, path) = write("user,item,rating,timestamp\na,x,1,never\n");
    let (data, _) = read_ratings(std::slice::from_ref(&path), &auto, &mut |_, _| Ok(())).unwrap();
    assert!(data.times.is_empty(), "not read where nobody asks");
    let (_other, untimed) = write("user,item,rating\nb,y,1\n");
    std::fs::write(&path, "user,item,rating,timestamp\na,x,1,5\n").unwrap();
    let (data, _) = read_timed_ratings(&[path, untimed], &auto, &mut |_, _| Ok(())).unwrap();
    assert!(data.times.is_empty() && data.ratings.len() == 2, "of one of two files");
}

#[test]
fn faults() {
    let fault = |content: &str, options: &ReadOptions| {
        let error = timed(content, options).unwrap_err();
        (error.exit_code(), error.to_string())
    };
    let (code, text) = fault("user,item,rating,time\na,x,1,5\na,y,1,soon\n", &ReadOptions::default());
    assert!(code == 3 && text.contains("r.txt:3: found time `soon`, expected a date"), "{text}");
    let (code, text) = fault("7:\n1,3\n", &ReadOptions::default());
    assert!(code == 3 && text.contains("found time ``"), "{text}");
    let (code, text) = fault("user,item,rating\na,x,1\n", &named("clock"));
    assert!(code == 2 && text.contains("`input.time_column = clock`") && text.contains("`rating`"), "{text}");
    let (code, text) = fault("a,x,1,5\n", &ReadOptions { rating_column: Some("4".into()), ..named("4") });
    assert!(code == 2 && text.contains("twice"), "{text}");
    let (_directory, path) = write("user,item,rating\na,x,1\n");
    let (data, _) = read_ratings(&[path], &named("clock"), &mut |_, _| Ok(())).unwrap();
    assert_eq!(data.ratings.values, [1.0], "where nobody asks for times, none need be there");
    let (_directory, path) = write("a,x,1\nb,x,2\n");
    let (data, _) = read_ratings(&[path], &named("clock"), &mut |_, _| Ok(())).unwrap();
    assert_eq!(data.ratings.values, [1.0, 2.0], "nor a header");
    let skip = ReadOptions { bad_rows: BadRows::Skip, ..ReadOptions::default() };
    let data = timed("user,item,rating,time\na,x,1,5\na,y,1,soon\nb,y,2,7\n", &skip).unwrap();
    assert_eq!((data.times, data.ratings.values), (vec![5000, 7000], vec![1.0, 2.0]));
}

#[test]
fn a_merged_rating_has_the_time_of_the_latest() {
    let content = "user,item,rating,time\na,x,1,9\nb,x,2,8\na,x,3,7\nb,y,4,6\n";
    for (duplicates, value) in [(Duplicates::Last, 1.0), (Duplicates::Mean, 2.0)] {
        let data =
            timed(content, &ReadOptions { duplicates: Some(duplicates), ..ReadOptions::default() }).unwrap();
        assert_eq!((data.times, data.ratings.values), (vec![9000, 8000, 6000], vec![value, 2.0, 4.0]));
    }
}

#[test]
fn pieces_change_nothing() {
    let mut content = "user,item,rating,time\n".to_owned();
    (0..500).for_each(|n| writeln!(content, "{},{},{},{}", n % 40, n / 40, n % 5, 1000 - n).unwrap());
    let expected: Vec<i64> = (0..500).map(|n| (1000 - n) * 1000).collect();
    let (_directory, path) = write(&content);
    for size in [1, 100, 1 << 20] {
        let read = read_cut(std::slice::from_ref(&path), &ReadOptions::default(), &mut |_, _| Ok(()), size)
            .unwrap()
            .0;
        assert_eq!(read.times, expected);
    }
}
