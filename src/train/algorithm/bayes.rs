//! Gibbs sampling of the Bayesian model. An epoch draws hyper-parameters and all users, then hyper-parameters
//! and all items; the noise is drawn after each side.

use super::definition::{Definition, RUNGS};
use super::hyper::{Hyper, gamma, stream};
use super::implicit::{prepare, suited_weight};
use super::pause::Pause;
use crate::Result;
use crate::math::philox::{Purpose, Stream, key};
use crate::model::{Belief, FoldIn};
use crate::ratings::{At, Scale, Side, Sides};
use crate::train::candidate::Candidate;
use crate::train::choices::Objective;
use crate::train::criterion::Criterion;
use crate::train::engine::{Engine, Vectors};
use crate::train::problem::Problem;
use crate::train::row::normal::{Forms, Noise, Numbers, Quadratic, Solver};
use crate::train::row::{Target, Update};
use serde::{Deserialize, Serialize};

pub(super) const DEFINITION: Definition = Definition {
    purpose: "Gibbs sampling: the most accurate, and knows how sure it is",
    objective: Objective::Ratings,
    factors: 32,
    settings: &["views", "burn_in", "keep_draws"],
    most_factors: 2048,
    epochs: 200,
    patience: 3,
    power: 0.0,
    has_stages: false,
    is_chain: true,
    has_solver: false,
    start: None,
    interval: |_, _, _| INTERVAL,
    scale: |ratings, _, _| Scale::over(ratings),
    // A chain does not stop early.
    held_out: |_| 0.0,
    criterion: Criterion::Rmse,
    // The hyper-parameters take the role of a regularization.
    unraced: |settings, problem| Candidate::over(settings, None, 1.0, suited_weight(problem)),
    field: |_, _| Vec::new(),
    rungs: RUNGS,
    larger: |_, _, _| Vec::new(),
};

/// The interval of a chain's initial factors, of standard deviation .3. The first draws are of rows that
/// differ this much; a start from a solution would keep the chain near that solution.
const INTERVAL: (f32, f32) = (-0.52, 0.52);

/// The precision of the noise before any error is known, in standard units: a standard deviation of .8.
const FIRST_PRECISION: f64 = 1.6;

/// The number of ratings that the prior of a row's noise counts as: `Gamma(ROW_FREEDOM / 2, ROW_FREEDOM /
/// 2)`, of mean 1.
pub(in crate::train) const ROW_FREEDOM: f64 = 20.0;

/// The prior precision of new rows if the chain was stopped before its first draw.
const UNDRAWN_PRECISION: f64 = 1.0;

/// The choices that are fixed before a chain begins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Plan {
    factors: usize,
    /// The weight of a cell of the implicit features, as a precision.
    views: f32,
    seed: u64,
}

/// The state of a chain besides the factors.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::train) struct Bayes {
    plan: Plan,
    precision: f64,
    /// The hyper-parameters of the latest draw.
    hyper: Sides<Option<Hyper>>,
}

impl Bayes {
    /// A new chain. `precision` is the initial precision of the ratings, if it is known.
    pub(super) fn new(candidate: &Candidate, precision: Option<f64>) -> Self {
        let settings = candidate.settings();
        let plan = Plan { factors: settings.factors(), views: candidate.views(), seed: settings.seed };
        Self { plan, precision: precision.unwrap_or(FIRST_PRECISION), hyper: Sides::default() }
    }

    pub(super) fn epoch(
        &mut self,
        engine: &mut dyn Engine,
        problem: &Problem,
        (number, first): (usize, usize),
        pause: &mut Pause,
    ) -> Result<Option<usize>> {
        let Plan { factors, views, seed } = self.plan;
        for side in Side::BOTH.into_iter().skip(first) {
            let mut random = stream(seed, number, side);
            let hyper = Hyper::draw(&engine.moments(side, Vectors::Factors)?, &mut random);
            let (shared, implicit_weight) = prepare(engine, side, (factors, views))?;
            let numbers = Numbers {
                target: Target::Value,
                forms: Forms::of(Solver::Exact, factors, true),
                steps: 0,
                precision: self.precision as f32,
                prior: Quadratic {
                    matrix: hyper.precision.to_matrix(),
                    pull: hyper.pull.iter().map(|&pull| pull as f32).collect(),
                },
                power: 0.0,
                shared,
                implicit_weight,
                noise: Some(Noise {
                    key: key(seed, Purpose::Draw),
                    draw: number as u32,
                    side: side.index() as u32,
                }),
                measure: true,
            };
            engine.sweep(At { stage: 0, side }, &Update::Normal(numbers))?;
            self.hyper[side] = Some(hyper);
            self.draw_noise(engine, problem, (side, &mut random))?;
            if pause(side.index()) {
                return Ok(Some(side.index() + 1));
            }
        }
        Ok(None)
    }

    /// Draws the precision of each row's ratings on one side, then the precision common to all ratings.
    fn draw_noise(
        &mut self,
        engine: &mut dyn Engine,
        problem: &Problem,
        (side, random): (Side, &mut Stream),
    ) -> Result<()> {
        let mut rows = engine.row_states(side)?;
        let (mut squares, mut count) = (0.0, 0.0);
        for (row, &activity) in rows.iter_mut().zip(&problem.staged.activity[side]) {
            let (loss, activity) = (f64::from(row.weighted_loss()), f64::from(activity));
            if activity > 0.0 {
                let rate = 0.5 * (ROW_FREEDOM + self.precision * loss);
                row.set_weight((gamma(0.5 * (ROW_FREEDOM + activity), random) / rate) as f32);
                squares += f64::from(row.weight()) * loss;
                count += activity;
            }
        }
        engine.set_row_states(side, &rows)?;
        self.precision = gamma(1.0 + 0.5 * count, random) / (1.0 + 0.5 * squares);
        Ok(())
    }

    pub(super) fn fold_in(&self, factors: usize) -> FoldIn {
        let belief = |hyper: &Option<Hyper>| match hyper {
            Some(hyper) => Belief::new(hyper.precision.clone(), hyper.pull.clone()),
            None => Belief::new(
                crate::math::Square::diagonal(factors + 1, UNDRAWN_PRECISION),
                vec![0.0; factors + 1],
            ),
        };
        FoldIn {
            precision: self.precision as f32,
            power: 0.0,
            implicit_weight: self.plan.views,
            unobserved_weight: 0.0,
            users: belief(&self.hyper.users),
            items: belief(&self.hyper.items),
        }
    }
}
