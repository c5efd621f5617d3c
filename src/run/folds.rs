//! Cross-validation: each fold is measured with a model trained on the other folds, with the same settings as
//! the final model.

use super::checkpoints::Checkpoints;
use super::config::Config;
use super::device::Engines;
use super::event::{Observe, RunEvent};
use super::held_out::Valid;
use super::part::Part;
use crate::eval::{CrossValidation, Evaluation, evaluate};
use crate::ratings::{Dataset, Ratings, folds, part};
use crate::stop::Stop;
use crate::train::{Checkpoint, Objective};
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
    let ratings = data.triples().len();
    if ratings < usize::from(of) {
        return Err(Error::setting("folds", &of, format!("there are {ratings} ratings; name fewer folds")));
    }
    let dealt = folds(ratings, of, config.training.seed);
    let measured = checkpoints.header.folds.len() as u8;
    for number in measured + 1..=of {
        let (rest, test) = without(data, &dealt, number - 1)?;
        let [ratings, tests] = [&rest, &test].map(|part| part.triples().len() as u64);
        let mut stopped = observe(&RunEvent::Fold { number, of, ratings, test: tests }).is_break();
        let evaluation = fold(
            config,
            number,
            (rest, &test),
            valid,
            (engines, (checkpoints, from.take())),
            stop,
            &mut |event| {
                stopped |= observe(event).is_break();
                if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        )?;
        if stopped {
            return Ok(None);
        }
        let _ = observe(&RunEvent::Folded { number, of, evaluation: &evaluation });
        checkpoints.header.folds.push(evaluation);
    }
    Ok(Some(CrossValidation::of(checkpoints.header.folds.clone())))
}

/// The validation ratings of a fold, unless they are those of all. Marks refer to all ratings, so they are made anew
/// for `rest`; a validation file stays as it is.
pub(super) fn valid_of_fold(
    config: &Config,
    rest: &mut Dataset,
    valid: &Valid,
    stop: &Stop,
    observe: &mut Observe,
) -> Result<Option<Valid>> {
    match valid {
        Valid::Marked(_) => {
            Valid::of(config, None, (rest, None, &mut Vec::new()), None, stop, observe).map(Some)
        }
        Valid::Random | Valid::Apart(_) => Ok(None),
    }
}

/// Splits off the ratings of one fold: the ratings of all other folds, and its own.
pub(super) fn without(data: &Dataset, dealt: &[u8], fold: u8) -> Result<(Dataset, Dataset)> {
    let marks: Vec<bool> = dealt.iter().map(|&other| other == fold).collect();
    if let Some(stored) = &data.stored {
        let (rest, test) = stored.parted(&marks)?;
        return Ok((Dataset { stored: Some(rest), ..data.with(Ratings::default()) }, data.with(test)));
    }
    let (rest, test) = part(&data.ratings, &marks);
    let times = data.times.iter().zip(&marks).filter(|(_, mark)| !**mark).map(|(time, _)| *time).collect();
    Ok((Dataset { times, ..data.with(rest) }, data.with(test)))
}

/// Trains on `rest` and measures on `test`.
fn fold(
    config: &Config,
    number: u8,
    (mut rest, test): (Dataset, &Dataset),
    valid: &Valid,
    (engines, (checkpoints, mut from)): (&mut Engines, (&mut Checkpoints, Option<Checkpoint<'static>>)),
    stop: &Stop,
    observe: &mut Observe,
) -> Result<Evaluation> {
    let own = valid_of_fold(config, &mut rest, valid, stop, observe)?;
    let valid = own.as_ref().unwrap_or(valid);
    let fold = Some(number);
    let part = |objective| Part {
        config,
        objective,
        fold,
        data: &rest,
        valid,
        test: None,
        warm: None,
        may_end: false,
    };
    let mut options = config.evaluation();
    let lists_are_next = from.is_none() || checkpoints.header.objective == Objective::Lists;
    if config.has_lists_beside() && checkpoints.header.fold_lists.is_none() && lists_are_next {
        let outcome = part(Objective::Lists).train(engines, (Some(checkpoints), from.take()), observe)?;
        checkpoints.header.fold_lists = Some(evaluate(&outcome.model_of(&rest)?, test, &options, stop)?);
    }
    if config.has_lists_beside() {
        // The lists are those of the other model.
        options.cutoffs = Vec::new();
    }
    let objective = config.training.algorithm.objective();
    let outcome = part(objective).train(engines, (Some(checkpoints), from), observe)?;
    let evaluation = evaluate(&outcome.into_model(rest)?, test, &options, stop)?;
    let lists = checkpoints.header.fold_lists.take();
    Ok(Evaluation { ranking: lists.map_or(evaluation.ranking.clone(), |lists| lists.ranking), ..evaluation })
}
