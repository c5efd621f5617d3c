//! `run.json`: what was run, on what, and what came of it.

use super::json;
use super::plan::Plan;
use super::report::Report;
use crate::Result;
use crate::input::ReadReport;
use crate::train::Settings;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What is told of a run beside its settings.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// What trains, and why.
    pub device: String,
    /// When it began, as local time with its offset.
    pub began: String,
    /// The command line.
    pub command: Vec<String>,
}

/// A run, for people and programs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The version of the program.
    pub version: String,
    /// The command line.
    pub command: Vec<String>,
    /// When it began, as local time with its offset.
    pub began: String,
    /// The device that trained.
    pub device: String,
    /// How many threads there were.
    pub threads: usize,
    /// The seed of everything random.
    pub seed: u64,
    /// What was read.
    pub inputs: Vec<Input>,
    /// The model it began from, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_from: Option<InitFrom>,
    /// Rows that could not be read and were left out.
    pub skipped_rows: u64,
    /// Ratings merged into another one of the same user and item.
    pub duplicates: u64,
    /// Counts and sizes.
    pub sizes: Plan,
    /// The settings, with what was left open decided.
    pub settings: Settings,
    /// What came of it.
    pub report: Report,
}

/// The model that a run began from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitFrom {
    /// Its file.
    pub path: String,
    /// The BLAKE3 checksum of its bytes: what `b3sum` prints.
    pub blake3: String,
    /// Which of its draws, from 1; the last one.
    pub draw: usize,
    /// How many of the users it knows.
    pub users: usize,
    /// How many of the items.
    pub items: usize,
    /// How many users and items of it have no ratings here, and are left out.
    pub left_out: [usize; 2],
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Its name as it was given.
    pub path: String,
    /// Its size, if it is a file.
    pub bytes: Option<u64>,
    /// How it was laid out.
    pub layout: String,
    /// Ratings in it.
    pub rows: u64,
    /// The BLAKE3 checksum of its bytes, if it is a file: what `b3sum` prints.
    #[serde(default)]
    pub blake3: Option<String>,
}

impl Input {
    /// The files of a report.
    pub(super) fn of(report: &ReadReport) -> Vec<Self> {
        let input = |file: &crate::input::FileReport| {
            let found = std::fs::metadata(&file.path).ok().filter(std::fs::Metadata::is_file);
            Self {
                path: file.path.display().to_string(),
                bytes: found.as_ref().map(std::fs::Metadata::len),
                layout: file.layout.clone(),
                rows: file.rows,
                blake3: found.and_then(|_| checksum(&file.path)),
            }
        };
        report.files.iter().map(input).collect()
    }
}

/// The checksum of a file that was just read; none if it cannot be read any more.
fn checksum(path: &Path) -> Option<String> {
    let mut hash = blake3::Hasher::new();
    hash.update_mmap_rayon(path).ok()?;
    Some(hash.finalize().to_hex().to_string())
}

impl Record {
    /// Writes it to a file.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write).
    pub fn save(&self, path: &Path) -> Result<()> {
        json::save(self, path)
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`Error::Read`](crate::Error::Read); [`Error::Damaged`](crate::Error::Damaged) if it is no such file.
    pub fn load(path: &Path) -> Result<Self> {
        json::load(path)
    }
}
