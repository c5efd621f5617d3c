//! Plain f64 training, slow and obvious. It shares no code with the crate and only reads the crate's data.

use super::problems::EpochNumbers;
use mfgpu::ratings::{At, Rows, Side};
use mfgpu::train::row::sgd::Numbers;
use mfgpu::train::{Problem, Set, State};

/// One side's numbers.
#[derive(Clone)]
pub(crate) struct OracleSide {
    pub(crate) factors: Vec<Vec<f64>>,
    pub(crate) bias: Vec<f64>,
    pub(crate) factor_sum: Vec<f64>,
    pub(crate) bias_sum: Vec<f64>,
    pub(crate) loss: Vec<f64>,
    activity: Vec<u32>,
}

/// Both sides.
#[derive(Clone)]
pub(crate) struct Oracle {
    pub(crate) users: OracleSide,
    pub(crate) items: OracleSide,
    halved: bool,
}

impl Oracle {
    /// `halved`: the fixed side is read in f16.
    pub(crate) fn new(problem: &Problem, state: &State, halved: bool) -> Self {
        let side = |side: &mfgpu::train::SideState, activity: &[u32]| OracleSide {
            factors: (0..side.rows.len())
                .map(|row| side.factors.row(row).iter().map(|&value| f64::from(value)).collect())
                .collect(),
            bias: side.rows.iter().map(|row| f64::from(row.bias)).collect(),
            factor_sum: side.rows.iter().map(|row| f64::from(row.factor_sum())).collect(),
            bias_sum: side.rows.iter().map(|row| f64::from(row.bias_sum())).collect(),
            loss: side.rows.iter().map(|row| f64::from(row.loss)).collect(),
            activity: activity.to_vec(),
        };
        Self {
            users: side(&state.users, &problem.staged.activity.users),
            items: side(&state.items, &problem.staged.activity.items),
            halved,
        }
    }

    pub(crate) fn epoch(&mut self, problem: &Problem, numbers: &EpochNumbers) {
        for stage in 0..problem.staged.stages() {
            let rows = |side| problem.staged.rows(At { stage, side });
            let items = self.fixed(&self.items);
            sweep(&mut self.users, &items, rows(Side::User), numbers.of(Side::User));
            let users = self.fixed(&self.users);
            sweep(&mut self.items, &users, rows(Side::Item), numbers.of(Side::Item));
        }
    }

    /// The factors of a side as a sweep of the other side reads them.
    fn fixed(&self, side: &OracleSide) -> OracleSide {
        let mut fixed = side.clone();
        if self.halved {
            let factors = fixed.factors.iter_mut().flatten();
            factors.for_each(|factor| *factor = half::f16::from_f64(*factor).to_f64());
        }
        fixed
    }

    pub(crate) fn squared_error(&self, problem: &Problem, set: Set, offset: f64) -> f64 {
        let (low, high) = (f64::from(problem.range.0) + offset, f64::from(problem.range.1) + offset);
        let mut sum = 0.0;
        for (user, item, value) in problem.set(set).iter() {
            let (user, item) = (user as usize, item as usize);
            let product: f64 =
                self.users.factors[user].iter().zip(&self.items.factors[item]).map(|(p, q)| p * q).sum();
            let predicted = self.users.bias[user] + self.items.bias[item] + product;
            sum += (f64::from(value) + offset - predicted.max(low).min(high)).powi(2);
        }
        sum
    }
}

/// The update of docs/maths.md, section "sgd", row by row, written from the formulas.
fn sweep(own: &mut OracleSide, fixed: &OracleSide, rows: &Rows, numbers: &Numbers) {
    let rate = f64::from(numbers.learning_rate);
    for (entry, &row) in rows.row.iter().enumerate() {
        let row = row as usize;
        let k = own.factors[row].len();
        let share = f64::from(numbers.mean_activity) / f64::from(own.activity[row].max(1));
        let regularization = f64::from(numbers.regularization) * share.powf(f64::from(numbers.power));
        own.loss[row] = 0.0;
        let ratings: Vec<usize> = (rows.starts[entry] as usize..rows.starts[entry + 1] as usize).collect();
        let step = match ratings.len() {
            0..1024 => 8,
            1024..2048 => 32,
            _ => 128,
        };
        for batch in ratings.chunks(step) {
            let size = batch.len() as f64;
            let mut gradient: Vec<f64> =
                own.factors[row].iter().map(|p| -regularization * size * p).collect();
            let mut bias_gradient = -regularization * size * own.bias[row];
            for &n in batch {
                let (other, value) = rows.ratings.all().get(n);
                let other = other as usize;
                let q = &fixed.factors[other];
                let product: f64 = own.factors[row].iter().zip(q).map(|(p, q)| p * q).sum();
                let rating = f64::from(value) + f64::from(numbers.offset);
                let error = rating - own.bias[row] - fixed.bias[other] - product;
                own.loss[row] += error * error;
                bias_gradient += error;
                gradient.iter_mut().zip(q).for_each(|(g, q)| *g += error * q);
            }
            let step = (rate / own.factor_sum[row].sqrt()).min(1.0 / size);
            let bias_step = (rate / own.bias_sum[row].sqrt()).min(1.0 / size);
            for (n, g) in gradient.iter().enumerate().take(numbers.trained) {
                own.factors[row][n] += step * g;
            }
            own.bias[row] += bias_step * bias_gradient;
            own.factor_sum[row] += gradient.iter().map(|g| g * g).sum::<f64>() / k as f64;
            own.bias_sum[row] += bias_gradient * bias_gradient;
        }
    }
}
