//! The steps of conjugate gradients in plain f64, slow and obvious, and how far f32 may be from them.

use super::oracle_normal::{Equations, near, tolerance};

/// The square of a residual that counts as none.
const NOTHING: f64 = 1e-20;

impl Equations {
    /// The same without the bias, which steps leave as it is.
    pub(crate) fn without_bias(mut self) -> Self {
        self.a.pop();
        self.b.pop();
        self.a.iter_mut().for_each(|row| row.truncate(row.len() - 1));
        self
    }

    /// The row after some steps of conjugate gradients towards `A x = b`.
    fn descend(&self, b: &[f64], from: &[f64], steps: usize) -> Vec<f64> {
        let mut x = from.to_vec();
        let mut residual: Vec<f64> = self.times(&x).iter().zip(b).map(|(ax, b)| b - ax).collect();
        let mut direction = residual.clone();
        let mut square = dot(&residual, &residual);
        for _ in 0..steps {
            if square < NOTHING {
                break;
            }
            let product = self.times(&direction);
            let length = square / dot(&direction, &product);
            x.iter_mut().zip(&direction).for_each(|(x, d)| *x += length * d);
            residual.iter_mut().zip(&product).for_each(|(r, p)| *r -= length * p);
            let next = dot(&residual, &residual);
            direction.iter_mut().zip(&residual).for_each(|(d, r)| *d = r + next / square * *d);
            square = next;
        }
        x
    }

    fn times(&self, x: &[f64]) -> Vec<f64> {
        self.a.iter().map(|row| dot(row, x)).collect()
    }

    /// The sizes of the terms of each equation, whose sums are the sides.
    fn sizes(&self, x: &[f64]) -> Vec<f64> {
        let size = |row: &Vec<f64>| row.iter().zip(x).map(|(a, x)| (a * x).abs()).sum::<f64>();
        self.a.iter().zip(&self.b).map(|(row, b)| size(row) + b.abs()).collect()
    }

    /// Half of `x' A x`, less `b' x`. Steps make it as small as they can, and rounding hardly changes how
    /// small.
    fn energy(&self, x: &[f64]) -> f64 {
        dot(x, &self.times(x)) / 2.0 - dot(x, &self.b)
    }

    /// The length of the difference of the residuals of two rows.
    fn apart(&self, x: &[f64], y: &[f64]) -> f64 {
        let apart: Vec<f64> = x.iter().zip(y).map(|(x, y)| x - y).collect();
        let residual = self.times(&apart);
        dot(&residual, &residual).sqrt()
    }
}

/// Compares a row that an engine moved from `from` with the reference. Steps amplify rounding; by how much,
/// the reference itself shows, with a right-hand side that is off by as much as rounding may be.
pub(crate) fn check_steps(
    what: &str,
    equations: &Equations,
    (from, found): (&[f64], &[f64]),
    (steps, ratings): (usize, usize),
) -> Result<(), String> {
    let rounding = tolerance(from.len(), ratings) * (steps + 1) as f64;
    let expected = equations.descend(&equations.b, from, steps);
    let mut sizes = equations.sizes(from);
    sizes.iter_mut().zip(equations.sizes(&expected)).for_each(|(size, end)| *size = size.max(end));
    let off = |n: usize| if n % 3 == 1 { -rounding } else { rounding };
    let shaken: Vec<f64> = (0..).zip(&equations.b).zip(&sizes).map(|((n, b), s)| b + off(n) * s).collect();
    let shaken = equations.descend(&shaken, from, steps);
    let allowed = rounding * dot(&sizes, &sizes).sqrt() + equations.apart(&shaken, &expected);
    near(&format!("{what}: residual apart"), equations.apart(found, &expected), 0.0, allowed)?;
    // An error of the residual changes the energy by its product with the row.
    let terms: f64 = sizes.iter().zip(from).zip(&expected).map(|((s, x), y)| s * x.abs().max(y.abs())).sum();
    let energy = equations.energy(&expected);
    near(&format!("{what}: energy"), equations.energy(found), energy, rounding * terms)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
