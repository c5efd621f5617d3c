//! The processes of a run that are ranks. Rank 0 has the directory, keeps the time and speaks. It tells the others the
//! settings; all read the ratings and compare what they have; then the others train whenever rank 0 does.

use super::config::Config;
use crate::comm::{Comm, bytes_of_rank_0, gather_texts};
use crate::train::{Checkpoint, Objective};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// What rank 0 has the others do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Word {
    /// Train one model.
    Train(Box<Order>),
    /// End.
    End,
}

/// The model to train.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    /// The fold whose ratings are left out, from 1.
    pub(super) fold: Option<u8>,
    pub(super) objective: Objective,
    /// Whether training may be ended at any time.
    pub(super) may_end: bool,
    pub(super) from: Option<Checkpoint<'static>>,
}

/// How far the others are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// They wait for the settings.
    New,
    /// They read.
    Reading,
    /// They wait for a word.
    Ready,
    /// They have ended, or will.
    Gone,
}

/// The connection of a rank to the others, and how far they are.
#[derive(Debug)]
pub(super) struct Crew {
    pub(super) comm: Arc<dyn Comm>,
    stage: Cell<Stage>,
}

/// What a rank has, to be compared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Standing {
    pub(super) version: String,
    /// The checksum of the ratings, and that of the settings.
    pub(super) data: String,
    pub(super) settings: String,
    /// The instructions that the processor has.
    pub(super) instructions: String,
    pub(super) host: String,
    /// The cores that the process may use, and those of the machine.
    pub(super) cores: [usize; 2],
    /// Why the rank cannot begin.
    pub(super) failed: Option<String>,
}

/// What was found when ranks were compared.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Compared {
    pub(super) hosts: usize,
    pub(super) warnings: Vec<String>,
}

impl Standing {
    /// That of a rank that has these checksums, or cannot begin.
    pub(super) fn of(checksums: Result<(String, String), String>) -> Self {
        let instructions = format!("{:?}", pulp::Arch::new());
        let (data, settings, failed) = match checksums {
            Ok((data, settings)) => (data, settings, None),
            Err(why) => (String::new(), String::new(), Some(why)),
        };
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            data,
            settings,
            instructions: instructions.split('(').next().unwrap_or_default().to_owned(),
            host: host(),
            cores: [cores, cores_of_the_machine().max(cores)],
            failed,
        }
    }
}

impl Crew {
    pub(super) fn new(comm: Arc<dyn Comm>) -> Self {
        Self { comm, stage: Cell::new(Stage::New) }
    }

    /// Tells the others the settings.
    pub(super) fn announce(&self, config: &Config) -> Result<()> {
        if config.ratings.iter().any(|path| path.as_os_str() == "-") {
            let why = "standard input can be read by one process; name files that all ranks can read";
            return Err(Error::Usage(why.into()));
        }
        if let Some(ranks) = config.ranks {
            let why =
                format!("the launcher started {} processes, which are the ranks", self.comm.share().size);
            return Err(Error::setting("ranks", &ranks, why));
        }
        bytes_of_rank_0(&*self.comm, config.text()?.into_bytes())?;
        self.stage.set(Stage::Reading);
        Ok(())
    }

    /// The settings of rank 0; `None` if there is nothing to do.
    pub(super) fn settings(&self) -> Result<Option<Config>> {
        let text = bytes_of_rank_0(&*self.comm, Vec::new())?;
        self.stage.set(Stage::Reading);
        if text.is_empty() {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&text);
        Config::parse(&text, "the settings of rank 0".as_ref()).map(Some)
    }

    /// Compares what all ranks have.
    ///
    /// # Errors
    /// The same on all ranks, if they cannot train together; it names the rank and its machine.
    pub(super) fn compare(&self, own: &Standing) -> Result<Compared> {
        self.stage.set(Stage::Gone);
        let text = serde_json::to_string(own).map_err(|error| Error::Bug(format!("a standing: {error}")))?;
        let texts = gather_texts(&*self.comm, &text)?;
        let all: Result<Vec<Standing>, _> = texts.iter().map(|text| serde_json::from_str(text)).collect();
        let all = all.map_err(|error| Error::Bug(format!("the standing of a rank: {error}")))?;
        let compared = compare(&all)?;
        self.stage.set(Stage::Ready);
        Ok(compared)
    }

    /// Has the others do something.
    pub(super) fn call(&self, word: &Word) -> Result<()> {
        let bytes = rmp_serde::to_vec_named(word).map_err(|error| Error::Bug(format!("a word: {error}")))?;
        bytes_of_rank_0(&*self.comm, bytes).map(drop)
    }

    /// What rank 0 has this one do.
    pub(super) fn hear(&self) -> Result<Word> {
        let bytes = bytes_of_rank_0(&*self.comm, Vec::new())?;
        rmp_serde::from_slice(&bytes).map_err(|error| Error::Bug(format!("a word of rank 0: {error}")))
    }

    /// Marks the ranks as no longer at the same place, unless all have seen the error of training.
    pub(super) fn after_training<T>(&self, trained: &Result<T>) {
        if trained.as_ref().is_err_and(|error| !is_of_all(error)) {
            self.stage.set(Stage::Gone);
            self.comm.tear();
        }
    }

