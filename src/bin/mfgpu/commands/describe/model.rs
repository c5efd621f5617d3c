//! Describes a model.

use super::axes::AxesArguments;
use super::description::Description;
use mfgpu::Result;
use mfgpu::model::Model;
use mfgpu::run::Plan;
use mfgpu::train::Algorithm;
use std::path::Path;

/// Describes the model at a path.
pub(super) fn describe(path: &Path, axes: &AxesArguments) -> Result<Description> {
    let mut model = Model::load(path)?;
    axes.titles.read(path, &mut model)?;
    let model = &model;
    let mut about = Description::of("model");
    let shape = (model.users.len(), model.items.len());
    let plan = Plan::new(model.rated.len(), shape, model.draws[0].users.columns());
    let plan = plan.with_draws(model.draws.len());
    let ratings = model.rated.is_kept().then_some(plan.ratings);
    about.counts(ratings, (plan.users, plan.items));
    if model.is_of_lists() {
        about.line("for", "lists");
    } else {
        about.line("range", format!("{} to {}", model.range.0, model.range.1));
    }
    let algorithm = model.about.setting::<Algorithm>("algorithm");
    let unused = |name: &str| algorithm.is_some_and(|algorithm| !algorithm.uses(name));
    for (name, value) in model.about.facts() {
        if !unused(name) && !value.is_null() && !["ratings", "factors", "made_of"].contains(&name) {
            let score = value["value"].as_f64().zip(value["criterion"].as_str());
            let score = score.map(|(value, criterion)| format!("{criterion} {value:.4}"));
            let text = score.unwrap_or(value.as_str().map_or(value.to_string(), Into::into));
            about.line(&name.replace('_', " "), text);
        }
    }
    about.part("ratings", ratings)?;
    about.part("users", plan.users)?;
    about.part("items", plan.items)?;
    about.part("range", [model.range.0, model.range.1])?;
    about.part("draws", model.draws.len())?;
    about.sizes(&plan)?;
    about.part("about", &model.about)?;
    axes.describe(&mut about, model)?;
    Ok(about)
}
