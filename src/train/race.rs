//! The race over settings: a handful run a few epochs each, the better half goes on, the best one wins
//! (successive halving: Jamieson, Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter
//! optimization").

use super::engine::Engine;
use super::event::{Event, Phase};
use super::fit::{Fit, FitPlan};
use super::problem::Problem;
use super::settings::{Settings, Start};
use super::state::State;
use crate::{Error, Result};
use std::ops::ControlFlow;

/// Who runs. The best regularization differs between sets, and so does the start (docs/maths.md, "The race").
const FIELD: [(Start, f32); 6] = [
    (Start::Offset, 0.05),
    (Start::Offset, 0.065),
    (Start::Offset, 0.085),
    (Start::Centred, 0.06),
    (Start::Centred, 0.1),
    (Start::Centred, 0.17),
];

/// After so many epochs in all the better half of the field goes on; after the last, the best.
const HEATS: [usize; 2] = [8, 16];

struct Runner {
    fit: Fit,
    state: State,
    start: Start,
    regularization: f32,
}

/// Runs the race and gives the winner's run, with the engine in the state it had reached.
pub(super) fn race(
    engine: &mut dyn Engine,
    problem: &Problem,
    settings: &Settings,
    (deviation, keep_best): (f64, bool),
    observe: &mut dyn FnMut(&Event) -> ControlFlow<()>,
) -> Result<(Fit, Start, f32)> {
    let field = FIELD.iter().filter(|(start, _)| settings.start.is_none_or(|wanted| wanted == *start));
    let mut runners = Vec::new();
    for &(start, regularization) in field {
        let staged = &problem.staged;
        let state =
            State::start(&staged.user_place, &staged.item_place, settings.factors, start, settings.seed);
        engine.restore(&state)?;
        let plan = FitPlan {
            phase: Phase::Race,
            keep_best,
            ..FitPlan::search(settings, start, regularization, deviation)
        };
        runners.push(Runner { fit: Fit::new(engine, plan)?, state, start, regularization });
    }
    let mut stopped = false;
    for heat in HEATS {
        let until = heat.min(settings.epochs);
        for runner in &mut runners {
            engine.restore(&runner.state)?;
            match runner.fit.advance(engine, problem, until, observe) {
                Err(Error::Diverged(_)) => runner.fit.ended = true,
                result => result?,
            }
            runner.state = engine.state()?;
        }
        runners.sort_by(|a, b| a.fit.curve.best_rmse().total_cmp(&b.fit.curve.best_rmse()));
        let kept = if heat == HEATS[HEATS.len() - 1] { 1 } else { runners.len().div_ceil(2) };
        for (place, runner) in runners.iter().enumerate() {
            let event = Event::Raced {
                start: runner.start,
                regularization: runner.regularization,
                epochs: runner.fit.curve.epochs.len(),
                held_out_rmse: runner.fit.curve.best_rmse(),
                kept: place < kept,
            };
            stopped |= observe(&event).is_break();
        }
        runners.truncate(kept);
        runners.iter_mut().for_each(|runner| runner.fit.ended |= stopped);
    }
    let winner = runners.swap_remove(0);
    if winner.fit.curve.epochs.is_empty() && !winner.fit.within_epoch {
        return Err(Error::Diverged(
            "every setting of the race diverged; try a lower --learning-rate".into(),
        ));
    }
    engine.restore(&winner.state)?;
    Ok((winner.fit, winner.start, winner.regularization))
}
