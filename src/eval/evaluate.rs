//! The whole of an evaluation: errors of ratings, quality of lists, baselines, intervals.

use super::baseline::Biases;
use super::by_user::ByUser;
use super::evaluation::Evaluation;
use super::options::EvaluationOptions;
use super::ranking::ranking;
use super::rating::rating;
use crate::model::Model;
use crate::ratings::{Dataset, IdMap};
use crate::stop::Stop;
use crate::{Error, Result};

/// Measures a model on test ratings, which have their own ids. The ratings that the model keeps are those it
/// was trained on: lists leave them out, and baselines are computed from them. The result does not depend on
/// the number of threads. Memory holds some numbers a user and cutoff, and the lists of a few thousand users
/// at a time.
///
/// # Errors
/// [`Error::Setting`] for odd options, [`Error::Usage`] if the model keeps no ratings; [`Error::Input`] if it
/// knows no user and no item of the test; [`Error::Stopped`] if `stop` is raised meanwhile.
pub fn evaluate(
    model: &Model,
    test: &Dataset,
    options: &EvaluationOptions,
    stop: &Stop,
) -> Result<Evaluation> {
    options.check()?;
    if model.rated.is_empty() {
        return Err(Error::Usage(
            "the model kept no ratings, which baselines learn from and lists leave out; give it those that \
             it was trained on"
                .into(),
        ));
    }
    check_ids(test, &model.users, &model.items)?;
    let items = model.items.len();
    let by_user = ByUser::new(model, test);
    let biases = Biases::of(&model.rated, items);
    let rated: Vec<bool> = model.rated.popularity(items).into_iter().map(|ratings| ratings > 0).collect();
    let lists = !options.cutoffs.is_empty();
    Ok(Evaluation {
        rating: (!model.is_of_lists())
            .then(|| rating(model, &by_user, &biases, &rated, (options, stop)))
            .transpose()?,
        ranking: lists
            .then(|| ranking(model, &by_user, biases.mean, (options, test.feedback, stop)))
            .transpose()?,
        resamples: options.resamples,
        seed: options.seed,
    })
}

/// Measures the errors of a model of ratings, and the lists of the model of lists beside it, if there is one. Both
/// have the same users and items. Where the model of lists keeps no ratings, those of the other one count.
///
/// # Errors
/// As for [`evaluate`].
pub fn evaluate_both(
    model: &Model,
    lists: Option<&Model>,
    test: &Dataset,
    options: &EvaluationOptions,
    stop: &Stop,
) -> Result<Evaluation> {
    let Some(lists) = lists.filter(|_| !options.cutoffs.is_empty()) else {
        return evaluate(model, test, options, stop);
    };
    let ranking = if lists.rated.is_kept() {
        evaluate(lists, test, options, stop)?.ranking
    } else {
        evaluate(&Model { rated: model.rated.clone(), ..lists.clone() }, test, options, stop)?.ranking
    };
    let errors = EvaluationOptions { cutoffs: Vec::new(), ..options.clone() };
    Ok(Evaluation { ranking, ..evaluate(model, test, &errors, stop)? })
}

/// Makes sure that a user or an item of the test ratings is known.
///
/// # Errors
/// [`Error::Input`] with examples of the ids on both sides.
pub fn check_ids(test: &Dataset, users: &IdMap, items: &IdMap) -> Result<()> {
    let shares = |own: &IdMap, known: &IdMap| own.iter().any(|id| known.get(id).is_some());
    if shares(&test.users, users) || shares(&test.items, items) {
        return Ok(());
    }
    let first = |ids: &IdMap| String::from_utf8_lossy(ids.iter().next().unwrap_or_default()).into_owned();
    Err(Error::Input(format!(
        "the test ratings have no user and no item that is known: they have users such as `{}` and items such as `{}`, \
         expected such as `{}` and `{}`",
        first(&test.users),
        first(&test.items),
        first(users),
        first(items)
    )))
}
