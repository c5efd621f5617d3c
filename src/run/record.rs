//! `run.json`: the record of a run: command, input, device, results.

use super::json;
use super::overlap::Shared;
use super::plan::Plan;
use super::report::Report;
use crate::Result;
use crate::files::{AtomicFile, File, length};
use crate::input::ReadReport;
use crate::train::{Rescaled, Settings};
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::Path;

/// Facts about a run that are not settings.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The device that trains, and why it was chosen.
    pub device: String,
    /// When it began, as local time with its offset.
    pub began: String,
    /// The command line.
    pub command: Vec<String>,
}

/// The record of a run, for people and programs.
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
    /// Number of threads.
    pub threads: usize,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The files of ratings.
    pub inputs: Vec<Input>,
    /// The model that the run started from, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_from: Option<InitFrom>,
    /// Rows that could not be read and were skipped.
    pub skipped_rows: u64,
    /// Ratings merged into another one of the same user and item.
    pub duplicates: u64,
    /// The files of test and validation ratings with pairs that are in the training files, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<Shared>,
    /// Counts and sizes.
    pub sizes: Plan,
    /// The settings, with open ones decided.
    pub settings: Settings,
    /// The results.
    pub report: Report,
}

/// The model that a run started from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InitFrom {
    /// Path of its file.
    pub path: String,
    /// The BLAKE3 checksum of its bytes, as printed by `b3sum`.
    pub blake3: String,
    /// Number of the draw (posterior sample) that was used, from 1: the last one.
    pub draw: usize,
    /// How many users of this run the model knows.
    pub users: usize,
    /// How many items of this run the model knows.
    pub items: usize,
    /// The scales of the model's ratings and of those of this run, if they differ so much that the model was
    /// brought to the other scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rescaled: Option<Rescaled>,
    /// How many users and items of the model have no ratings in this run and are left out.
    pub left_out: [usize; 2],
}

/// A file of ratings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Its name as given.
    pub path: String,
    /// Its size in bytes; `None` for standard input.
    pub bytes: Option<u64>,
    /// The layout that was found.
    pub layout: String,
    /// Which columns became users, items, values and times, and why, in words.
    #[serde(default)]
    pub columns: String,
    /// Number of ratings in it.
    pub rows: u64,
    /// The BLAKE3 checksum of its bytes, as printed by `b3sum`; `None` for standard input.
    #[serde(default)]
    pub blake3: Option<String>,
}

impl Input {
    /// The files of a report.
    pub(super) fn of(report: &ReadReport) -> Vec<Self> {
        let input = |file: &crate::input::FileReport| {
            let bytes = length(&file.path);
            Self {
                path: file.path.display().to_string(),
                bytes,
                layout: file.layout.clone(),
                columns: file.columns.clone(),
                rows: file.rows,
                blake3: bytes.and_then(|_| checksum(&file.path)),
            }
        };
        report.files.iter().map(input).collect()
    }
}

/// How many bytes all threads hash together. A mapped file would end the process if it became shorter.
const HASHED: usize = 8 << 20;

/// The checksum of a file that was just read; `None` if it cannot be read again.
fn checksum(path: &Path) -> Option<String> {
    let mut hash = blake3::Hasher::new();
    let mut file = File::open(path).ok()?;
    let mut block = vec![0; HASHED];
    loop {
        let mut filled = 0;
        while filled < HASHED {
            match file.read(&mut block[filled..]).ok()? {
                0 => break,
                count => filled += count,
            }
        }
        hash.update_rayon(&block[..filled]);
        if filled < HASHED {
            break;
        }
    }
    Some(hash.finalize().to_hex().to_string())
}

impl Record {
    /// Writes the record to a file.
    ///
    /// # Errors
    /// [`Error::Write`](crate::Error::Write).
    pub fn save(&self, path: &Path) -> Result<()> {
        self.write_to(AtomicFile::create(path)?)
    }

    pub(super) fn write_to(&self, file: AtomicFile) -> Result<()> {
        json::save(self, file)
    }

    /// Reads a record from a file.
    ///
    /// # Errors
    /// [`Error::Read`](crate::Error::Read); [`Error::Damaged`](crate::Error::Damaged) if the file does not
    /// hold a record.
    pub fn load(path: &Path) -> Result<Self> {
        json::load(path)
    }
}
