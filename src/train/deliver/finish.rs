//! Converts a trained state to a model's factors: in the order of the data set; for ratings also centred, and in
//! rating units.

use crate::math::Matrix;
use crate::model::{Belief, Factors, FoldIn};
use crate::ratings::{Scale, Side, Sides, Staged};
use crate::train::algorithm::Method;
use crate::train::choices::Objective;
use crate::train::problem::Problem;
use crate::train::state::{SideState, State};
use crate::{Error, Result};
use rayon::prelude::*;

/// The centre of one side over the rows that have ratings: `p_u = mean + p'_u`, `b_u = bias_mean + b'_u`.
struct Centred {
    mean: Vec<f64>,
    bias_mean: f64,
}

/// Converts a state to the factors that a model keeps, if a model may have them.
///
/// # Errors
/// [`Error::Diverged`] for numbers that are not finite, or whose scores need not be.
pub(in crate::train) fn checked(
    state: &State,
    problem: &Problem,
    scale: Scale,
    method: &Method,
) -> Result<Factors> {
    if !state.is_finite() {
        return Err(Error::Diverged("training ended with numbers that are not finite".into()));
    }
    let factors = finish(state, problem, scale, method);
    factors.check_reach().map_err(|why| Error::Diverged(format!("training ended: {why}")))?;
    Ok(factors)
}

/// Converts a state to the factors that a model keeps.
pub(in crate::train) fn finish(state: &State, problem: &Problem, scale: Scale, method: &Method) -> Factors {
    match method.algorithm().objective() {
        Objective::Ratings => centred(state, problem, scale, method),
        Objective::Lists => as_they_are(state, problem, method),
    }
}

/// The factors of lists. A score is `p.q`. A user without ratings has the mean row of the others, so that the
/// list is that of an average user; an item without ratings is zero, and last in every list.
fn as_they_are(state: &State, problem: &Problem, method: &Method) -> Factors {
    let staged = &problem.staged;
    let origin = center(&state.users, &staged.activity.users).mean;
    let origin: Vec<f32> = origin.into_iter().map(|number| number as f32).collect();
    let columns = origin.len();
    let Sides { users, items } = Sides::from_fn(|side| {
        let (position, activity) = (&staged.position[side], &staged.activity[side]);
        let mut factors = Matrix::zeros(position.len(), columns);
        factors.as_mut_slice().par_chunks_mut(columns).zip(position).for_each(|(row, &position)| {
            if activity[position as usize] > 0 {
                row.copy_from_slice(state[side].factors.row(position as usize));
            } else if side == Side::User {
                row.copy_from_slice(&origin);
            }
        });
        factors
    });
    Factors {
        user_bias: vec![0.0; users.rows()],
        item_bias: vec![0.0; items.rows()],
        users,
        items,
        mean: 0.0,
        scale: 1.0,
        origin,
        fold_in: Some(method.fold_in(problem, columns)),
        ..Factors::default()
    }
}

/// Converts a state to the factors of a model of ratings. Factors and biases of both sides are centred. The
/// biases and the mean absorb the centres, so every prediction stays the same: `p.q = p'.q' + mean_p.q' +
/// p'.mean_q + mean_p.mean_q`. A row of zeros is therefore the average user or item, and rows without ratings
/// are zero (docs/maths.md, "The delivered model").
fn centred(state: &State, problem: &Problem, scale: Scale, method: &Method) -> Factors {
    let staged = &problem.staged;
    let centred = Sides::from_fn(|side| center(&state[side], &staged.activity[side]));
    let [(users, user_bias), (items, item_bias)] =
        Side::BOTH.map(|side| moved(&state[side], (&centred[side], &centred[side.other()]), staged, side));
    let common: f64 = centred.users.mean.iter().zip(&centred.items.mean).map(|(p, q)| p * q).sum();
    let mean = common + centred.users.bias_mean + centred.items.bias_mean - f64::from(method.offset());
    let believed = method.fold_in(problem, state.users.factors.columns());
    let move_belief = |belief: &Belief, own: &Centred, other: &Centred| {
        let center: Vec<f64> = own.mean.iter().copied().chain([own.bias_mean]).collect();
        belief.moved(&center, &other.mean)
    };
    let fold_in = FoldIn {
        users: move_belief(&believed.users, &centred.users, &centred.items),
        items: move_belief(&believed.items, &centred.items, &centred.users),
        ..believed
    };
    let weighted = method.has_weights();
    let weights = Sides::from_fn(|side| {
        let weight = |&position: &u32| state[side].rows[position as usize].weight();
        if weighted { staged.position[side].iter().map(weight).collect() } else { Vec::new() }
    });
    Factors {
        users,
        items,
        user_bias,
        item_bias,
        mean: (scale.mean + scale.deviation * mean) as f32,
        scale: scale.deviation as f32,
        user_weight: weights.users,
        item_weight: weights.items,
        origin: Vec::new(),
        fold_in: Some(fold_in),
    }
}

fn center(side: &SideState, activity: &[u32]) -> Centred {
    let mut mean = vec![0.0; side.factors.columns()];
    let (mut bias_mean, mut count) = (0.0, 0.0);
    for (row, _) in activity.iter().enumerate().filter(|(_, activity)| **activity > 0) {
        mean.iter_mut().zip(side.factors.row(row)).for_each(|(sum, &value)| *sum += f64::from(value));
        bias_mean += f64::from(side.rows[row].bias);
        count += 1.0;
    }
    let count = f64::max(count, 1.0);
    mean.iter_mut().for_each(|sum| *sum /= count);
    Centred { mean, bias_mean: bias_mean / count }
}

/// The centred factors and biases of one side, in the order of the data set.
fn moved(
    state: &SideState,
    (own, other): (&Centred, &Centred),
    staged: &Staged,
    side: Side,
) -> (Matrix, Vec<f32>) {
    let (position, activity) = (&staged.position[side], &staged.activity[side]);
    let mut factors = Matrix::zeros(position.len(), state.factors.columns());
    let mut biases = vec![0f32; position.len()];
    let rows = factors.as_mut_slice().par_chunks_mut(state.factors.columns()).zip(&mut biases).zip(position);
    rows.filter(|(_, position)| activity[**position as usize] > 0).for_each(|((row, bias), &position)| {
        let mut shift = f64::from(state.rows[position as usize].bias) - own.bias_mean;
        let trained = state.factors.row(position as usize);
        for (n, (value, &trained)) in row.iter_mut().zip(trained).enumerate() {
            let rest = f64::from(trained) - own.mean[n];
            shift += rest * other.mean[n];
            *value = rest as f32;
        }
        *bias = shift as f32;
    });
    (factors, biases)
}