    /// Lets the others end, wherever they are.
    pub(super) fn dismiss(&self) {
        let _ = match self.stage.replace(Stage::Gone) {
            Stage::New => bytes_of_rank_0(&*self.comm, Vec::new()).map(drop),
            Stage::Reading => self.compare(&Standing::of(Err("rank 0 has ended".into()))).map(drop),
            Stage::Ready => self.call(&Word::End),
            Stage::Gone => Ok(()),
        };
    }
}

/// Whether an error of training comes to all ranks: from what they have in common, or from rank 0, which tells them.
pub(super) fn is_of_all(error: &Error) -> bool {
    matches!(
        error,
        Error::Stopped { .. }
            | Error::Diverged(_)
            | Error::Write { .. }
            | Error::Setting { .. }
            | Error::Usage(_)
            | Error::Input(_)
    )
}

fn compare(all: &[Standing]) -> Result<Compared> {
    let Some(first) = all.first() else { return Ok(Compared::default()) };
    let mut warnings = Vec::new();
    for (rank, own) in all.iter().enumerate() {
        let who = format!("rank {rank} on {}", own.host);
        let unlike = |what: &str, found: &str, of: &str| {
            Err(Error::Usage(format!("{who} has {what} {found}, and rank 0 on {} {of}", first.host)))
        };
        if let Some(why) = &own.failed {
            return Err(Error::Input(format!("{who}: {why}")));
        }
        if own.version != first.version {
            return unlike("version", &own.version, &first.version);
        }
        if own.data != first.data {
            return unlike("ratings of checksum", &own.data[..16], &first.data[..16]).map_err(|error| {
                Error::Usage(format!("{error}; the files must be the same on all machines"))
            });
        }
        if own.settings != first.settings {
            return unlike("settings of checksum", &own.settings[..16], &first.settings[..16]);
        }
        if own.instructions != first.instructions {
            warnings.push(format!(
                "{who} has a processor with {} instructions, and rank 0 with {}: the model is as good, but its \
                 bits depend on how the ranks are spread",
                own.instructions, first.instructions
            ));
        }
        let alone = all.iter().filter(|other| other.host == own.host).count() == 1;
        let [cores, of] = own.cores;
        if alone && cores < of {
            warnings.push(format!(
                "{who} may use {cores} of {of} cores; `mpirun --bind-to none` and `srun --cpus-per-task` let it use \
                 more"
            ));
        }
    }
    let mut hosts: Vec<&str> = all.iter().map(|own| own.host.as_str()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    Ok(Compared { hosts: hosts.len(), warnings })
}

/// The name of this machine.
fn host() -> String {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    return std::env::var("COMPUTERNAME").unwrap_or_default();
}

/// The cores of this machine that are on, whether this process may use them or not; 0 if that is not known.
fn cores_of_the_machine() -> usize {
    let cores = crate::files::read_text("/proc/cpuinfo".as_ref()).unwrap_or_default();
    cores.lines().filter(|line| line.starts_with("processor")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing() -> Standing {
        let checksum = |letter: &str| letter.repeat(64);
        let own = Standing::of(Ok((checksum("a"), checksum("b"))));
        Standing { host: "one".into(), cores: [4, 4], ..own }
    }

    #[test]
    fn ranks_that_are_alike_train_together() {
        let other = Standing { host: "two".into(), ..standing() };
        let compared = compare(&[standing(), standing(), other]).unwrap();
        assert_eq!(compared, Compared { hosts: 2, warnings: Vec::new() });
        assert!(!standing().instructions.is_empty() && standing().failed.is_none());
    }

    #[test]
    fn what_differs_is_named() {
        let unlike = |other: Standing| compare(&[standing(), Standing { host: "two".into(), ..other }]);
        let said = |other| unlike(other).unwrap_err().to_string();
        let own = standing();
        let version = said(Standing { version: "0.0.1".into(), ..own.clone() });
        assert!(version.starts_with("rank 1 on two has version 0.0.1"), "{version}");
        let data = said(Standing { data: "c".repeat(64), ..own.clone() });
        assert!(data.contains("cccccccccccccccc") && data.contains("the same on all machines"), "{data}");
        let settings = said(Standing { settings: "c".repeat(64), ..own.clone() });
        assert!(settings.contains("settings"), "{settings}");
        let failed = said(Standing { failed: Some("ratings.csv: no such file".into()), ..own.clone() });
        assert_eq!(failed, "rank 1 on two: ratings.csv: no such file");
        let warned = unlike(Standing { instructions: "others".into(), ..own.clone() }).unwrap().warnings;
        assert!(warned[0].contains("others"), "{warned:?}");
        let bound = unlike(Standing { cores: [1, 64], ..own.clone() }).unwrap().warnings;
        assert!(bound[0].starts_with("rank 1 on two may use 1 of 64 cores"), "{bound:?}");
        // Several ranks of one machine share its cores.
        let bound = Standing { cores: [1, 64], ..own };
        assert!(compare(&[bound.clone(), bound]).unwrap().warnings.is_empty());
    }
}
