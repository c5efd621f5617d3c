//! Cross-validation: each fold is measured with a model trained on the other folds, with the same settings as
//! the final model.

use super::checkpoints::Checkpoints;
use super::config::Config;
use super::device::Engines;
use super::event::{Observe, RunEvent};
use super::held_out::Valid;
use crate::eval::{CrossValidation, Evaluation, evaluate};
use crate::ratings::{Dataset, Feedback, folds, part};
use crate::stop::Stop;
use crate::train::{Checkpoint, Event, Keeping, Training, resume};
use crate::{Error, Result};
use std::ops::ControlFlow;

/// Trains and measures a model for each of the `of` folds. The race and the search are repeated for each fold
/// and never see its ratings. `None` if the observer ended the run before all folds were finished.
pub(super) fn cross_validate(
    config: &Config,
    data: &Dataset,
    (of, valid): (u8, &Valid),
    (engines, (checkpoints, from)): (&mut Engines, (&mut Checkpoints, &mut Option<Checkpoint<'static>>)),
    stop: &Stop,
    observe: &mut Observe,
) -> Result<Option<CrossValidation>> {
    let ratings = data.ratings.len();
    if ratings < usize::from(of) {
        return Err(Error::setting("folds", &of, format!("there are {ratings} ratings; name fewer folds")));
    }
    let dealt = folds(ratings, of, config.training.seed);
    let measured = checkpoints.header.folds.len() as u8;
    for number in measured + 1..=of {
        let (rest, test) = without(data, &dealt, number - 1);
        let [ratings, tests] = [&rest, &test].map(|part| part.ratings.len() as u64);
        let mut stopped = observe(&RunEvent::Fold { number, of, ratings, test: tests }).is_break();
        let evaluation =
            fold(config, (rest, &test), valid, (engines, (checkpoints, from.take())), stop, &mut |event| {
                stopped |= observe(event).is_break();
                if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
        if stopped {
            return Ok(None);
        }
        let _ = observe(&RunEvent::Folded { number, of, evaluation: &evaluation });
        checkpoints.header.folds.push(evaluation);
    }
    Ok(Some(CrossValidation::of(checkpoints.header.folds.clone())))
}

/// Splits off the ratings of one fold: the ratings of all other folds, and its own.
fn without(data: &Dataset, dealt: &[u8], fold: u8) -> (Dataset, Dataset) {
    let marks: Vec<bool> = dealt.iter().map(|&other| other == fold).collect();
    let (rest, test) = part(&data.ratings, &marks);
    let times = data.times.iter().zip(&marks).filter(|(_, mark)| !**mark).map(|(time, _)| *time).collect();
    let with = |ratings, times| Dataset {
        ratings,
        users: data.users.clone(),
        items: data.items.clone(),
        times,
        feedback: data.feedback,
    };
    (with(rest, times), with(test, Vec::new()))
}

/// Trains on `rest` and measures on `test`.
fn fold(
    config: &Config,
    (rest, test): (Dataset, &Dataset),
    valid: &Valid,
    (engines, (checkpoints, from)): (&mut Engines, (&mut Checkpoints, Option<Checkpoint<'static>>)),
    stop: &Stop,
    observe: &mut Observe,
) -> Result<Evaluation> {
    // Marks refer to all ratings, so they are made anew for `rest`; a validation file stays as it is.
    let own = match valid {
        Valid::Marked(_) => Some(Valid::of(config, &rest, None, stop, observe)?),
        Valid::Random | Valid::Apart(_) => None,
    };
    let held_out = own.as_ref().unwrap_or(valid).held_out();
    let size = (rest.users.len(), rest.items.len());
    let training = Training {
        ratings: &rest.ratings,
        feedback: Feedback::Ratings,
        held_out,
        test: None,
        warm: None,
        size: size.into(),
    };
    let mut observe = |event: &Event| observe(&RunEvent::Training(event));
    let mut keeping = Keeping::new(&mut observe, Some(checkpoints));
    let outcome = resume(training, &config.settings(), engines.of(config), &mut keeping, from)?;
    evaluate(&outcome.into_model(rest), test, &config.evaluation(), stop)
}
