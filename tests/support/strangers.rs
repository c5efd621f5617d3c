//! Ratings where some users are new to a model, for running the program from outside.

use crate::program::{run, words};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Users of the generated set; the last of them are set apart.
const USERS: usize = 120;
/// The number of users set apart.
pub(crate) const NEW: usize = 20;

/// Writes `known.csv`, and for the users set apart `new.csv`, `test.csv` with a quarter of their ratings, and
/// `titles.csv`.
pub(crate) fn generate(directory: &Path) {
    let line = format!(
        "generate --users {USERS} --items 80 --ratings 4000 --rank 2 --noise 0.4 --string-ids -o all.csv --titles titles.csv"
    );
    run(directory, &words(&line), 0);
    let text = fs::read_to_string(directory.join("all.csv")).unwrap();
    let mut files = ["known.csv", "new.csv", "test.csv"].map(|name| (name, "user,item,rating\n".to_owned()));
    let mut ratings = [0; USERS + 1];
    for row in text.lines().skip(1) {
        let user: usize = row[1..4].parse().unwrap();
        ratings[user] += 1;
        let file = if user <= USERS - NEW { 0 } else { 1 + usize::from(ratings[user] % 4 == 0) };
        writeln!(files[file].1, "{row}").unwrap();
    }
    for (name, text) in files {
        fs::write(directory.join(name), text).unwrap();
    }
}

/// Trains a model of the known users, into a directory with the algorithm's name.
pub(crate) fn train(directory: &Path, algorithm: &str) {
    let epochs = if algorithm == "bayes" { 40 } else { 15 };
    let regularization = if algorithm == "sgd" { 0.05 } else { 1.0 };
    let line = format!(
        "train known.csv --objective ratings --algorithm {algorithm} -k 4 --epochs {epochs} --keep-draws 12 \
         --regularization {regularization} --device cpu -q --top 0 --out {algorithm}"
    );
    run(directory, &words(&line), 0);
}

/// The rows of a table, its header first.
pub(crate) fn table(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}
