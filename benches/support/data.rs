//! The ratings for benchmarks: a named file, or a synthetic set.

use mfgpu::files::Sink;
use mfgpu::generate::{GenerateOptions, generate};
use mfgpu::input::{ReadOptions, read_ratings};
use mfgpu::ratings::Dataset;
use std::path::PathBuf;

/// The ratings of the file named by the first argument, or half a million synthetic ones, and the numbers of
/// factors that follow.
pub(crate) fn from_arguments() -> mfgpu::Result<(Dataset, Vec<usize>)> {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let dataset = match arguments.next() {
        Some(path) => read(PathBuf::from(path))?,
        None => synthetic()?,
    };
    let mut factors: Vec<usize> = arguments.filter_map(|text| text.parse().ok()).collect();
    if factors.is_empty() {
        factors = vec![32, 64, 128];
    }
    Ok((dataset, factors))
}

fn read(path: PathBuf) -> mfgpu::Result<Dataset> {
    Ok(read_ratings(&[path], &ReadOptions::default(), &mut |_, _| Ok(()))?.0)
}

fn synthetic() -> mfgpu::Result<Dataset> {
    let folder = tempfile::tempdir().map_err(mfgpu::Error::write("a temporary folder"))?;
    let path = folder.path().join("ratings.csv");
    let options =
        GenerateOptions { users: 5000, items: 2000, ratings: 500_000, ..GenerateOptions::default() };
    generate(&options, Sink::open(&path)?, &mut |_| {})?;
    read(path)
}
