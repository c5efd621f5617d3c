//! The inputs of a run: training ratings, ratings that are set aside, titles, and the model to start from.

use super::config::Config;
use super::event::{Observe, RunEvent};
use super::held_out::{self, Valid};
use super::overlap::Shared;
use super::plan::Plan;
use super::reading::{plan_of, read};
use super::record::Input;
use super::warm::{Begin, Warm};
use crate::Result;
use crate::input::{ReadReport, read_names};
use crate::ratings::{Chunk, Dataset};
use crate::stop::Stop;
use std::path::Path;

/// Reads the ratings and estimates the size of the run.
///
/// # Errors
/// Errors of the settings and the input; [`Error::Stopped`](crate::Error::Stopped) if `stop` is raised
/// meanwhile.
pub fn plan(config: &Config, stop: &Stop, observe: &mut Observe) -> Result<Plan> {
    config.check()?;
    let (config, _) = Begin::of(config)?;
    let (data, report) = read(&config, &std::env::temp_dir(), stop, observe)?;
    let plan = plan_of(&config, &data)?;
    let _ = observe(&RunEvent::Read { report: &report, plan });
    Ok(plan)
}

/// The title of an item by its id, if it has one.
pub type TitleOf<'a> = dyn Fn(&[u8]) -> Option<String> + 'a;

/// Inputs that are in memory, in place of the files that the settings name.
#[derive(Default)]
pub struct Given<'a> {
    /// The ratings to train on, as [`read_ratings`](crate::input::read_ratings) reads them; with their times if a
    /// slice asks for these.
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
    /// Takes what is given, and reads the files of all else. `scratch` is a directory for ratings that do not fit
    /// memory.
    pub(super) fn of(
        config: &Config,
        (given, scratch): (Given, &Path),
        begin: Option<Begin>,
        stop: &Stop,
        observe: &mut Observe,
    ) -> Result<Self> {
        let Given { ratings, test, valid, title_of } = given;
        let read_here = ratings.is_none();
        let (mut data, report) = ratings.map_or_else(|| read(config, scratch, stop, observe), Ok)?;
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
        if data.stored.is_none() {
            sizes.check_memory(trained(config, &data, &valid))?;
        }
        let warm = begin.map_or(Ok(Warm::default()), |begin| begin.start(&data, observe))?;
        stop.check()?;
        Ok(Self { data, item_names, test, valid, shared, warm, report, inputs, sizes })
    }

    /// The checksum of all ratings and ids.
    ///
    /// # Errors
    /// Those of reading ratings on disk.
    pub(super) fn checksum(&self) -> Result<String> {
        let mut hash = blake3::Hasher::new();
        let valid = if let Valid::Apart(ratings) = &self.valid { Some(ratings as _) } else { None };
        let test = self.test.as_ref().map(|test| &test.ratings as _);
        for ratings in [Some(self.data.triples()), valid, test].into_iter().flatten() {
            hash.update(&(ratings.len() as u64).to_le_bytes());
            // Column after column, wherever they are.
            let columns: [fn(Chunk) -> &[u8]; 3] = [
                |chunk| bytemuck::cast_slice(chunk.users),
                |chunk| bytemuck::cast_slice(chunk.items),
                |chunk| bytemuck::cast_slice(chunk.values),
            ];
            for column in columns {
                ratings.each(&mut |_, chunk| {
                    hash.update_rayon(column(chunk));
                    Ok(())
                })?;
            }
        }
        for ids in [&self.data.users, &self.data.items] {
            let (arena, ends) = ids.parts();
            hash.update(bytemuck::cast_slice(ends)).update(arena);
        }
        Ok(hash.finalize().to_hex().to_string())
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
