//! Everything that can be chosen about a run, as a TOML file. Defaults are written here and in the parts.

use crate::files::AtomicFile;
use crate::gpu::DeviceChoice;
use crate::input::ReadOptions;
use crate::train::Settings;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The settings of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The files of ratings; `-` is standard input.
    pub ratings: Vec<PathBuf>,
    /// A file of ratings to stop by, in place of a random slice.
    pub valid_file: Option<PathBuf>,
    /// Ratings to measure the finished model by: a random slice, or a file.
    pub test: Option<Slice>,
    /// What to work on.
    pub device: DeviceChoice,
    /// How many threads; `None` is one a core.
    pub threads: Option<usize>,
    /// How long the list of each user in `top.csv` is; 0 writes none.
    pub top: usize,
    /// A file of items' titles for `top.csv`.
    pub item_names: Option<PathBuf>,
    /// Whether the model keeps the ratings, to leave out what was seen and to fill in what is known.
    pub keep_ratings: bool,
    /// How ratings are read.
    pub input: ReadOptions,
    /// How the model is trained.
    pub training: Settings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ratings: Vec::new(),
            valid_file: None,
            test: None,
            device: DeviceChoice::default(),
            threads: None,
            top: 20,
            item_names: None,
            keep_ratings: true,
            input: ReadOptions::default(),
            training: Settings::default(),
        }
    }
}

/// Some ratings that are set aside: a random part of all, or a file of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Slice {
    /// This part of the ratings, from 0 up to, not including, 1.
    Fraction(f64),
    /// The ratings of this file.
    File(PathBuf),
}

impl FromStr for Slice {
    type Err = Error;

    /// What reads as a number is a fraction.
    fn from_str(text: &str) -> Result<Self> {
        match text.parse::<f64>() {
            Ok(fraction) if (0.0..1.0).contains(&fraction) => Ok(Self::Fraction(fraction)),
            Ok(_) => {
                Err(Error::Usage(format!("`{text}`: expected a file, or a fraction from 0 to less than 1")))
            }
            Err(_) => Ok(Self::File(text.into())),
        }
    }
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Read`]; [`Error::Usage`] with the line for what is no setting.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::read(path))?;
        toml::from_str(&text).map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
    }

    /// Writes a file that [`load`](Self::load) reads back the same, but for paths, which are made absolute.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn save(&self, path: &Path) -> Result<()> {
        let mut config = Self { training: self.training.resolved(), ..self.clone() };
        config.ratings.iter_mut().for_each(absolute);
        config.valid_file.iter_mut().for_each(absolute);
        config.item_names.iter_mut().for_each(absolute);
        if let Some(Slice::File(path)) = &mut config.test {
            absolute(path);
        }
        let text = toml::to_string(&config).map_err(|error| Error::Bug(format!("settings: {error}")))?;
        let mut file = AtomicFile::create(path)?;
        let head = "# All settings of this run; `mfgpu train --config config.toml` repeats it.\n";
        file.write_all(head.as_bytes())
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(Error::write(path))?;
        file.commit()
    }

    /// Checks every setting, and that each file it names is there.
    ///
    /// # Errors
    /// [`Error::Usage`], [`Error::Read`].
    pub fn check(&self) -> Result<()> {
        self.training.check()?;
        if self.ratings.is_empty() {
            return Err(Error::Usage("no file of ratings is named (`-` is standard input)".into()));
        }
        if let Some(Slice::Fraction(fraction)) = self.test
            && !(0.0..1.0).contains(&fraction)
        {
            return Err(Error::Usage(format!("--test is {fraction}; a fraction is from 0 to less than 1")));
        }
        if self.threads == Some(0) {
            return Err(Error::Usage("--threads is 0; it must be at least 1".into()));
        }
        let test = match &self.test {
            Some(Slice::File(path)) => Some(path),
            _ => None,
        };
        let files = self.ratings.iter().chain(&self.valid_file).chain(&self.item_names).chain(test);
        for path in files.filter(|path| path.as_os_str() != "-") {
            std::fs::metadata(path).map_err(Error::read(path))?;
        }
        Ok(())
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
    use crate::train::{Regularization, Start};

    #[test]
    fn settings_go_both_ways() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.toml");
        let training = Settings::default().resolved();
        let mut config = Config { ratings: vec!["-".into()], training, ..Config::default() };
        config.save(&path).unwrap();
        assert_eq!(Config::load(&path).unwrap(), config);
        config.test = Some(Slice::Fraction(0.1));
        config.device = DeviceChoice::GpuNumber(1);
        config.training.regularization = Regularization::Fixed(0.065);
        config.training.start = Some(Start::Offset);
        config.training.learning_rate = 0.07;
        config.training.valid = Some(0.02);
        config.input.user_column = Some("who".into());
        config.save(&path).unwrap();
        assert_eq!(Config::load(&path).unwrap(), config);
        std::fs::write(&path, "[training]\nepoch = 3\n").unwrap();
        let error = Config::load(&path).unwrap_err();
        assert!(error.to_string().contains("epoch") && error.exit_code() == 2, "{error}");
    }

    #[test]
    fn what_is_no_number_is_a_file() {
        assert_eq!("0.1".parse::<Slice>().unwrap(), Slice::Fraction(0.1));
        assert_eq!("test.csv".parse::<Slice>().unwrap(), Slice::File("test.csv".into()));
        assert_eq!("1.5".parse::<Slice>().unwrap_err().exit_code(), 2);
    }
}
