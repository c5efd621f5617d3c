//! Implicit alternating least squares: factors for lists, from who rated what (docs/maths.md, "ials").
//! Every pair of a user and an item counts: those with a rating as preferences of 1, all of them with a
//! small weight as 0 (Hu, Koren, Volinsky 2008; Rendle, Krichene, Zhang, Koren 2021, "Revisiting the
//! performance of iALS on item recommendation benchmarks").

use super::definition::{Definition, add};
use super::pause::Pause;
use crate::Result;
use crate::math::Square;
use crate::model::{Belief, FoldIn};
use crate::ratings::{At, Scale, Side};
use crate::train::candidate::Candidate;
use crate::train::choices::Objective;
use crate::train::criterion::{Criterion, ListMetric};
use crate::train::engine::{Engine, Vectors};
use crate::train::problem::Problem;
use crate::train::row::normal::{Form, Forms, Numbers, Quadratic, Solver};
use crate::train::row::{Target, Update};
use crate::train::settings::Settings;
use serde::{Deserialize, Serialize};

pub(super) const DEFINITION: Definition = Definition {
    purpose: "Implicit alternating least squares: lists, from who rated what",
    objective: Objective::Lists,
    factors: 128,
    settings: &[
        "regularization",
        "power",
        "unobserved_weight",
        "alpha",
        "confidence",
        "dislikes_below",
        "solver",
        "patience",
        "refit",
    ],
    most_factors: 2048,
    epochs: 12,
    patience: 2,
    power: 1.0,
    has_stages: false,
    is_chain: false,
    has_solver: true,
    start: None,
    interval: |_, factors, _| {
        // A uniform number has a deviation of half its interval over the root of 3.
        let end = START * 3f32.sqrt() / (factors as f32).sqrt();
        (-end, end)
    },
    scale: |ratings, feedback, settings| {
        Scale::of_preferences(ratings, feedback, settings.confidence, settings.dislikes_below)
    },
    held_out: |_| 0.1,
    criterion: Criterion::Lists(ListMetric::Ndcg, 10),
    unraced: |settings, problem| of(settings, problem, settings.factors(), FIELD[0]),
    field: |settings, problem| {
        let mut field = Vec::new();
        let open = settings.regularization.is_open()
            || (settings.unobserved_weight.is_open() && settings.alpha.is_none());
        for pair in FIELD.into_iter().take(if open { FIELD.len() } else { 1 }) {
            if open || settings.factors.is_none() {
                add(&mut field, of(settings, problem, FIRST_FACTORS, pair));
            }
        }
        field
    },
    rungs: &[6],
    larger: |settings, winner, (problem, scores)| {
        let factors = 2 * winner.settings().factors();
        let fits = factors <= DEFINITION.most_factors && work(problem, settings.solver, factors) <= MOST_WORK;
        if settings.factors.is_some() || !fits {
            return Vec::new();
        }
        let mut larger = vec![winner.with_factors(factors)];
        let half = winner.with_regularization(winner.regularization() / 2.0);
        let score =
            |of: &Candidate| scores.iter().find(|(candidate, _)| candidate == of).map(|(_, score)| score);
        // Whether it lost already, at the number of factors of a candidate that is else the winner.
        let lost = scores.iter().any(|(like, own)| {
            let half = score(&half.with_factors(like.settings().factors()));
            like.with_factors(1) == winner.with_factors(1)
                && half.is_some_and(|half| half.gain_over(own) < CLEARLY_WORSE)
        });
        if settings.regularization.is_open() && !lost {
            larger.push(half.with_factors(factors));
        }
        larger
    },
};

/// The deviation of a row's initial length.
const START: f32 = 0.1;

/// The candidates of the race: the weight of a pair without a rating, in units of the density of the ratings,
/// and the regularization. The first pair served six data sets without a race.
const FIELD: [(f32, f32); 5] = [(16.0, 0.005), (16.0, 0.0025), (16.0, 0.01), (32.0, 0.003), (8.0, 0.01)];

/// The number of factors at which the candidates race. The winner's number is doubled as long as that gains
/// enough.
const FIRST_FACTORS: usize = 64;

/// The largest number of multiplications of an epoch for which the number of factors is doubled by itself:
/// some seconds on two cores.
const MOST_WORK: f64 = 4e11;

/// Half the regularization is not tried with more factors where it lost by more than this fraction with
/// fewer.
const CLEARLY_WORSE: f64 = -0.03;

/// The number of steps of conjugate gradients in a row's update. Three come within .002 of the exact
/// solution's NDCG in as many epochs.
const STEPS: usize = 3;

