//! The normal equations of a row in plain f64, slow and obvious, from the formulas of docs/maths.md. Only the
//! data come from the crate.

use mfgpu::math::philox::philox;
use mfgpu::math::{Square, normal};
use mfgpu::ratings::{At, Side};
use mfgpu::train::engine::Moments;
use mfgpu::train::row::Target;
use mfgpu::train::row::normal::{Axes, Form, Numbers, Split};
use mfgpu::train::{Problem, SideState, State};

/// `A x = b` of a row, and its plain and weighted sums of squared errors at `x`.
pub(crate) struct Equations {
    pub(crate) a: Vec<Vec<f64>>,
    pub(crate) b: Vec<f64>,
    pub(crate) loss: [f64; 2],
}

/// The ratings of a row: number of the fixed row, and value.
pub(crate) fn ratings(problem: &Problem, side: Side, row: u32) -> Vec<(usize, f64)> {
    let rows = problem.staged.rows(At { stage: 0, side });
    let Ok(entry) = rows.row.binary_search(&row) else { return Vec::new() };
    rows.ratings
        .part(rows.span(entry))
        .iter()
        .map(|(other, value)| (other as usize, f64::from(value)))
        .collect()
}

/// The equations of a row of `side` from the state `before` a sweep, and the errors of the row `after` it.
/// `implicit` are the implicit features of the other side.
pub(crate) fn equations(
    problem: &Problem,
    (before, after): (&State, &State),
    (side, row): (Side, u32),
    numbers: &Numbers,
    implicit: Option<&[Vec<f64>]>,
) -> Equations {
    let (own, fixed) = match side {
        Side::User => (&before.users, &before.items),
        Side::Item => (&before.items, &before.users),
    };
    let solved = if side == Side::User { &after.users } else { &after.items };
    let k = own.factors.columns();
    let n = k + 1;
    let ratings = ratings(problem, side, row);
    let x: Vec<f64> = vector(solved, row as usize);
    let own_weight = f64::from(own.rows[row as usize].weight()) * f64::from(numbers.precision);
    let scale = (ratings.len() as f64).powf(f64::from(numbers.power));
    let (mut a, mut b) = (vec![vec![0.0; n]; n], vec![0.0; n]);
    for i in 0..n {
        let beliefs = numbers.prior.matrix.row(i).iter().zip(numbers.shared.matrix.row(i));
        for (a, (&prior, &shared)) in a[i].iter_mut().zip(beliefs) {
            *a = scale * f64::from(prior) + f64::from(shared);
        }
        b[i] = scale * f64::from(numbers.prior.pull[i]) + f64::from(numbers.shared.pull[i]);
    }
    let mut loss = [0.0; 2];
    for &(other, value) in &ratings {
        let mut z = vector(fixed, other);
        // A preference is 1 or 0, and no bias of the row itself explains it.
        let (aim, one, counts) = match numbers.target {
            Target::Value => (value, 1.0, 1.0),
            Target::Preference => (f64::from(u8::from(value > 0.0)), 0.0, value.abs()),
        };
        let y = aim - z[k];
        z[k] = one;
        let own_weight = own_weight * counts;
        let weight = f64::from(fixed.rows[other].weight());
        for i in 0..n {
            for (a, other) in a[i].iter_mut().zip(&z) {
                *a += own_weight * weight * z[i] * other;
            }
            b[i] += own_weight * weight * y * z[i];
        }
        if let Some(implicit) = implicit {
            b.iter_mut()
                .zip(&implicit[other])
                .for_each(|(b, v)| *b += f64::from(numbers.implicit_weight) * v);
        }
        let product: f64 = z.iter().zip(&x).map(|(z, x)| z * x).sum();
        let error = y - product;
        loss[0] += counts * error * error;
        loss[1] += counts * weight * error * error;
    }
    if let Some(noise) = numbers.noise {
        let number = |i: usize| {
            let word = philox([row, i as u32 / 4, noise.side, noise.draw], noise.key)[i % 4];
            f64::from(normal(word))
        };
        if numbers.forms.form(ratings.len()) == Form::Short {
            // x = A^-1 (b + X^-1' B^1/2 e + Z' W^1/2 e'), where X'A X is B for a row without ratings.
            let axes = Axes::of(numbers, k).expect("a prior of full rank");
            let back = inverse(&axes.matrix(k));
            let of = |part: &Split, n: usize| f64::from(if n < k { part.body[n] } else { part.end });
            for i in 0..n {
                let prior = scale * of(&axes.prior, i) + of(&axes.shared, i);
                let root = prior.sqrt() * number(i);
                b.iter_mut().zip(&back[i]).for_each(|(b, back)| *b += back * root);
            }
            for (m, &(other, _)) in ratings.iter().enumerate() {
                let mut z = vector(fixed, other);
                z[k] = 1.0;
                let root = (own_weight * f64::from(fixed.rows[other].weight())).sqrt() * number(n + m);
                b.iter_mut().zip(&z).for_each(|(b, z)| *b += root * z);
            }
        } else {
            // x = A^-1 (b + U' e) with A = U' U.
            for (i, u) in upper(&a).iter().enumerate() {
                b.iter_mut().zip(u).for_each(|(b, u)| *b += u * number(i));
            }
        }
    }
    Equations { a, b, loss }
}

/// Factors and bias of a row.
pub(crate) fn vector(side: &SideState, row: usize) -> Vec<f64> {
    let factors = side.factors.row(row).iter().copied();
    factors.chain([side.rows[row].bias]).map(f64::from).collect()
}

