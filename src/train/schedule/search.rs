//! The search: training with ratings held out, which decides the open settings and finds the best epoch.

use super::chain::Chain;
use super::checkpoint::{Position, SearchResult};
use super::fit::{Fit, FitPlan, Reached};
use super::keeping::Keeping;
use super::opened::Opened;
use super::race::{Race, Scored};
use super::residuals::residuals;
use super::setup::Setup;
use crate::Result;
use crate::ratings::{Draw, LeftOut, Ratings};
use crate::train::candidate::Candidate;
use crate::train::choices::Objective;
use crate::train::engine::OpenEngine;
use crate::train::event::{Event, Phase};
use crate::train::monitor::Monitor;
use crate::train::problem::{ENOUGH_HELD_OUT, Problem};
use crate::train::training::HeldOut;
use std::borrow::Cow;
use std::sync::Arc;

/// Runs the search. If nothing is to be refitted, this is the only training. Decides in `setup` whether there
/// is a refit.
pub(super) fn search(
    setup: &mut Setup,
    open: &mut OpenEngine,
    from: Option<Position<'static>>,
    keeping: &mut Keeping,
) -> Result<SearchResult> {
    let problem = hold_out(setup)?;
    let apart = matches!(setup.training.held_out, HeldOut::Apart(_));
    setup.settings.refit &= !apart && !problem.held_out.is_empty() && !setup.settings.algorithm.is_chain();
    let unraced = (setup.settings.algorithm.definition().unraced)(&setup.settings, &problem);
    let mut opened = setup.open(open, problem, &unraced, keeping)?;
    let (fit, candidate) = decide(setup, &mut opened, unraced, from, keeping)?;
    let method = fit.plan.method.clone();
    let (means, criterion) = (fit.chain_means(), fit.plan.criterion);
    let (engine, problem) = opened.parts()?;
    let (search, mut draws) = fit.finish(engine)?;
    let residuals = match method.algorithm().objective() {
        Objective::Ratings => residuals(engine, problem, (method.offset(), means), setup.scale)?,
        Objective::Lists => Vec::new(),
    };
    let held_out_mean = criterion.of_the_mean(problem, setup.scale.deviation);
    let epoch = search.best().map_or(0, |best| best.epoch);
    keeping.report(&Event::Found { epoch, held_out: search.best_score() });
    if draws.is_empty() {
        draws.push(setup.deliver(engine, problem, &method)?);
    }
    Ok(SearchResult { candidate, method, search, draws, residuals, held_out_mean })
}

/// The problem with ratings held out. Nothing is held out if it would be too few ratings to decide anything.
fn hold_out(setup: &Setup) -> Result<Problem> {
    let ratings = setup.training.ratings;
    let without = |left_out: LeftOut| setup.problem(left_out, &left_out.of(ratings)?);
    match setup.training.held_out {
        HeldOut::Random => {}
        HeldOut::Marked(marks) => return without(LeftOut::Marked(marks)),
        HeldOut::Apart(held_out) => return setup.problem(LeftOut::Nothing, held_out),
    }
    let fraction = setup.settings.held_out_fraction(ratings.len());
    if fraction > 0.0 {
        let draw = Draw::new(fraction, setup.settings.seed);
        // In memory there is room for marks, which are asked for more than once.
        let marks = ratings.held().map(|held| draw.marks(0..held.len()));
        let problem = without(marks.as_deref().map_or(LeftOut::Random(draw), LeftOut::Marked))?;
        if problem.held_out.len() >= ENOUGH_HELD_OUT {
            return Ok(problem);
        }
    }
    setup.problem(LeftOut::Nothing, &Ratings::default())
}

/// The plan of a search with a candidate.
pub(super) fn plan(setup: &Setup, candidate: &Candidate) -> FitPlan {
    let settings = candidate.settings();
    let (epochs, before, chain) = (settings.epochs(), settings.burn_in, settings.algorithm.is_chain());
    FitPlan {
        phase: if chain { Phase::Sample } else { Phase::Search },
        epochs: if chain { before + epochs } else { epochs },
        patience: (!chain).then_some(settings.patience()),
        keep_best: false,
        method: setup.method(candidate),
        criterion: settings.criterion(),
        chain: chain.then(|| Chain::new(before, epochs, settings.keep_draws, setup.scale)),
        deviation: match settings.algorithm.objective() {
            Objective::Ratings => setup.scale.deviation,
            Objective::Lists => 1.0,
        },
    }
}

/// Decides the open settings, and trains until the best epoch is known.
fn decide(
    setup: &Setup,
    opened: &mut Opened,
    unraced: Candidate,
    from: Option<Position<'static>>,
    keeping: &mut Keeping,
) -> Result<(Fit, Candidate)> {
    let is_held_out = !opened.problem.held_out.is_empty();
    let begin = |plan: &FitPlan| Event::Begin {
        phase: plan.phase,
        epochs: plan.epochs,
        patience: plan.patience.filter(|_| is_held_out),
    };
    let (mut fit, candidate) = match from {
        Some(Position::Search { candidate, fit, state }) => {
            opened.restore(&candidate, &state.into())?;
            let fit = fit.into_owned();
            keeping.report(&begin(&fit.plan));
            (fit, candidate)
        }
        from => {
            let (mut fit, candidate) = choose(setup, opened, unraced, from, keeping)?;
            let plan = plan(setup, &candidate);
            keeping.report(&begin(&plan));
            fit.search(plan.phase, keeping);
            (fit, candidate)
        }
    };
    let epochs = fit.plan.epochs;
    let (engine, problem) = opened.parts()?;
    while fit.advance(engine, problem, epochs, keeping)? == Reached::Keep {
        let (candidate, state) = (candidate.clone(), engine.state()?);
        keeping.keep(Position::Search { candidate, fit: Cow::Borrowed(&fit), state })?;
    }
    Ok((fit, candidate))
}

/// Chooses the candidate to train, by a race if there is an open setting.
fn choose(
    setup: &Setup,
    opened: &mut Opened,
    unraced: Candidate,
    from: Option<Position<'static>>,
    keeping: &mut Keeping,
) -> Result<(Fit, Candidate)> {
    let settings = &setup.settings;
    let is_held_out = !opened.problem.held_out.is_empty();
    let keep_best = (!settings.refit || keeping.may_end) && is_held_out;
    let plan = |candidate: &Candidate| FitPlan { keep_best, ..plan(setup, candidate) };
    let definition = settings.algorithm.definition();
    let (field, rungs) = ((definition.field)(settings, &opened.problem), definition.rungs);
    if field.is_empty() || !is_held_out {
        setup.begin(opened, &unraced)?;
        return Ok((Fit::new(opened.engine()?, plan(&unraced))?, unraced));
    }
    keeping.report(&Event::Begin { phase: Phase::Race, epochs: settings.epochs(), patience: None });
    let problem = Arc::clone(&opened.problem);
    let enter = |candidate: Candidate| {
        let (state, plan) = (setup.start(&problem, &candidate), plan(&candidate));
        (candidate, state, plan)
    };
    let mut race = match from {
        Some(Position::Race(race)) => race.into_owned(),
        _ => Race::new(opened, field.into_iter().map(enter), rungs)?,
    };
    let larger =
        |winner: &Candidate, scores: &[Scored]| (definition.larger)(settings, winner, (&problem, scores));
    while race.advance(opened, (&enter, &larger), keeping)? == Reached::Keep {
        keeping.keep(Position::Race(Cow::Borrowed(&race)))?;
    }
    race.winner(opened)
}