/// About how many multiplications an epoch takes.
fn work(problem: &Problem, solver: Solver, factors: usize) -> f64 {
    let forms = Forms::of(solver, factors, true);
    let k = factors as f64;
    let of_row = |&activity: &u32| {
        let n = f64::from(activity);
        match forms.form(activity as usize) {
            // A row of the fixed side is turned, and a solved one turned back.
            Form::Short => n * n * k / 2.0 + n * n * n / 6.0 + 4.0 * n * k + 2.0 * k * k,
            Form::Long => n * k * k / 2.0 + k * k * k / 6.0,
            Form::Steps => (1.0 + STEPS as f64) * (2.0 * n * k + k * k),
        }
    };
    let rows = problem.staged.activity.iter().flatten().filter(|activity| **activity > 0);
    // Each row is also part of a Gram matrix, whose eigenvectors are computed.
    rows.map(|activity| of_row(activity) + k * k / 2.0).sum::<f64>() + 2.0 * 9.0 * k * k * k
}

/// The candidate with a pair of [`FIELD`].
fn of(
    settings: &Settings,
    problem: &Problem,
    factors: usize,
    (times, regularization): (f32, f32),
) -> Candidate {
    let [users, items] = [Side::User, Side::Item].map(|side| problem.staged.activity[side].len() as f64);
    let ratings = (problem.staged.ratings + problem.held_out.len()) as f64;
    let density = (ratings / (users * items).max(1.0)) as f32;
    // In units where the mean weight of a rating is 1, its classic confidence is alpha times the mean rating.
    let classic = settings.alpha.map(|alpha| 1.0 / (alpha * problem.mean_weight));
    Candidate::of_lists(settings, factors, regularization, classic.unwrap_or(times * density))
}

/// The parameters of implicit alternating least squares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::train) struct Ials {
    factors: usize,
    /// The weight of a row's ridge term is `regularization * (activity^power + unobserved * other rows)`.
    regularization: f32,
    power: f32,
    /// The weight of any pair's square.
    unobserved: f32,
    #[serde(default)]
    solver: Solver,
}

impl Ials {
    pub(super) fn new(candidate: &Candidate) -> Self {
        Self {
            factors: candidate.settings().factors(),
            regularization: candidate.regularization(),
            power: candidate.settings().power(),
            unobserved: candidate.unobserved_weight(),
            solver: candidate.settings().solver,
        }
    }

    pub(super) fn epoch(
        &self,
        engine: &mut dyn Engine,
        first: usize,
        pause: &mut Pause,
    ) -> Result<Option<usize>> {
        let k = self.factors;
        let prior = Quadratic { matrix: self.ridge(0.0).to_matrix(), pull: vec![0.0; k + 1] };
        for side in Side::BOTH.into_iter().skip(first) {
            let others = engine.size(side.other());
            let products = engine.moments(side.other(), Vectors::Factors)?.product;
            let shared = unobserved_share(&products, k, (self.unobserved, self.regularization), others);
            let numbers = Numbers {
                target: Target::Preference,
                precision: 1.0,
                prior: prior.clone(),
                power: self.power,
                shared,
                implicit_weight: 0.0,
                noise: None,
                forms: Forms::of(self.solver, k, true),
                steps: STEPS,
                measure: side == Side::User,
            };
            engine.sweep(At { stage: 0, side }, &Update::Normal(numbers))?;
            if pause(side.index()) {
                return Ok(Some(side.index() + 1));
            }
        }
        Ok(None)
    }

    /// The prior of a row, with an entry of its own for the bias.
    fn ridge(&self, bias: f64) -> Square {
        let mut ridge = Square::diagonal(self.factors + 1, self.regularization.into());
        *ridge.at(self.factors, self.factors) = bias;
        ridge
    }

    pub(super) fn fold_in(&self) -> FoldIn {
        // A belief has an inverse, so that of the bias counts once. It is always 0.
        let belief = Belief::new(self.ridge(1.0), vec![0.0; self.factors + 1]);
        FoldIn {
            precision: 1.0,
            power: self.power,
            implicit_weight: 0.0,
            unobserved_weight: self.unobserved,
            users: belief.clone(),
            items: belief,
        }
    }
}

/// The contribution of all pairs to the equations of every row, given the sum of `y y'` over the `others`
/// rows of the other side, which may have further columns: their squares, and the part of the ridge term
/// that does not depend on the activity. The bias is 0, by an equation of its own.
pub(in crate::train) fn unobserved_share(
    products: &Square,
    factors: usize,
    (unobserved, regularization): (f32, f32),
    others: usize,
) -> Quadratic {
    let unobserved = f64::from(unobserved);
    let ridge = unobserved * f64::from(regularization) * others as f64;
    let mut matrix = Square::diagonal(factors + 1, ridge);
    for row in 0..factors {
        for column in 0..factors {
            *matrix.at(row, column) += unobserved * products.get(row, column);
        }
    }
    *matrix.at(factors, factors) = 1.0;
    Quadratic { matrix: matrix.to_matrix(), pull: vec![0.0; factors + 1] }
}
