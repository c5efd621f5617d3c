//! Training on all ratings, for as many epochs as the best one of the search.

use super::checkpoint::{Position, SearchResult};
use super::fit::{Fit, FitPlan, Reached};
use super::keeping::Keeping;
use super::search::plan;
use super::setup::Setup;
use crate::model::Factors;
use crate::ratings::{LeftOut, Ratings};
use crate::train::curve::Curve;
use crate::train::engine::OpenEngine;
use crate::train::event::{Event, Phase};
use crate::train::monitor::Monitor;
use crate::train::state::State;
use crate::{Error, Result};
use std::borrow::Cow;

/// Trains for `epochs` epochs, or resumes a refit that has begun. `None` if it was stopped or diverged; the
/// result of the search then stands.
pub(super) fn refit(
    setup: &Setup,
    open: &mut OpenEngine,
    (epochs, found): (usize, &SearchResult),
    begun: Option<(Fit, State)>,
    keeping: &mut Keeping,
) -> Result<Option<(Factors, Curve)>> {
    let candidate = &found.candidate;
    let problem = setup.problem(LeftOut::Nothing, &Ratings::default())?;
    let mut opened = setup.open(open, problem, candidate, keeping)?;
    if keeping.report(&Event::Begin { phase: Phase::Refit, epochs, patience: None }) {
        return Ok(None);
    }
    let mut fit = if let Some((fit, state)) = begun {
        opened.engine()?.restore(&state)?;
        fit
    } else {
        setup.begin(&mut opened, candidate)?;
        let method = found.method.clone();
        let plan = FitPlan { phase: Phase::Refit, epochs, patience: None, method, ..plan(setup, candidate) };
        Fit::new(opened.engine()?, plan)?
    };
    let (engine, problem) = opened.parts()?;
    loop {
        match fit.advance(engine, problem, epochs, keeping) {
            Ok(Reached::Keep) => {
                let state = engine.state()?;
                let (found, fit) = (Cow::Borrowed(found), Cow::Borrowed(&fit));
                keeping.keep(Position::Refit { found, fit, state })?;
            }
            Ok(Reached::End) if fit.curve.epochs.len() == epochs => {
                return Ok(Some((setup.deliver(engine, problem, &fit.plan.method)?, fit.curve)));
            }
            Ok(Reached::End) | Err(Error::Diverged(_)) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}
