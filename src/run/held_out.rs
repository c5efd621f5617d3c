//! Ratings that are set aside: a slice of the training files, or a file with ids of its own.

use super::config::Config;
use super::event::{Observe, RunEvent};
use super::overlap::Shared;
use super::shared::{settle, with_test};
use super::slice::Slice;
use super::warm::Begin;
use crate::eval::check_ids;
use crate::input::{ReadOptions, moment, read_ratings};
use crate::math::philox::{Purpose, bits, key};
use crate::ratings::{Dataset, Ratings, latest, latest_of, random};
use crate::stop::Stop;
use crate::train::{HeldOut, held_out_of_new};
use crate::{Error, Result};
use std::path::Path;

/// The test ratings. Those of a file may be given. A slice of `data` is taken out of it and shares its ids. The
/// pairs of a file that are in `data`, too, are added to `shared`.
pub(super) fn test(
    config: &Config,
    given: Option<Dataset>,
    (data, shared): (&mut Dataset, &mut Vec<Shared>),
    begin: Option<&Begin>,
    stop: &Stop,
    observe: &mut Observe,
) -> Result<Option<Dataset>> {
    match config.test() {
        None => Ok(None),
        Some(Slice::File(path)) => {
            let test = given.map_or_else(|| read(path, &config.input, stop), Ok)?;
            check_ids(&test, &data.users, &data.items)?;
            shared.extend(settle(data, (&test, "test", path), config.test_overlap, observe)?);
            if let Some(begin) = begin {
                let marks = vec![true; test.ratings.len()];
                report_trained_on("test", &marks, begin.trained_on(&test)?.as_deref(), observe);
            }
            Ok(Some(test))
        }
        Some(slice) => {
            let marks = mark(data, (slice, "test"), config.training.seed, begin, observe)?;
            Ok(Some(data.take(&marks)?))
        }
    }
}

/// The validation ratings.
pub(super) enum Valid {
    /// A random slice, drawn by training.
    Random,
    /// The marked ones of the training ratings.
    Marked(Vec<bool>),
    /// The ratings of a separate file.
    Apart(Ratings),
}

impl Valid {
    /// Selects the validation ratings that the settings name; those of a file may be given. The pairs of a file that are in `data`, too,
    /// are added to `shared`.
    pub(super) fn of(
        config: &Config,
        given: Option<Dataset>,
        (data, test, shared): (&mut Dataset, Option<&Dataset>, &mut Vec<Shared>),
        begin: Option<&Begin>,
        stop: &Stop,
        observe: &mut Observe,
    ) -> Result<Self> {
        match &config.valid {
            None | Some(Slice::Fraction(_)) => {
                begin.map_or(Ok(Self::Random), |begin| not_trained_on(config, data, begin, observe))
            }
            Some(Slice::File(path)) => {
                let file = given.map_or_else(|| read(path, &config.input, stop), Ok)?;
                shared.extend(settle(data, (&file, "valid", path), config.test_overlap, observe)?);
                if let Some(test) = test {
                    shared.extend(with_test(&file, test, observe)?);
                }
                let (ratings, dropped) = file.among(&data.users, &data.items);
                let _ = observe(&RunEvent::Dropped { ratings: dropped });
                if ratings.is_empty() {
                    return Err(Error::Input(format!(
                        "{}: no rating of a known user and item, expected some to stop by",
                        path.display()
                    )));
                }
                Ok(Self::Apart(ratings))
            }
            Some(slice) => {
                mark(data, (slice, "valid"), config.training.seed, begin, observe).map(Self::Marked)
            }
        }
    }

    /// The same, as training takes it.
    pub(super) fn held_out(&self) -> HeldOut<'_> {
        match self {
            Self::Random => HeldOut::Random,
            Self::Marked(marks) => HeldOut::Marked(marks),
            Self::Apart(ratings) => HeldOut::Apart(ratings),
        }
    }
}

