//! Cross-validation: each fold is measured with a model of the others, trained as the model of all ratings will be.

use super::config::Config;
use super::event::{Observe, RunEvent};
use super::held_out::Valid;
use super::report::Report;
use super::write;
use crate::eval::{CrossValidation, Evaluation, evaluate};
use crate::ratings::{Dataset, folds, part};
use crate::train::{OpenEngine, Training, train};
use crate::{Error, Result};
use std::ops::ControlFlow;

/// Trains and measures `of` times. The race and the search run anew for each fold and see nothing of it. `None` if whoever
/// watches ended it before all folds were through.
pub(super) fn cross_validate(
    config: &Config,
    data: &Dataset,
    (of, valid): (u8, &Valid),
    open: &mut OpenEngine,
    observe: &mut Observe,
) -> Result<Option<CrossValidation>> {
    let ratings = data.ratings.len();
    if ratings < usize::from(of) {
        return Err(Error::Usage(format!("--folds {of}: there are {ratings} ratings; name fewer folds")));
    }
    let dealt = folds(ratings, of, config.training.seed);
    let mut evaluations = Vec::new();
    for number in 1..=of {
        let (rest, test) = without(data, &dealt, number - 1);
        let [ratings, tests] = [&rest, &test].map(|part| part.ratings.len() as u64);
        let mut stopped = observe(&RunEvent::Fold { number, of, ratings, test: tests }).is_break();
        let evaluation = fold(config, (rest, &test), valid, open, &mut |event| {
            stopped |= observe(event).is_break();
            if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if stopped {
            return Ok(None);
        }
        let _ = observe(&RunEvent::Folded { number, of, evaluation: &evaluation });
        evaluations.push(evaluation);
    }
    Ok(Some(CrossValidation::of(evaluations)))
}

/// The ratings of all folds but one, and those of that one.
fn without(data: &Dataset, dealt: &[u8], fold: u8) -> (Dataset, Dataset) {
    let marks: Vec<bool> = dealt.iter().map(|&other| other == fold).collect();
    let (rest, test) = part(&data.ratings, &marks);
    let times = data.times.iter().zip(&marks).filter(|(_, mark)| !**mark).map(|(time, _)| *time).collect();
    let with =
        |ratings, times| Dataset { ratings, users: data.users.clone(), items: data.items.clone(), times };
    (with(rest, times), with(test, Vec::new()))
}

/// Trains with `rest`, and measures by `test`.
fn fold(
    config: &Config,
    (rest, test): (Dataset, &Dataset),
    valid: &Valid,
    open: &mut OpenEngine,
    observe: &mut Observe,
) -> Result<Evaluation> {
    // Marks are of all ratings; a file stays what it is.
    let own = match valid {
        Valid::Marked(_) => Some(Valid::of(config, &rest, observe)?),
        Valid::Random | Valid::Apart(_) => None,
    };
    let held_out = own.as_ref().unwrap_or(valid).held_out();
    let size = (rest.users.len(), rest.items.len());
    let training = Training { ratings: &rest.ratings, held_out, test: None, size };
    let mut outcome =
        train(training, &config.training, open, &mut |event| observe(&RunEvent::Training(event)))?;
    let report = Report::of(&outcome);
    let model = write::model(&mut outcome, rest, &report);
    evaluate(&model, test, &config.evaluation())
}
