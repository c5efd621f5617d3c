//! The flags of `train`.

use crate::flags::evaluation::EvaluationArguments;
use crate::flags::input::InputArguments;
use crate::flags::named::{explained, on_off, switch};
use crate::flags::over::over;
use crate::flags::paths::{Aside, Content, Output, Reads, Writes, aside, plain, reads, writes};
use crate::flags::progress::ProgressArguments;
use crate::flags::settings::SettingsArguments;
use crate::flags::world::WorldArguments;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::gpu::{Budget, DeviceChoice};
use mfgpu::run::{Config, Every, Fallback, Limit, Objectives, Overlap, algorithm_of};
use mfgpu::train::Objective;
use mfgpu::{Error, Result};

/// The ratings, the settings, and the destination of a run.
#[derive(Debug, Args)]
pub(crate) struct TrainArguments {
    /// Files of ratings; `-` is standard input
    #[arg(value_name = "RATINGS", value_parser = reads(Content::Ratings), value_hint = AnyPath)]
    ratings: Vec<Reads>,
    #[command(flatten)]
    settings: SettingsArguments,
    /// Begin from a model: known users and items keep their factors, new ones start fresh
    ///
    /// RATINGS are all ratings to train on, old and new; users and items of the model without any are left
    /// out. Settings that are not named are those of the model, so there is no race over them. With bayes,
    /// the chain resumes from the last draw of the model. Held-out ratings are taken from those that the
    /// model was not trained on.
    #[arg(long, value_name = "MODEL", env = "MFGPU_INIT_FROM", hide_env = true, help_heading = "Training")]
    #[arg(value_parser = reads(Content::Model), value_hint = AnyPath)]
    init_from: Option<Reads>,
    #[command(flatten)]
    input: InputArguments,

    /// Ratings to measure the finished model by: FRACTION, last:N, after:DATE, or a file
    ///
    /// A random fraction; the latest N ratings of each user who has more (by time if a column of times is
    /// found, otherwise by the order of the file); all ratings from a date on, such as after:2001-05-01; or
    /// those of a file. What is taken from the ratings is written to test.csv. `--valid` takes the same.
    #[arg(long, value_name = "SLICE", env = "MFGPU_TEST", hide_env = true, help_heading = "Measuring")]
    #[arg(value_parser = aside(), value_hint = AnyPath)]
    test: Option<Aside>,
    /// What to do about pairs of a test or validation file that are in RATINGS, too [default: keep]
    ///
    /// A model remembers what it was trained on, so errors on such pairs are too low. Without the flag there is a
    /// warning that says how many they are.
    #[arg(
        long,
        value_name = "WHAT",
        env = "MFGPU_TEST_OVERLAP",
        hide_env = true,
        help_heading = "Measuring"
    )]
    #[arg(value_parser = explained(&Overlap::ALL, Overlap::name, explain_overlap))]
    test_overlap: Option<Overlap>,
    /// Measure all ratings in so many folds, each by a model of the others, before the model of all is
    /// trained
    #[arg(long, value_name = "N", env = "MFGPU_FOLDS", hide_env = true, help_heading = "Measuring")]
    folds: Option<u8>,
    #[command(flatten)]
    evaluation: EvaluationArguments,
    #[arg(long, value_name = "DEVICE", env = "MFGPU_DEVICE", hide_env = true, help_heading = "Run")]
    #[arg(help = format!("auto, cpu, gpu, gpu:N, gpu:all or name:TEXT [default: {}]", Config::default().device))]
    device: Option<DeviceChoice>,
    /// Train as so many ranks, threads that share the rows [default: 1; with gpu:all, one a GPU]
    ///
    /// The model does not depend on their number. Ranks pay where each has a GPU; on a CPU, one with all threads
    /// is as fast.
    #[arg(long, value_name = "N", env = "MFGPU_RANKS", hide_env = true, help_heading = "Run")]
    ranks: Option<usize>,
    /// Memory of the GPU to use at most, such as 6GiB, or 80% of what the driver says is to be had
    ///
    /// Ratings that do not fit stream through it; the result is the same.
    #[arg(long, value_name = "SIZE|PERCENT", env = "MFGPU_VRAM", hide_env = true, help_heading = "Run")]
    vram: Option<Budget>,
    /// Memory of this machine to take at most, about, such as 8GiB, or 50% of what is available
    ///
    /// Ratings that do not fit are read from disk as they are needed; the result is the same. Without the flag ratings
    /// are in memory, unless they are a set of `prepare` that does not fit.
    #[arg(long, value_name = "SIZE|PERCENT", env = "MFGPU_MEMORY", hide_env = true, help_heading = "Run")]
    memory: Option<Budget>,
    /// What takes over when the device fails twice: cpu, or none [default: none]
    #[arg(long, value_name = "none|cpu", env = "MFGPU_FALLBACK", hide_env = true, help_heading = "Run")]
    #[arg(value_parser = explained(&Fallback::ALL, Fallback::name, explain_fallback))]
    fallback: Option<Fallback>,

    /// Directory for the run: new, empty, or that of a run [default: runs/TIME-NAME]
    #[arg(short, long, alias = "output", value_name = "DIR", env = "MFGPU_OUT", hide_env = true)]
    #[arg(help_heading = "Output", value_parser = writes(Output::Run), value_hint = AnyPath)]
    pub(crate) out: Option<Writes>,
    /// Replace the run that is in the directory, once this one is complete
    #[arg(long, help_heading = "Output")]
    pub(crate) force: bool,
    #[arg(long, value_name = "N", env = "MFGPU_TOP", hide_env = true, help_heading = "Output")]
    #[arg(help = format!("Length of each user's list in top.csv, 0 for none [default: {}]", Config::default().top))]
    top: Option<usize>,
    /// Titles of items, which the model keeps for later commands: a file with ids and titles
    #[arg(long, value_name = "FILE", env = "MFGPU_ITEM_NAMES", hide_env = true, help_heading = "Output")]
    #[arg(value_parser = reads(Content::File), value_hint = AnyPath)]
    item_names: Option<Reads>,
    /// Write ids and titles that a spreadsheet would take for formulas in quotes, after an apostrophe
    ///
    /// In top.csv alone: test.csv is there to be read again.
    #[arg(long, value_name = "on|off", env = "MFGPU_CSV_SAFE", hide_env = true, help_heading = "Output")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = on_off(true), value_parser = switch())]
    csv_safe: Option<bool>,
    #[arg(long, value_name = "on|off", env = "MFGPU_KEEP_RATINGS", hide_env = true, help_heading = "Output")]
    #[arg(help = format!("Keep the ratings in the model [default: {}]", on_off(Config::default().keep_ratings)))]
    #[arg(value_parser = switch())]
    keep_ratings: Option<bool>,

    #[arg(
        long,
        value_name = "TIME|N epochs",
        env = "MFGPU_CHECKPOINT_EVERY",
        hide_env = true,
        help_heading = "Run"
    )]
    #[arg(help = format!("How often a checkpoint is written: a time, `N epochs`, or off [default: {}]", Every::default()))]
    checkpoint_every: Option<Every>,
    /// End after so long, such as 7h30m, with the best model there is
    ///
    /// Training ends early enough for the model to be tested and written within the time, as far as that can
    /// be foreseen.
    #[arg(long, value_name = "TIME", env = "MFGPU_MAX_TIME", hide_env = true, help_heading = "Run")]
    max_time: Option<Limit>,
    /// TOML file of settings, such as the config.toml of a run
    #[arg(long, value_name = "FILE", env = "MFGPU_CONFIG", hide_env = true, help_heading = "Run")]
    #[arg(value_parser = reads(Content::File), value_hint = AnyPath)]
    pub(crate) config: Option<Reads>,
    /// Read the ratings and say how large the run would be
    #[arg(long, help_heading = "Run")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) world: WorldArguments,
    #[command(flatten)]
    pub(crate) progress: ProgressArguments,
}