/// Draws a random slice of the ratings that the starting model was not trained on; of all ratings if the
/// model does not record them.
fn not_trained_on(config: &Config, data: &Dataset, begin: &Begin, observe: &mut Observe) -> Result<Valid> {
    let Some(trained_on) = begin.trained_on(data)? else {
        report_trained_on("valid", &[], None, observe);
        return Ok(Valid::Random);
    };
    Ok(Valid::Marked(held_out_of_new(&config.settings(), &trained_on)))
}

/// Reports how many of the marked ratings the starting model was trained on, if any, or that the model does
/// not record them.
fn report_trained_on(
    setting: &'static str,
    marks: &[bool],
    trained_on: Option<&[bool]>,
    observe: &mut Observe,
) {
    let both = |trained_on: &[bool]| {
        marks.iter().zip(trained_on).filter(|(mark, trained_on)| **mark && **trained_on).count() as u64
    };
    let ratings = trained_on.map(both);
    if ratings != Some(0) {
        let _ = observe(&RunEvent::TrainedOn { setting, ratings });
    }
}

/// Marks the ratings of a slice; `setting` names it in errors and events. A random slice uses other random
/// numbers than the validation slice that training draws. It leaves out ratings that the starting model was
/// trained on, if the model records them.
fn mark(
    data: &Dataset,
    (slice, setting): (&Slice, &'static str),
    seed: u64,
    begin: Option<&Begin>,
    observe: &mut Observe,
) -> Result<Vec<bool>> {
    let Dataset { ratings, users, times, .. } = data;
    let mut marks = match slice {
        Slice::Fraction(fraction) => {
            random(data.triples().len(), *fraction, bits(key(seed, Purpose::Split), u64::MAX))
        }
        Slice::Last(count) if data.stored.is_none() => latest(ratings, times, users.len(), *count),
        Slice::Last(count) => latest_of(data.triples(), users.len(), *count)?,
        Slice::After(date) => since(data, (slice, setting), date)?,
        Slice::File(path) => return Err(Error::Bug(format!("{} is a file", path.display()))),
    };
    if let Some(begin) = begin {
        let trained_on = begin.trained_on(data)?;
        if let (Slice::Fraction(_), Some(trained_on)) = (slice, &trained_on) {
            marks.iter_mut().zip(trained_on).for_each(|(mark, trained_on)| *mark &= !trained_on);
        }
        report_trained_on(setting, &marks, trained_on.as_deref(), observe);
    }
    let taken = marks.iter().filter(|mark| **mark).count();
    if taken == marks.len() {
        let hint = if matches!(slice, Slice::After(_)) { "; a date is written 2001-05-01" } else { "" };
        let why = format!("it leaves no ratings to train on{hint}");
        return Err(Error::setting(setting, &slice, why));
    }
    if taken == 0 {
        let why = match slice {
            Slice::Last(count) => format!("no user has more than {count} ratings"),
            Slice::After(_) => "no rating is as late as that".into(),
            _ => format!("that is none of {} ratings; name a larger part", marks.len()),
        };
        return Err(Error::setting(setting, &slice, why));
    }
    if slice.is_timed() {
        let timed = data.is_timed();
        let _ = observe(&RunEvent::SetAside { setting, slice, ratings: taken as u64, timed });
    }
    Ok(marks)
}

/// Marks the ratings given at this date or later.
fn since(data: &Dataset, (slice, setting): (&Slice, &'static str), date: &str) -> Result<Vec<bool>> {
    let moment = moment(date.as_bytes()).ok_or_else(|| Error::Bug(format!("{date} is no date")))?;
    if !data.is_timed() {
        let why = "no column of times was found in the ratings; name it with `input.time_column`";
        return Err(Error::setting(setting, &slice, why));
    }
    let mut marks: Vec<bool> = data.times.iter().map(|&time| time >= moment).collect();
    if let Some(stored) = &data.stored {
        stored.each(&mut |_, chunk| {
            marks.extend(chunk.times.iter().map(|&time| time >= moment));
            Ok(())
        })?;
    }
    Ok(marks)
}

/// Reads a file of ratings with ids of its own.
fn read(path: &Path, options: &ReadOptions, stop: &Stop) -> Result<Dataset> {
    let (data, _) = read_ratings(&[path.to_owned()], options, &mut |_, _| stop.check())?;
    Ok(data)
}
