//! From training's numbers to a model's: in the data set's order, centred, in rating units.

use super::method::Method;
use super::problem::Problem;
use super::state::{SideState, State};
use crate::math::Matrix;
use crate::model::{Belief, Factors, FoldIn};
use crate::ratings::Scale;
use rayon::prelude::*;

/// One side taken apart: `p_u = mean + p'_u`, `b_u = bias_mean + b'_u`, over the rows that have ratings.
struct Centred {
    mean: Vec<f64>,
    bias_mean: f64,
}

/// The factors as a model keeps them. Both sides' factors and biases are centred and what that takes away goes
/// into biases and mean, which leaves every prediction as it was:
/// `p.q = p'.q' + mean_p.q' + p'.mean_q + mean_p.mean_q`. So a row of zeros is the average user or item, which is
/// what rows without ratings get (docs/maths.md, "The delivered model").
pub(super) fn finish(state: &State, problem: &Problem, scale: Scale, method: &Method) -> Factors {
    let staged = &problem.staged;
    let users = center(&state.users, &staged.user_activity);
    let items = center(&state.items, &staged.item_activity);
    let (user_factors, user_bias) =
        side(&state.users, &users, &items, (&staged.user_place, &staged.user_activity));
    let (item_factors, item_bias) =
        side(&state.items, &items, &users, (&staged.item_place, &staged.item_activity));
    let common: f64 = users.mean.iter().zip(&items.mean).map(|(p, q)| p * q).sum();
    let mean = common + users.bias_mean + items.bias_mean - f64::from(method.offset());
    let believed = method.fold_in(problem, state.users.factors.columns());
    let move_belief = |belief: &Belief, own: &Centred, other: &Centred| {
        let center: Vec<f64> = own.mean.iter().copied().chain([own.bias_mean]).collect();
        belief.moved(&center, &other.mean)
    };
    let fold_in = FoldIn {
        users: move_belief(&believed.users, &users, &items),
        items: move_belief(&believed.items, &items, &users),
        ..believed
    };
    let weighted = matches!(method, Method::Bayes(_));
    let weights = |side: &SideState, place: &[u32]| {
        let weight = |&place: &u32| side.rows[place as usize].weight();
        if weighted { place.iter().map(weight).collect() } else { Vec::new() }
    };
    Factors {
        users: user_factors,
        items: item_factors,
        user_bias,
        item_bias,
        mean: (scale.mean + scale.deviation * mean) as f32,
        scale: scale.deviation as f32,
        user_weight: weights(&state.users, &staged.user_place),
        item_weight: weights(&state.items, &staged.item_place),
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

/// The centred factors and biases of one side in the data set's order.
fn side(
    state: &SideState,
    own: &Centred,
    other: &Centred,
    (place, activity): (&[u32], &[u32]),
) -> (Matrix, Vec<f32>) {
    let mut factors = Matrix::zeros(place.len(), state.factors.columns());
    let mut biases = vec![0f32; place.len()];
    let rows = factors.as_mut_slice().par_chunks_mut(state.factors.columns()).zip(&mut biases).zip(place);
    rows.filter(|(_, place)| activity[**place as usize] > 0).for_each(|((row, bias), &place)| {
        let mut shift = f64::from(state.rows[place as usize].bias) - own.bias_mean;
        let trained = state.factors.row(place as usize);
        for (n, (value, &trained)) in row.iter_mut().zip(trained).enumerate() {
            let rest = f64::from(trained) - own.mean[n];
            shift += rest * other.mean[n];
            *value = rest as f32;
        }
        *bias = shift as f32;
    });
    (factors, biases)
}
