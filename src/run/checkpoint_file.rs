//! Reads and writes checkpoint files (docs/formats.md, "Checkpoints"). A file is written whole or not at all,
//! and checked before it is used.

use super::config::Config;
use super::metrics::Logged;
use crate::eval::Evaluation;
use crate::files::{AtomicFile, own_read, read_own};
use crate::train::{Checkpoint, Objective};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::path::Path;

/// The first bytes of a checkpoint; the number is the version of the format.
const MAGIC: &[u8] = b"mfgpu checkpoint 1\n";

/// Length of the checksum at the end, in bytes.
const CHECKSUM: usize = blake3::OUT_LEN;

/// Which run a checkpoint belongs to, and its progress outside of training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Header {
    /// The version of the program.
    pub(super) version: String,
    /// The checksum of the ratings, in hexadecimal digits.
    pub(super) data: String,
    /// The checksum of the model that the run starts from, if there is one.
    #[serde(default)]
    pub(super) init_from: Option<String>,
    /// The checksum of the settings that decide the result.
    pub(super) settings: String,
    /// The device that trains, as a text for people.
    pub(super) device: String,
    /// What belongs to it of `metrics.jsonl`.
    pub(super) metrics: Logged,
    /// What the model that is trained is for. If both are trained, the one for lists is first.
    pub(super) objective: Objective,
    /// The evaluation of the list model of the current fold, once it is trained.
    pub(super) fold_lists: Option<Evaluation>,
    /// The evaluations of the folds that are finished.
    pub(super) folds: Vec<Evaluation>,
    /// The error on held-out ratings after the last epoch.
    pub(super) held_out_rmse: Option<f64>,
}

impl Header {
    /// The header of a new run.
    pub(super) fn new(
        config: &Config,
        (data, init_from): (&str, Option<&str>),
        device: &str,
    ) -> Result<Self> {
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").into(),
            data: data.into(),
            init_from: init_from.map(str::to_owned),
            settings: config.checksum()?,
            device: device.into(),
            metrics: Logged::default(),
            objective: config.settings().algorithm.objective(),
            fold_lists: None,
            folds: Vec::new(),
            held_out_rmse: None,
        })
    }
}

/// The whole contents of a file.
#[derive(Debug, Deserialize)]
pub(super) struct Contents {
    pub(super) header: Header,
    pub(super) training: Checkpoint<'static>,
}

/// [`Contents`] by reference, for writing.
#[derive(Serialize)]
struct Borrowed<'a> {
    header: &'a Header,
    training: &'a Checkpoint<'a>,
}

/// Writes a checkpoint.
pub(super) fn write(file: AtomicFile, header: &Header, training: &Checkpoint<'_>) -> Result<()> {
    let path = file.path().to_owned();
    let mut file = Hashed { file, hash: blake3::Hasher::new(), failed: None };
    file.write_all(MAGIC).map_err(Error::write(&path))?;
    let mut serializer = rmp_serde::Serializer::new(&mut file).with_struct_map();
    if let Err(error) = (Borrowed { header, training }).serialize(&mut serializer) {
        return Err(match file.failed {
            Some(failed) => Error::write(path)(failed),
            None => Error::Bug(format!("a checkpoint cannot be written: {error}")),
        });
    }
    let checksum = file.hash.finalize();
    file.write_all(checksum.as_bytes()).map_err(Error::write(path))?;
    file.file.commit()
}

/// Reads a checkpoint.
///
/// # Errors
/// [`Error::Read`]; [`Error::Damaged`] if it is none, of another format, or changed since it was written.
pub(super) fn read(path: &Path) -> Result<Contents> {
    let bytes = read_own(path).map_err(own_read(path))?;
    parse(&bytes).map_err(|why| Error::Damaged { path: path.to_owned(), why })
}

/// Reads the position in training from the checkpoint of any run.
///
/// # Errors
/// [`Error::Read`]; [`Error::Damaged`] if it is no checkpoint, of another format, or changed since it was
/// written.
pub fn read_checkpoint(path: &Path) -> Result<Checkpoint<'static>> {
    Ok(read(path)?.training)
}

fn parse(bytes: &[u8]) -> std::result::Result<Contents, String> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        let found = String::from_utf8_lossy(&bytes[..bytes.len().min(MAGIC.len())]).into_owned();
        return Err(format!("found {found:?}, expected a checkpoint of format 1"));
    };
    let end = rest.len().checked_sub(CHECKSUM).ok_or("found only a beginning, expected a checkpoint")?;
    let (body, checksum) = rest.split_at(end);
    if blake3::hash(&bytes[..bytes.len() - CHECKSUM]).as_bytes() != checksum {
        return Err("the contents have another checksum than was written: damaged or cut off".into());
    }
    rmp_serde::from_slice(body).map_err(|error| format!("of another version, or no checkpoint: {error}"))
}

