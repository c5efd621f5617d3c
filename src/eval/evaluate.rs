//! The whole of an evaluation: errors of ratings, quality of lists, baselines, intervals.

use super::baseline::Biases;
use super::by_user::ByUser;
use super::evaluation::Evaluation;
use super::options::EvaluationOptions;
use super::ranking::ranking;
use super::rating::rating;
use crate::model::Model;
use crate::ratings::Dataset;
use crate::{Error, Result};

/// Measures a model by test ratings, whose ids are their own. The ratings that the model keeps are those it was trained
/// on: lists leave them out and baselines learn from them. The result does not depend on the number of threads. Memory
/// is taken for some numbers a user and a cutoff, and for the lists of a few thousand users at a time.
///
/// # Errors
/// [`Error::Usage`] for odd options, and if the model keeps no ratings.
pub fn evaluate(model: &Model, test: &Dataset, options: &EvaluationOptions) -> Result<Evaluation> {
    options.check()?;
    if model.rated.is_empty() {
        return Err(Error::Usage(
            "the model kept no ratings, which baselines learn from and lists leave out; name the ratings that it was \
             trained on with --ratings"
                .into(),
        ));
    }
    let items = model.items.len();
    let by_user = ByUser::new(model, test);
    let biases = Biases::of(&model.rated, items);
    let mut rated = vec![false; items];
    for user in 0..model.rated.users() as u32 {
        model.rated.items(user).iter().for_each(|&item| rated[item as usize] = true);
    }
    let lists = !options.cutoffs.is_empty();
    Ok(Evaluation {
        rating: rating(model, &by_user, &biases, &rated, options),
        ranking: lists.then(|| ranking(model, &by_user, biases.mean, options)),
        resamples: options.resamples,
        seed: options.seed,
    })
}
