//! Fills open settings from the model that training begins from.

use crate::model::Model;
use crate::train::choices::Objective;
use crate::train::settings::Settings;
use crate::{Error, Result};

/// Fills the open settings from the model that training begins from, if it is of the same algorithm. Nothing
/// is then left for a race to decide.
///
/// # Errors
/// [`Error::Setting`] if they ask for fewer factors than the model has.
pub fn filled_from(settings: &Settings, model: &Model) -> Result<Settings> {
    let mut filled = settings.clone();
    let has = model.draws.first().map_or(0, |draw| draw.users.columns());
    let asked = *filled.factors.get_or_insert(has);
    if asked < has {
        let why = format!(
            "the model to begin from has {has}, none of which can be left out; name {has} or more, or train \
             without it"
        );
        return Err(Error::setting("training.factors", &asked, why));
    }
    let made = model.about.settings::<Settings>();
    let of = |objective| move |made: &Settings| made.algorithm.objective() == objective;
    if !made
        .as_ref()
        .map_or(settings.algorithm.objective() == Objective::Ratings, of(settings.algorithm.objective()))
    {
        let why = format!(
            "the model to begin from is of {}, and {} is of {}; name a model of the same objective",
            if settings.algorithm.objective() == Objective::Lists { "ratings" } else { "lists" },
            settings.algorithm.name(),
            if settings.algorithm.objective() == Objective::Lists { "lists" } else { "ratings" },
        );
        return Err(Error::Usage(why));
    }
    match made.filter(|made| made.algorithm == settings.algorithm) {
        Some(made) => {
            filled.power = filled.power.or(made.power);
            filled.start = filled.start.or(made.start);
            filled.regularization = filled.regularization.or(made.regularization);
            if filled.alpha.is_none() {
                filled.unobserved_weight = filled.unobserved_weight.or(made.unobserved_weight);
            }
            filled.views = filled.views.or(made.views);
        }
        // The centre of the factors is only known if the same algorithm trained the model.
        None => filled.start = filled.start.or(filled.algorithm.definition().start),
    }
    filled.check()?;
    Ok(filled)
}
