//! What a run reads lies apart from what it writes.

use super::config::Config;
use super::directory::is_next;
use super::names;
use crate::files::{Identity, below, entries};
use crate::input::counts;
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// Every path at which a run in this directory has a file, whether it exists or not, and all files in the
/// directories that the run fills.
pub fn files_of(directory: &Path) -> Vec<PathBuf> {
    let files = names::OUTPUTS.into_iter().chain(names::OWN);
    let mut all: Vec<PathBuf> = files.map(|name| directory.join(name)).collect();
    let next = entries(directory).unwrap_or_default().into_iter().filter(|path| is_next(path));
    for inside in names::DIRECTORIES.map(|name| directory.join(name)).into_iter().chain(next) {
        all.append(&mut below(&inside));
        all.push(inside);
    }
    all
}

/// The files that say how the runs in a directory stand, or the run that the directory is.
pub fn statuses_in(directory: &Path) -> Vec<PathBuf> {
    let runs = entries(directory).unwrap_or_default().into_iter().chain([directory.to_owned()]);
    let read = [names::STATUS, names::LOCK, names::RECORD, names::CONFIG];
    runs.flat_map(|run| read.map(|name| run.join(name))).collect()
}

/// Refuses a run that reads a file which it would replace in its directory, under this name or another, and
/// one whose directory lies among the ratings that it reads.
pub(super) fn check(config: &Config, directory: &Path) -> Result<()> {
    let refused = |path: &Path, file: &Path| {
        let (path, file) = (path.display(), file.display());
        let advice = "name another directory for the run";
        Err(Error::Usage(format!("{path} is read, and the run would write {file}; {advice}")))
    };
    let identified = |path: PathBuf| Some((Identity::of_input(&path)?, path));
    let written: Vec<_> = files_of(directory).into_iter().filter_map(identified).collect();
    for (input, path) in config.inputs().into_iter().filter_map(identified) {
        let is = |file: &Identity| input.is(file) || input.below(file).is_some();
        if let Some((_, file)) = written.iter().find(|(file, _)| is(file)) {
            return refused(&path, file);
        }
    }
    let run = Identity::of(directory);
    for (table, path) in config.tables().filter(|path| path.is_dir()).cloned().filter_map(identified) {
        if run.as_ref().and_then(|run| run.below(&table)).is_some_and(counts) {
            return refused(&path, directory);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Slice;
    use std::fs;

    #[test]
    fn a_run_does_not_write_what_it_reads() {
        let own = tempfile::tempdir().unwrap();
        let at = |name: &str| own.path().join(name);
        fs::create_dir_all(at("d/checkpoints/deep")).unwrap();
        let refused = |config: Config| match check(&config, &at("d")) {
            Ok(()) => false,
            Err(error) => {
                assert_eq!(error.exit_code(), 2);
                true
            }
        };
        let reads = |path: PathBuf| Config { ratings: vec![path], ..Config::default() };
        for name in
            names::OUTPUTS.into_iter().chain(["checkpoints/a.csv", "checkpoints/deep/a", "mfgpu.next/a"])
        {
            assert!(refused(reads(at("d").join(name))), "{name}");
            assert!(refused(Config { test: Some(Slice::File(at("d").join(name))), ..reads("r.csv".into()) }));
        }
        for free in ["r.csv", "d/r.csv", "d/deep/top.csv", "top.csv", "e/checkpoints/a", "d/checkpoints.csv"]
        {
            assert!(!refused(reads(at(free))), "{free}");
        }
        assert!(refused(Config { init_from: Some(at("d")), ..reads("r.csv".into()) }));
        assert!(refused(Config { item_names: Some(at("d/../d/log.txt")), ..reads("r.csv".into()) }));
        fs::create_dir(at("parts")).unwrap();
        fs::write(at("parts/a.csv"), "x").unwrap();
        assert!(!refused(reads(at("parts"))));
        assert!(refused(reads(own.path().to_owned())), "the run is among the ratings");
        assert!(check(&reads(own.path().to_owned()), &at("_runs/new")).is_ok(), "a name that is skipped");
        fs::hard_link(at("parts/a.csv"), at("d/checkpoints/deep/b")).unwrap();
        assert_eq!(refused(reads(at("parts"))), cfg!(unix));
    }
}
