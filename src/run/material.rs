//! The inputs of a run: training ratings, ratings that are set aside, titles, and the model to start from.

use super::config::Config;
use super::event::{Observe, RunEvent};
use super::held_out::{self, Valid};
use super::overlap::Shared;
use super::plan::Plan;
use super::ranks::number_of;
use super::record::Input;
use super::warm::{Begin, Warm};
use crate::Result;
use crate::input::{ReadReport, read_names, read_ratings, read_timed_ratings};
use crate::ratings::{Codes, Dataset};
use crate::stop::Stop;
use crate::train::Objective;

/// Reads the ratings and estimates the size of the run.
///
/// # Errors
/// Errors of the settings and the input; [`Error::Stopped`](crate::Error::Stopped) if `stop` is raised
/// meanwhile.
pub fn plan(config: &Config, stop: &Stop, observe: &mut Observe) -> Result<Plan> {
    config.check()?;
    let (config, _) = Begin::of(config)?;
    let (data, report) = read(&config, stop, observe)?;
    let plan = plan_of(&config, &data)?;
    let _ = observe(&RunEvent::Read { report: &report, plan });
    Ok(plan)
}

/// The title of an item by its id, if it has one.
pub type TitleOf<'a> = dyn Fn(&[u8]) -> Option<String> + 'a;

/// Inputs that are in memory, in place of the files that the settings name.
#[derive(Default)]
pub struct Given<'a> {
    /// The ratings to train on, as [`read_ratings`] reads them; with their times if a slice asks for these.
    pub ratings: Option<(Dataset, ReadReport)>,
    /// The test ratings; `Config::test` has a name for them as a file.
    pub test: Option<Dataset>,
    /// The validation ratings; `Config::valid` has a name for them as a file.
    pub valid: Option<Dataset>,
    /// The title of an item, by its id.
    pub title_of: Option<&'a TitleOf<'a>>,
}

/// The inputs, read.
pub(super) struct Material {
    pub(super) data: Dataset,
    pub(super) item_names: Option<Vec<Option<String>>>,
    pub(super) test: Option<Dataset>,
    pub(super) valid: Valid,
    /// The files of test and validation ratings with pairs that are in the training files, too.
    pub(super) shared: Vec<Shared>,
    pub(super) warm: Warm,
    pub(super) report: ReadReport,
    pub(super) inputs: Vec<Input>,
    pub(super) sizes: Plan,
}

impl Material {
    /// Takes what is given, and reads the files of all else.
    pub(super) fn of(
        config: &Config,
        given: Given,
        begin: Option<Begin>,
        stop: &Stop,
        observe: &mut Observe,
    ) -> Result<Self> {
        let Given { ratings, test, valid, title_of } = given;
        let read_here = ratings.is_none();
        let (mut data, report) = ratings.map_or_else(|| read(config, stop, observe), Ok)?;
        let sizes = plan_of(config, &data)?;
        let _ = observe(&RunEvent::Read { report: &report, plan: sizes });
        let inputs = if read_here { Input::of(&report) } else { Vec::new() };
        let item_names = match (title_of, &config.item_names) {
            (Some(title_of), _) => Some(data.items.iter().map(title_of).collect()),
            (None, Some(path)) => Some(read_names(path, &data.items)?),
            (None, None) => begin.as_ref().and_then(|begin| begin.titles(&data.items)),
        };
        let mut shared = Vec::new();
        let test = held_out::test(config, test, (&mut data, &mut shared), begin.as_ref(), stop, observe)?;
        let valid =
            Valid::of(config, valid, (&mut data, test.as_ref(), &mut shared), begin.as_ref(), stop, observe)?;
        sizes.check_memory(trained(config, &data, &valid))?;
        let warm = begin.map_or(Ok(Warm::default()), |begin| begin.start(&data, observe))?;
        stop.check()?;
        Ok(Self { data, item_names, test, valid, shared, warm, report, inputs, sizes })
    }

    /// The checksum of all ratings and ids.
    pub(super) fn checksum(&self) -> String {
        let mut hash = blake3::Hasher::new();
        let valid = if let Valid::Apart(ratings) = &self.valid { Some(ratings) } else { None };
        let test = self.test.as_ref().map(|test| &test.ratings);
        for ratings in [Some(&self.data.ratings), valid, test].into_iter().flatten() {
            hash.update(&(ratings.len() as u64).to_le_bytes());
            hash.update_rayon(bytemuck::cast_slice(&ratings.users));
            hash.update_rayon(bytemuck::cast_slice(&ratings.items));
            hash.update_rayon(bytemuck::cast_slice(&ratings.values));
        }
        for ids in [&self.data.users, &self.data.items] {
            let (arena, ends) = ids.parts();
            hash.update(bytemuck::cast_slice(ends)).update(arena);
        }
        hash.finalize().to_hex().to_string()
    }
}

/// How many ratings are trained on at a time, at least.
fn trained(config: &Config, data: &Dataset, valid: &Valid) -> u64 {
    let ratings = data.ratings.len();
    let held_out = match valid {
        Valid::Random => config.settings().held_out_fraction(ratings),
        Valid::Marked(marks) => marks.iter().filter(|mark| **mark).count() as f64 / ratings.max(1) as f64,
        Valid::Apart(_) => 0.0,
    };
    let folds = config.folds.map_or(0.0, |folds| 1.0 / f64::from(folds));
    (ratings as f64 * (1.0 - held_out) * (1.0 - folds)) as u64
}

fn read(config: &Config, stop: &Stop, observe: &mut Observe) -> Result<(Dataset, ReadReport)> {
    let mut progress = |bytes, ratings| {
        let _ = observe(&RunEvent::Reading { bytes, ratings });
        stop.check()
    };
    let read = if config.needs_times() { read_timed_ratings } else { read_ratings };
    read(&config.ratings, &config.input, &mut progress)
}

/// Estimates the size of the run.
fn plan_of(config: &Config, data: &Dataset) -> Result<Plan> {
    let size = (data.users.len(), data.items.len());
    let config = config.decided(data.feedback)?;
    let training = &config.training;
    let draws = training.draws().map_or(1, |(kept, _)| kept);
    let mut plan = Plan::new(data.ratings.len(), size, training.factors()).with_draws(draws);
    if config.has_lists_beside() {
        let factors = config.settings_of(Objective::Lists).factors();
        plan = plan.with_lists(&Plan::new(data.ratings.len(), size, factors));
    }
    plan = plan.with_ranks(number_of(&config));
    if Codes::fit(&data.ratings.values, size, |value| value).is_some() {
        plan = plan.packed();
    }
    if config.folds.is_some() {
        // With folds, all ratings stay in memory while a part of them is trained on, together with the fold
        // of each.
        plan.memory_bytes += plan.ratings * (12 + 2);
    }
    Ok(plan)
}