/// How far `x` is from solving the equations, relative to the size of their terms: the backward error, which
/// does not depend on the condition of the equations.
pub(crate) fn backward_error(equations: &Equations, x: &[f64]) -> f64 {
    let (mut worst, mut size) = (0f64, 0f64);
    for (row, b) in equations.a.iter().zip(&equations.b) {
        let product: f64 = row.iter().zip(x).map(|(a, x)| a * x).sum();
        let magnitude: f64 = row.iter().zip(x).map(|(a, x)| (a * x).abs()).sum();
        worst = worst.max((product - b).abs());
        size = size.max(magnitude + b.abs());
    }
    if worst.is_nan() { f64::INFINITY } else { worst / size.max(f64::MIN_POSITIVE) }
}

/// The inverse of a matrix, by elimination with pivots.
fn inverse(matrix: &Square) -> Vec<Vec<f64>> {
    let n = matrix.size();
    let unit = |row: usize, column: usize| f64::from(u8::from(row == column));
    let mut rows: Vec<Vec<f64>> = (0..n)
        .map(|row| (0..n).map(|c| matrix.get(row, c)).chain((0..n).map(|c| unit(row, c))).collect())
        .collect();
    for pivot in 0..n {
        let best = (pivot..n).max_by(|&a, &b| rows[a][pivot].abs().total_cmp(&rows[b][pivot].abs()));
        rows.swap(pivot, best.unwrap_or(pivot));
        let by = rows[pivot][pivot];
        rows[pivot].iter_mut().for_each(|entry| *entry /= by);
        let line = rows[pivot].clone();
        for (row, entries) in rows.iter_mut().enumerate().filter(|(row, _)| *row != pivot) {
            let (times, _) = (entries[pivot], row);
            entries.iter_mut().zip(&line).for_each(|(entry, line)| *entry -= times * line);
        }
    }
    rows.into_iter().map(|row| row[n..].to_vec()).collect()
}

/// The upper triangle `U` with `U' U = A`.
fn upper(a: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = a.len();
    let mut u: Vec<Vec<f64>> = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in i..n {
            let done: f64 = (0..i).map(|m| u[m][i] * u[m][j]).sum();
            let rest = a[i][j] - done;
            u[i][j] = if i == j { rest.sqrt() } else { rest / u[i][i] };
        }
    }
    u
}

/// The implicit features of `side`: `matrix (sum of the rated rows - count mean)`.
pub(crate) fn implicit(
    problem: &Problem,
    state: &State,
    side: Side,
    (matrix, mean): (&mfgpu::math::Matrix, &[f32]),
) -> Vec<Vec<f64>> {
    let fixed = if side == Side::User { &state.items } else { &state.users };
    let implicit = |row: u32| -> Vec<f64> {
        let ratings = ratings(problem, side, row);
        let sum: Vec<f64> = (0..mean.len())
            .map(|n| {
                let sum: f64 = ratings.iter().map(|&(other, _)| f64::from(fixed.factors.row(other)[n])).sum();
                sum - ratings.len() as f64 * f64::from(mean[n])
            })
            .collect();
        (0..mean.len())
            .map(|n| matrix.row(n).iter().zip(&sum).map(|(&m, s)| f64::from(m) * s).sum())
            .collect()
    };
    (0..problem.staged.activity[side].len() as u32).map(implicit).collect()
}

/// The backward error that rounding may cause in sums over `ratings` and in elimination with `unknowns`.
pub(crate) fn tolerance(unknowns: usize, ratings: usize) -> f64 {
    4.0 * f64::from(f32::EPSILON) * (unknowns as f64 + (ratings as f64).sqrt() + 8.0)
}

/// The backward error allowed for singular equations: a pivot of up to `unknowns` roundings counts as zero.
/// Its row is left out, and has entries of up to the square root of that.
pub(crate) fn singular_tolerance(unknowns: usize) -> f64 {
    (unknowns as f64 * f64::from(f32::EPSILON)).sqrt()
}

/// Whether a value is as expected; NaN never is.
pub(crate) fn near(what: &str, found: f64, expected: f64, allowed: f64) -> Result<(), String> {
    if (found - expected).abs() <= allowed {
        Ok(())
    } else {
        Err(format!("{what} is {found}, expected {expected} within {allowed}"))
    }
}

/// Compares sums over rows, whose last number is a bias.
pub(crate) fn check_sums(what: &str, moments: &Moments, rows: &[Vec<f64>]) -> Result<(), String> {
    near(&format!("{what}: count"), moments.count, rows.len() as f64, 0.0)?;
    let width = rows.first().map_or(0, Vec::len);
    let relative = 16.0 * tolerance(width, rows.len());
    for i in 0..width {
        let size = rows.iter().map(|row| row[i].abs()).sum::<f64>() + 1e-3;
        let sum = rows.iter().map(|row| row[i]).sum();
        near(&format!("{what}: sum {i}"), moments.sum[i], sum, relative * size)?;
        for j in 0..width {
            let size = rows.iter().map(|row| (row[i] * row[j]).abs()).sum::<f64>() + 1e-3;
            let sum = rows.iter().map(|row| row[i] * row[j]).sum();
            near(&format!("{what}: product {i} {j}"), moments.product.get(i, j), sum, relative * size)?;
        }
    }
    Ok(())
}