impl TrainArguments {
    /// Flags override environment variables (clap does this), which override the file, which overrides the
    /// defaults.
    pub(crate) fn resolve(&self, threads: Option<usize>) -> Result<Config> {
        let mut config = match &self.config {
            Some(path) => Config::load(path)?,
            None => Config::default(),
        };
        if !self.ratings.is_empty() {
            config.ratings = plain(&self.ratings);
        }
        if config.ratings.is_empty() {
            let why = "no file of ratings is named (`-` is standard input); see `mfgpu train -h`";
            return Err(Error::Usage(why.into()));
        }
        over(self.init_from.as_deref().map(|path| Some(path.to_owned())), &mut config.init_from);
        if let (Some(path), None, None) = (&config.init_from, &self.settings.algorithm, &self.config) {
            match algorithm_of(path)? {
                algorithm if algorithm.objective() == Objective::Ratings => {
                    config.training.algorithm = algorithm;
                }
                _ => config.objective = Some(Objectives::Lists),
            }
        }
        self.settings.agree()?;
        self.settings.over(&mut config);
        self.input.over(&mut config.input);
        over(self.device.clone(), &mut config.device);
        over(self.vram.map(Some), &mut config.vram);
        over(self.memory.map(Some), &mut config.memory);
        over(self.ranks.map(Some), &mut config.ranks);
        over(self.fallback, &mut config.fallback);
        over(self.checkpoint_every, &mut config.checkpoint_every);
        over(self.max_time.map(Some), &mut config.max_time);
        over(self.top, &mut config.top);
        over(self.csv_safe, &mut config.csv_safe);
        over(self.keep_ratings, &mut config.keep_ratings);
        over(self.test.clone().map(|Aside(slice)| Some(slice)), &mut config.test);
        over(self.test_overlap, &mut config.test_overlap);
        over(self.folds.map(Some), &mut config.folds);
        self.evaluation.over(&mut config.evaluation);
        over(self.item_names.as_deref().map(|path| Some(path.to_owned())), &mut config.item_names);
        over(threads.map(Some), &mut config.threads);
        config.input.check()?;
        config.check()?;
        Ok(config)
    }
}

/// The help of a choice about pairs that are trained on and measured by.
fn explain_overlap(overlap: Overlap) -> &'static str {
    match overlap {
        Overlap::Keep => "Train on them, and warn",
        Overlap::Drop => "Leave them out of training",
        Overlap::Error => "End with an error before training",
    }
}

/// The help of a fallback.
fn explain_fallback(fallback: Fallback) -> &'static str {
    match fallback {
        Fallback::None => "Nothing",
        Fallback::Cpu => "The processor",
    }
}
