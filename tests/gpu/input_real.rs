//! The input floor on the published files. `MFGPU_DATA` names the folder that holds them (`ml-100k`, `ml-1m`,
//! `goodbooks`); without it these tests show as ignored.

use crate::support::case::{Case, Failed};
use mfgpu::input::{Duplicates, ReadOptions, read_names, read_pairs, read_ratings};
use std::path::{Path, PathBuf};

type Outcome = Result<(), Failed>;
type Titles = Vec<(Vec<u8>, Option<String>)>;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::on_real_ratings("movielens_100k", movielens_100k),
        Case::on_real_ratings("movielens_1m", movielens_1m),
        Case::on_real_ratings("goodbooks", goodbooks),
        Case::on_real_ratings("goodbooks_refuses_duplicates", goodbooks_refuses_duplicates),
        Case::on_real_ratings("several_files", several_files),
        Case::on_real_ratings("pairs", pairs),
    ]
}

#[expect(clippy::needless_pass_by_value, reason = "so that calls read as sentences")]
fn equal<T: PartialEq + std::fmt::Debug>(found: T, expected: T) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("found {found:?}, expected {expected:?}").into()) }
}

fn shape(folder: &Path, files: &[&str]) -> Result<(usize, usize, usize, u64), Failed> {
    let paths: Vec<PathBuf> = files.iter().map(|file| folder.join(file)).collect();
    let (dataset, report) = read_ratings(&paths, &ReadOptions::default(), &mut |_, _| Ok(()))?;
    Ok((dataset.ratings.len(), dataset.users.len(), dataset.items.len(), report.duplicates))
}

fn titles(folder: &Path, ratings: &str, names: &str) -> Result<Titles, Failed> {
    let (dataset, _) = read_ratings(&[folder.join(ratings)], &ReadOptions::default(), &mut |_, _| Ok(()))?;
    let titles = read_names(&folder.join(names), &dataset.items)?;
    Ok(dataset.items.iter().map(<[u8]>::to_vec).zip(titles).collect())
}

fn title(titles: &[(Vec<u8>, Option<String>)], id: &str) -> Option<String> {
    titles.iter().find(|(item, _)| item == id.as_bytes()).and_then(|(_, title)| title.clone())
}

fn movielens_100k(folder: &Path) -> Outcome {
    equal(shape(folder, &["ml-100k/u.data.gz"])?, (100_000, 943, 1682, 0))?;
    equal(shape(folder, &["ml-100k/u1.base.gz"])?, (80_000, 943, 1650, 0))?;
    let titles = titles(folder, "ml-100k/u.data.gz", "ml-100k/u.item.gz")?;
    equal(titles.iter().filter(|(_, title)| title.is_none()).count(), 0)?;
    equal(title(&titles, "1").as_deref(), Some("Toy Story (1995)"))?;
    equal(title(&titles, "543").as_deref(), Some("Misérables, Les (1995)"))
}

fn movielens_1m(folder: &Path) -> Outcome {
    let (ratings, users, _, duplicates) = shape(folder, &["ml-1m/train.csv.gz"])?;
    equal((ratings, users, duplicates), (900_183, 6040, 0))?;
    let titles = titles(folder, "ml-1m/train.csv.gz", "ml-1m/movies.dat.gz")?;
    equal(titles.iter().filter(|(_, title)| title.is_none()).count(), 0)?;
    equal(title(&titles, "73").as_deref(), Some("Misérables, Les (1995)"))
}

fn goodbooks(folder: &Path) -> Outcome {
    equal(shape(folder, &["goodbooks/ratings.csv.gz"])?, (979_478, 53_424, 10_000, 1644 + 634))?;
    let titles = titles(folder, "goodbooks/ratings.csv.gz", "goodbooks/books.csv.gz")?;
    equal(titles.iter().filter(|(_, title)| title.is_none()).count(), 0)?;
    equal(title(&titles, "1").as_deref(), Some("The Hunger Games (The Hunger Games, #1)"))?;
    equal(title(&titles, "2").as_deref(), Some("Harry Potter and the Sorcerer's Stone (Harry Potter, #1)"))
}

fn goodbooks_refuses_duplicates(folder: &Path) -> Outcome {
    let options = ReadOptions { duplicates: Some(Duplicates::Error), ..ReadOptions::default() };
    let path = folder.join("goodbooks/ratings.csv.gz");
    let error = read_ratings(&[path], &options, &mut |_, _| Ok(())).err().map(|error| error.to_string());
    match error {
        Some(text) if text.contains(".csv.gz:") && text.contains("first at") => Ok(()),
        other => Err(format!("found {other:?}, expected both lines").into()),
    }
}

fn several_files(folder: &Path) -> Outcome {
    equal(shape(folder, &["ml-100k/u1.base.gz", "ml-100k/u1.test.gz"])?, (100_000, 943, 1682, 0))
}

fn pairs(folder: &Path) -> Outcome {
    let pairs = read_pairs(&folder.join("ml-1m/test.csv.gz"), &ReadOptions::default(), &mut |_, _| Ok(()))?;
    equal(pairs.ratings.len(), 100_020)
}