/// A file that hashes everything written to it.
struct Hashed {
    file: AtomicFile,
    hash: blake3::Hasher,
    /// The I/O error, which the serializer does not pass on.
    failed: Option<io::Error>,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes).inspect_err(|error| {
            let copy = error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
            self.failed.get_or_insert(copy);
        })?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ratings::Ratings;
    use crate::train::engine::cpu::CpuEngine;
    use crate::train::{Algorithm, HeldOut, Keeper, Keeping, Settings, Step, Training, resume};
    use std::ops::ControlFlow;

    /// Collects some checkpoints of a run as the bytes of their files.
    #[derive(Default)]
    struct Gather {
        asked: usize,
        files: Vec<Vec<u8>>,
    }

    impl Keeper for Gather {
        fn due(&mut self, _: Step) -> bool {
            self.asked += 1;
            self.asked.is_multiple_of(17)
        }

        fn keep(&mut self, checkpoint: &Checkpoint<'_>) -> Result<()> {
            let directory = tempfile::tempdir().map_err(Error::write("a directory"))?;
            let path = directory.path().join("one");
            let header = Header::new(&Config::default(), ("data", None), "device")?;
            write(AtomicFile::create(&path)?, &header, checkpoint)?;
            self.files.push(std::fs::read(&path).map_err(Error::read(&path))?);
            Ok(())
        }
    }

    /// Checkpoints of every phase.
    fn files() -> Vec<Vec<u8>> {
        let mut ratings = Ratings::default();
        for number in 0..600_u32 {
            ratings.push(number % 40, number * 7 % 31, (number * number % 5) as f32);
        }
        let training = Training {
            feedback: crate::ratings::Feedback::Ratings,
            relevance: crate::eval::Relevance::default(),
            ratings: &ratings,
            held_out: HeldOut::Random,
            test: None,
            warm: None,
            size: (40, 31).into(),
            comm: None,
        };
        let mut files = Vec::new();
        for algorithm in [Algorithm::Sgd, Algorithm::Als, Algorithm::Bayes] {
            let settings = Settings { algorithm, factors: Some(3), epochs: Some(20), ..Settings::default() };
            let mut keeper = Gather::default();
            let mut observe = |_: &_| ControlFlow::Continue(());
            let mut open = |problem, state: &_| Ok(Box::new(CpuEngine::new(problem, state)) as Box<_>);
            resume(
                training,
                &settings,
                (&mut open, None),
                &mut Keeping::new(&mut observe, Some(&mut keeper)),
                None,
            )
            .unwrap();
            assert!(!keeper.files.is_empty(), "{algorithm:?}");
            files.append(&mut keeper.files);
        }
        files
    }

    /// Replaces the checksum with that of the changed bytes.
    fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
        if let Some(end) = bytes.len().checked_sub(CHECKSUM) {
            let checksum = blake3::hash(&bytes[..end]);
            bytes[end..].copy_from_slice(checksum.as_bytes());
        }
        bytes
    }

    #[test]
    fn whatever_became_of_a_file_it_is_refused_or_sound() {
        let files = files();
        let (mut refused, mut sealed_refused) = (0, 0);
        let mut random = 1_u64;
        let mut draw = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % below
        };
        for round in 0..3000 {
            let mut bytes = files[draw(files.len())].clone();
            assert!(parse(&bytes).is_ok());
            match round % 4 {
                0 => {
                    let at = draw(bytes.len());
                    bytes[at] ^= 1 << draw(8);
                }
                1 => bytes.truncate(draw(bytes.len())),
                // Wherever this hits a length field, the length is now as large as possible.
                2 => {
                    let at = draw(bytes.len().min(4000) - 5);
                    let wide = [0xc6, 0xdd, 0xdf, 0xdb][draw(4)];
                    bytes[at..at + 5].copy_from_slice(&[wide, 0xff, 0xff, 0xff, 0xff]);
                }
                _ => bytes.extend([0; 3]),
            }
            refused += usize::from(parse(&bytes).is_err());
            // With a matching checksum, parsing must neither panic nor allocate more memory than the file
            // could fill.
            sealed_refused += usize::from(parse(&resealed(bytes)).is_err());
        }
        assert_eq!(refused, 3000);
        assert!(sealed_refused > 1000, "{sealed_refused}");
    }

    #[test]
    fn another_format_says_so() {
        let mut bytes = files().swap_remove(0);
        bytes[MAGIC.len() - 2] = b'2';
        let why = parse(&resealed(bytes)).unwrap_err();
        assert!(why.contains("checkpoint 2") && why.contains("format 1"), "{why}");
    }
}
