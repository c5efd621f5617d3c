//! Every setting of a run, as a TOML file. Defaults are written here and in the nested settings.

use super::limits::{Every, Limit};
use super::names;
use super::objectives::Objectives;
use super::overlap::Overlap;
use super::slice::Slice;
use super::threads::threads;
use crate::comm;
use crate::eval::EvaluationOptions;
use crate::files::{AtomicFile, metadata, own_read, read_own_text, read_text};
use crate::gpu::{Budget, DeviceChoice};
use crate::input::{ReadOptions, files_of};
use crate::model::model_file;
use crate::train::{Algorithm, Objective, Settings};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What takes over when the device fails for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fallback {
    /// Nothing: the run ends, and can be resumed.
    #[default]
    None,
    /// The processor.
    Cpu,
}

impl Fallback {
    /// All variants.
    pub const ALL: [Self; 2] = [Self::None, Self::Cpu];

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Cpu => "cpu",
        }
    }
}

/// The settings of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The files of ratings; `-` is standard input.
    pub ratings: Vec<PathBuf>,
    /// The validation ratings, for early stopping; `None` is a random slice of a size that suits the ratings.
    /// A fraction is written as `valid` in `[training]` and read in both places; any other slice stands
    /// outside of `[training]`.
    pub valid: Option<Slice>,
    /// The test ratings, which measure the finished model.
    pub test: Option<Slice>,
    /// What is done about pairs of a test or validation file that are in the training files, too.
    #[serde(skip_serializing_if = "Overlap::is_default")]
    pub test_overlap: Overlap,
    /// Number of folds for cross-validation: each is measured with a model trained on the others.
    pub folds: Option<u8>,
    /// The model to start from: its file, or the directory of its run.
    pub init_from: Option<PathBuf>,
    /// How often a checkpoint is written.
    pub checkpoint_every: Every,
    /// Time limit: the run ends by then, with the best model it has.
    pub max_time: Option<Limit>,
    /// The device to train on.
    pub device: DeviceChoice,
    /// Upper limit of the GPU memory that training takes.
    pub vram: Option<Budget>,
    /// What takes over when the device fails for good.
    pub fallback: Fallback,
    /// Upper limit of the memory that the run takes, about; ratings that do not fit it are read from disk as they
    /// are needed. `None` has them in memory, unless they are a prepared set that does not fit what is available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Budget>,
    /// Number of threads; `None` is one per core.
    pub threads: Option<usize>,
    /// Number of ranks that train together, each a thread with a device of its own; `None` is one, and with all
    /// GPUs one on each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ranks: Option<usize>,
    /// Length of each user's list in `top.csv`; 0 writes no lists.
    pub top: usize,
    /// A file with titles of items, for the model and for `top.csv`.
    pub item_names: Option<PathBuf>,
    /// Whether ids and titles in `top.csv` that a spreadsheet would take for formulas are written so that it does
    /// not.
    pub csv_safe: bool,
    /// Whether the model keeps the training ratings, so that lists leave out seen items and completion keeps
    /// known values.
    pub keep_ratings: bool,
    /// What is trained; `None` is both for ratings, and lists for weights and pairs.
    pub objective: Option<Objectives>,
    /// How ratings are read.
    pub input: ReadOptions,
    /// How the model of ratings is trained. [`settings`](Self::settings) adds the size of the random validation slice.
    pub training: Settings,
    /// How the model of lists is trained. The seed and the refit are those of `training`.
    pub lists: Settings,
    /// How the models are measured.
    pub evaluation: EvaluationOptions,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ratings: Vec::new(),
            valid: None,
            test: None,
            test_overlap: Overlap::default(),
            folds: None,
            init_from: None,
            checkpoint_every: Every::default(),
            max_time: None,
            device: DeviceChoice::default(),
            vram: None,
            memory: None,
            fallback: Fallback::default(),
            threads: None,
            ranks: None,
            top: 20,
            item_names: None,
            csv_safe: false,
            keep_ratings: true,
            objective: None,
            input: ReadOptions::default(),
            training: Settings::default(),
            lists: Settings { algorithm: Algorithm::Ials, ..Settings::default() },
            evaluation: EvaluationOptions::default(),
        }
    }
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Read`]; [`Error::Usage`] with the line of an unknown setting, in one line of text.
    pub fn load(path: &Path) -> Result<Self> {
        Self::parse(&read_text(path).map_err(Error::read(path))?, path)
    }

    /// Reads the settings of the run in a directory.
    ///
    /// # Errors
    /// As [`load`](Self::load); [`Error::Damaged`] if the file is a link, a pipe or a device.
    pub fn of_run(directory: &Path) -> Result<Self> {
        let path = directory.join(names::CONFIG);
        Self::parse(&read_own_text(&path).map_err(own_read(&path))?, &path)
    }

    pub(super) fn parse(text: &str, path: &Path) -> Result<Self> {
        let wrong = |error: toml::de::Error| {
            let before = error.span().map(|at| text.bytes().take(at.start));
            let ends = before.map(|before| before.filter(|&byte| byte == b'\n').count());
            let line = ends.map_or(String::new(), |ends| format!(":{}", ends + 1));
            Error::Usage(format!("{}{line}: {}", path.display(), error.message().replace('\n', ", ")))
        };
        let mut config: Self = toml::from_str(text).map_err(wrong)?;
        // A fraction has no effect next to another slice. It is kept because the checksum of the settings
        // includes it.
        if config.valid.as_ref().is_none_or(|valid| valid.fraction().is_some()) {
            let inside = config.training.valid.take().map(Slice::Fraction);
            config.valid = config.valid.or(inside);
        }
        // The lists have one algorithm, which need not be named.
        let named = toml::from_str::<toml::Table>(text)
            .is_ok_and(|table| table.get("lists").is_some_and(|lists| lists.get("algorithm").is_some()));
        if !named {
            config.lists.algorithm = Algorithm::Ials;
        }
        // An algorithm of lists is another way to ask for nothing else.
        if config.training.algorithm.objective() == Objective::Lists {
            config.lists = std::mem::take(&mut config.training);
            (config.training.seed, config.training.refit) = (config.lists.seed, config.lists.refit);
            config.objective = Some(Objectives::Lists);
        }
        Ok(config)
    }

    /// The training settings, with the size of the random validation slice.
    pub fn settings(&self) -> Settings {
        let fraction = self.valid.as_ref().and_then(Slice::fraction);
        Settings { valid: fraction.or(self.training.valid), ..self.training.clone() }
    }

    /// The settings as they are written to a file: open ones get the defaults of the algorithm, and a
    /// fraction `valid` moves to `[training]`.
    fn written(&self) -> Self {
        let valid = self.valid.clone().filter(|valid| valid.fraction().is_none());
        // Before the ratings are read it is not known what the settings of training are for.
        let training = self.settings();
        let training = if self.objective.is_some() { training.resolved() } else { training };
        Self { valid, training, lists: self.lists.resolved(), ..self.clone() }
    }

    /// Writes a file that [`load`](Self::load) reads back unchanged, except that paths are made absolute.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn save(&self, path: &Path) -> Result<()> {
        self.write_to(AtomicFile::create(path)?)
    }

    pub(super) fn write_to(&self, mut file: AtomicFile) -> Result<()> {
        let head = "# All settings of this run; `mfgpu train --config config.toml` repeats it.\n";
        let text = self.text()?;
        file.write_all(head.as_bytes())
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(|error| Error::write(file.path())(error))?;
        file.commit()
    }

    /// The text of a file that [`load`](Self::load) reads back unchanged, except that paths are made absolute.
    pub(super) fn text(&self) -> Result<String> {
        let mut config = self.written();
        config.ratings.iter_mut().for_each(absolute);
        config.item_names.iter_mut().chain(&mut config.init_from).for_each(absolute);
        for slice in config.valid.iter_mut().chain(&mut config.test) {
            if let Slice::File(path) = slice {
                absolute(path);
            }
        }
        toml::to_string(&config).map_err(|error| Error::Bug(format!("settings: {error}")))
    }

    /// The checksum of every setting that affects training; the ratings themselves are not included.
    pub(super) fn checksum(&self) -> Result<String> {
        let Self { valid, test, folds, keep_ratings, objective, training, lists, evaluation, .. } =
            self.written();
        // What is relevant decides when a model of lists is good enough. The rest is for measuring models that
        // are trained, which folds do on the way.
        let evaluation = match folds {
            Some(_) => evaluation,
            None => EvaluationOptions { relevance: evaluation.relevance, ..EvaluationOptions::default() },
        };
        let decisive = Self {
            valid,
            test,
            folds,
            keep_ratings,
            objective,
            training,
            lists,
            evaluation,
            ..Self::default()
        };
        let text = toml::to_string(&decisive).map_err(|error| Error::Bug(format!("settings: {error}")))?;
        Ok(blake3::hash(text.as_bytes()).to_hex().to_string())
    }

    /// The test ratings; a fraction of 0 is `None`.
    pub(super) fn test(&self) -> Option<&Slice> {
        self.test.as_ref().filter(|test| **test != Slice::Fraction(0.0))
    }

    /// Whether the test ratings are taken out of the training files.
    pub fn sets_test_aside(&self) -> bool {
        self.test().is_some_and(|test| test.file().is_none())
    }

    /// Whether the run may write the file of this name.
    pub(super) fn may_write(&self, name: &str) -> bool {
        match name {
            names::TEST => self.sets_test_aside(),
            names::TOP => self.top > 0,
            names::HELD_OUT => self.test().is_none(),
            names::LISTS => self.objective.is_none_or(|objective| objective == Objectives::Both),
            _ => true,
        }
    }

    /// Whether some ratings are chosen by their times.
    pub(super) fn needs_times(&self) -> bool {
        [&self.test, &self.valid].into_iter().flatten().any(Slice::is_timed)
    }

    /// Whether the model needs the ratings when it is trained: to keep them, or to leave out seen items.
    pub(super) fn needs_ratings_at_the_end(&self) -> bool {
        self.keep_ratings || self.top > 0 || self.test().is_some() || self.folds.is_some()
    }

    /// The evaluation options, with the seed of the run.
    pub(super) fn evaluation(&self) -> EvaluationOptions {
        EvaluationOptions { seed: self.training.seed, ..self.evaluation.clone() }
    }

    /// Checks every setting, and that every named file exists.
    ///
    /// # Errors
    /// [`Error::Setting`], [`Error::Usage`] without ratings, [`Error::Read`].
    pub fn check(&self) -> Result<()> {
        self.check_settings()?;
        for path in self.files() {
            metadata(&path).map_err(Error::read(&path))?;
        }
        Ok(())
    }

    /// Checks every setting.
    pub(super) fn check_settings(&self) -> Result<()> {
        self.settings().check()?;
        self.settings_of(Objective::Lists).check()?;
        if self.lists.algorithm.objective() != Objective::Lists {
            return Err(Error::setting("lists.algorithm", &self.lists.algorithm.name(), "it may be `ials`"));
        }
        self.evaluation.check()?;
        if self.ratings.is_empty() {
            return Err(Error::Usage("no file of ratings is named (`-` is standard input)".into()));
        }
        if let Some(test) = &self.test {
            test.check("test")?;
        }
        if let Some(folds) = self.folds {
            self.check_folds(folds)?;
        }
        if let Some(valid) = &self.valid {
            valid.check("valid")?;
        }
        if let Some(ranks) = self.ranks.filter(|ranks| !(1..=comm::MOST).contains(ranks)) {
            return Err(Error::setting("ranks", &ranks, format!("it may be from 1 to {}", comm::MOST)));
        }
        threads(self.threads).map(drop)
    }

    fn check_folds(&self, folds: u8) -> Result<()> {
        let wrong = |found: String, expected: &str| Err(Error::setting("folds", &found, expected));
        if folds < 2 {
            return wrong(folds.to_string(), "there must be at least 2");
        }
        if let Some(test) = self.test() {
            let why = "folds measure all ratings, a test some of them; name one of the two";
            return wrong(format!("{folds} with `test = {test}`"), why);
        }
        if let Some(path) = &self.init_from {
            let why = "folds measure models by ratings that they have not seen, and the model to begin from \
                       has seen all; name one of the two";
            return wrong(format!("{folds} with `init_from = {}`", path.display()), why);
        }
        Ok(())
    }

    /// The files and directories of ratings that the run reads.
    pub fn tables(&self) -> impl Iterator<Item = &PathBuf> {
        let slices = [&self.valid, &self.test].into_iter().flatten();
        self.ratings.iter().chain(slices.filter_map(Slice::file))
    }

    /// All files that the run reads, whether they exist or not; `-` is standard input, and a directory of
    /// ratings stands for its files.
    pub fn inputs(&self) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = self.tables().flat_map(|path| files_of(path)).collect();
        all.extend(self.item_names.clone());
        match &self.init_from {
            Some(run) if run.is_dir() => all.extend([names::MODEL, names::LISTS].map(|name| run.join(name))),
            model => all.extend(model.clone()),
        }
        all
    }

    /// All files that are read, without standard input.
    fn files(&self) -> impl Iterator<Item = PathBuf> {
        let files = self.tables().chain(&self.item_names);
        let model = self.init_from.as_deref().map(model_file);
        files.filter(|path| path.as_os_str() != "-").cloned().chain(model)
    }
}

fn absolute(path: &mut PathBuf) {
    if path.as_os_str() != "-"
        && let Ok(whole) = std::path::absolute(&path)
    {
        *path = whole;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Relevance;
    use crate::train::{Choice, Start};

    #[test]
    fn names_are_what_serde_writes() {
        let name = |value: Fallback| serde_json::to_value(value).unwrap();
        assert!(Fallback::ALL.iter().all(|&value| name(value) == value.name()));
    }

    #[test]
    fn settings_go_both_ways() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        let training = Settings::default().resolved();
        let lists = Config::default().lists.resolved();
        let objective = Some(Objectives::Both);
        let mut config =
            Config { ratings: vec!["-".into()], objective, training, lists, ..Config::default() };
        config.save(&path).unwrap();
        assert_eq!(Config::load(&path).unwrap(), config);
        config.test = Some(Slice::Fraction(0.1));
        config.valid = Some(Slice::Last(2));
        config.device = DeviceChoice::GpuNumber(1);
        config.training.regularization = Choice::Fixed(0.065);
        config.training.start = Some(Start::Offset);
        config.training.learning_rate = 0.07;
        config.training.valid = Some(0.02);
        config.input.user_column = Some("who".into());
        config.save(&path).unwrap();
        assert_eq!(Config::load(&path).unwrap(), config);
        config.test = Some(Slice::After("2001-05-01".into()));
        config.folds = Some(5);
        config.evaluation.cutoffs = vec![5, 20];
        config.evaluation.relevance = Relevance::From(3.5);
        config.valid = Some(Slice::File(path.clone()));
        config.save(&path).unwrap();
        assert_eq!(Config::load(&path).unwrap(), config);
        std::fs::write(&path, "[training]\nepoch = 3\n").unwrap();
        let error = Config::load(&path).unwrap_err();
        assert!(error.to_string().contains("epoch") && error.exit_code() == 2, "{error}");
        assert!(error.to_string().starts_with(&format!("{}:2: ", path.display())), "{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }

    #[test]
    fn inputs_are_files() {
        let own = tempfile::tempdir().unwrap();
        let at = |name: &str| own.path().join(name);
        std::fs::create_dir_all(at("parts/year=1")).unwrap();
        std::fs::create_dir(at("run")).unwrap();
        for name in ["parts/a.csv", "parts/year=1/b.csv", "parts/_notes"] {
            std::fs::write(at(name), "").unwrap();
        }
        let config = Config {
            ratings: vec!["-".into(), at("parts"), at("gone.csv")],
            valid: Some(Slice::Last(2)),
            test: Some(Slice::File(at("test.csv"))),
            item_names: Some(at("titles.csv")),
            init_from: Some(at("run")),
            ..Config::default()
        };
        let names = ["parts/a.csv", "parts/year=1/b.csv", "gone.csv", "test.csv", "titles.csv"];
        let models = ["run/model.safetensors", "run/lists.safetensors"];
        let expected = names.iter().chain(&models).map(|name| at(name));
        assert_eq!(config.inputs(), [PathBuf::from("-")].into_iter().chain(expected).collect::<Vec<_>>());
        let of_file = Config { init_from: Some(at("other.safetensors")), ..Config::default() };
        assert_eq!(of_file.inputs(), [at("other.safetensors")]);
    }

    /// A fraction is read inside and outside of `[training]`, and always written inside.
    #[test]
    fn the_validation_ratings_are_one_setting() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Config::load(&path).unwrap()
        };
        let last = Some(Slice::Last(2));
        for (text, valid, fraction) in [
            ("", None, None),
            ("[training]\nvalid = 0.1\n", Some(Slice::Fraction(0.1)), Some(0.1)),
            ("valid = 0.1\n", Some(Slice::Fraction(0.1)), Some(0.1)),
            ("valid = 0.1\n[training]\nvalid = 0.2\n", Some(Slice::Fraction(0.1)), Some(0.1)),
            ("valid = \"last:2\"\n", last.clone(), None),
            ("valid = \"last:2\"\n[training]\nvalid = 0.2\n", last, Some(0.2)),
        ] {
            let config = read(text);
            assert_eq!((&config.valid, config.settings().valid), (&valid, fraction), "{text}");
            config.save(&path).unwrap();
            let again = Config::load(&path).unwrap();
            assert_eq!((&again.valid, again.settings().valid), (&valid, fraction), "{text}");
            assert_eq!(again.checksum().unwrap(), config.checksum().unwrap(), "{text}");
            let written = std::fs::read_to_string(&path).unwrap();
            let (_, training) = written.split_once("[training]").unwrap();
            assert_eq!(training.contains("\nvalid = "), fraction.is_some(), "{text}");
        }
        let wrong = read("valid = 1.5\n");
        assert_eq!(wrong.settings().check().unwrap_err().exit_code(), 2);
    }
}
