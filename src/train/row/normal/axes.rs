//! Coordinates in which the prior of every row of a sweep is diagonal (docs/maths.md, "Every row on its
//! shorter side"). The priors `activity^power P + S` of a sweep share two matrices. A change of coordinates
//! `x = X y` with `X'P X` and `X'S X` diagonal makes all of them diagonal at once; a row `z` of the fixed
//! side becomes `X'z`.

use super::numbers::{Numbers, Quadratic};
use crate::math::{Lines, Square};
use crate::train::row::sgd::PAD;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// The number of rows that are turned at a time. It is fixed, so that bits do not depend on the number of
/// threads.
const BLOCK: usize = 128;

/// The numbers of a vector in these coordinates: as many as there are factors, padded with zeros, and the
/// last one, which has the place of the bias.
#[derive(Debug, Clone)]
pub struct Split {
    /// The first ones.
    pub body: Lines,
    /// The last one.
    pub end: f32,
}

impl Split {
    fn of(numbers: impl IntoIterator<Item = f64>, factors: usize) -> Self {
        let mut body = Lines::zeros(factors.next_multiple_of(PAD));
        let mut end = 0.0;
        for (n, number) in numbers.into_iter().enumerate() {
            *(if n < factors { &mut body[n] } else { &mut end }) = number as f32;
        }
        Self { body, end }
    }
}

/// The coordinates of a sweep, and its priors in them.
#[derive(Debug, Clone)]
pub struct Axes {
    /// The diagonal of `X'P X`.
    pub prior: Split,
    /// The diagonal of `X'S X`.
    pub shared: Split,
    /// `X'p`, with the pull of the prior.
    pub prior_pull: Split,
    /// `X's`, with the shared pull.
    pub shared_pull: Split,
    /// Whether all rows of a sweep have a prior that is a multiple of the identity.
    pub is_uniform: bool,
    /// Whether a pull is not zero.
    pub has_pull: bool,
    turn: Option<Turn>,
}

/// `X`, in four pieces.
#[derive(Debug, Clone)]
struct Turn {
    factors: usize,
    /// The square of the factors, row after row.
    square: Vec<f32>,
    /// The last row without its last number.
    row: Vec<f32>,
    /// The last column without its last number.
    column: Vec<f32>,
    corner: f32,
    /// Whether the last row or column has numbers that are not zero.
    is_coupled: bool,
}

impl Axes {
    /// The coordinates for a sweep; `None` if there are none, because the priors are singular.
    pub fn of(numbers: &Numbers, factors: usize) -> Option<Self> {
        let (prior, shared) = (&numbers.prior, &numbers.shared);
        let is_coupled =
            [prior, shared].iter().any(|part| (0..factors).any(|row| part.matrix.row(row)[factors] != 0.0));
        let size = if is_coupled { factors + 1 } else { factors };
        let square = |part: &Quadratic| {
            let entries = (0..size).flat_map(|row| &part.matrix.row(row)[..size]);
            Square::from_vec(size, entries.map(|&entry| f64::from(entry)).collect())
        };
        let (p, s) = (square(prior), square(shared));
        let basis = basis(&p, &s, numbers.power.abs() > 0.0)?;
        if (0..factors).any(|n| basis.prior[n] + basis.shared[n] <= 0.0) {
            return None;
        }
        let pull = |part: &Quadratic| -> Vec<f64> { part.pull.iter().map(|&pull| pull.into()).collect() };
        let last = |part: &Quadratic| f64::from(part.matrix.row(factors)[factors]);
        let split = |mut body: Vec<f64>, end: f64| {
            if !is_coupled {
                body.truncate(factors);
                body.push(end);
            }
            Split::of(body, factors)
        };
        let turned = |pull: Vec<f64>| {
            let end = pull[factors];
            let body = match &basis.vectors {
                Some(vectors) => vectors.transposed_times(&pull[..size]),
                None => pull[..size].to_vec(),
            };
            split(body, end)
        };
        let pulls = [pull(prior), pull(shared)];
        let has_pull = pulls.iter().flatten().any(|&pull| pull != 0.0);
        let [prior_pull, shared_pull] = pulls.map(turned);
        let same = |numbers: &[f64]| numbers.windows(2).all(|two| two[0].to_bits() == two[1].to_bits());
        Some(Self {
            is_uniform: same(&basis.prior[..factors]) && same(&basis.shared[..factors]),
            prior: split(basis.prior, last(prior)),
            shared: split(basis.shared, last(shared)),
            prior_pull,
            shared_pull,
            has_pull,
            turn: basis.vectors.map(|vectors| Turn::new(&vectors, factors)),
        })
    }

    /// A number of the prior of a row, for the factor that the first part is multiplied by.
    pub fn prior_of(&self, scale: f32, n: usize, factors: usize) -> f32 {
        let of = |part: &Split| if n < factors { part.body[n] } else { part.end };
        scale * of(&self.prior) + of(&self.shared)
    }

    /// Whether the coordinates are others than the factors.
    pub fn is_turned(&self) -> bool {
        self.turn.is_some()
    }

    /// Turns rows of the fixed side, which lie `stride` numbers apart, and computes the last coordinate of
    /// each. The rows have `one` in the place of the bias.
    pub fn turn(&self, rows: &[f32], stride: usize, one: f32, (turned, ends): (&mut [f32], &mut [f32])) {
        let Some(turn) = &self.turn else { return };
        let k = turn.factors;
        let blocks = rows.par_chunks(BLOCK * stride).zip(turned.par_chunks_mut(BLOCK * stride));
        blocks.zip(ends.par_chunks_mut(BLOCK)).for_each(|((rows, turned), ends)| {
            let square = MatRef::from_row_major_slice(&turn.square, k, k);
            product(rows, square, turned, (ends.len(), k, stride));
            ends.fill(one * turn.corner);
            if !turn.is_coupled {
                return;
            }
            let rows = rows.chunks_exact(stride).zip(turned.chunks_exact_mut(stride)).zip(ends);
            for ((row, turned), end) in rows {
                *end += row.iter().zip(&turn.column).map(|(a, b)| a * b).sum::<f32>();
                turned.iter_mut().zip(&turn.row).for_each(|(to, number)| *to += one * number);
            }
        });
    }

    /// Turns rows back, which lie `stride` numbers apart, with their last coordinates. `turned` is
    /// overwritten.
    pub fn turn_back(
        &self,
        (turned, ends): (&[f32], &[f32]),
        stride: usize,
        (rows, biases): (&mut [f32], &mut [f32]),
    ) {
        let Some(turn) = &self.turn else { return };
        let k = turn.factors;
        let square = MatRef::from_row_major_slice(&turn.square, k, k).transpose();
        product(turned, square, rows, (ends.len(), k, stride));
        for (bias, end) in biases.iter_mut().zip(ends) {
            *bias = turn.corner * end;
        }
        if !turn.is_coupled {
            return;
        }
        let all = turned.chunks_exact(stride).zip(rows.chunks_exact_mut(stride));
        for (((turned, row), &end), bias) in all.zip(ends).zip(biases) {
            row.iter_mut().zip(&turn.column).for_each(|(to, number)| *to += end * number);
            *bias += turned.iter().zip(&turn.row).map(|(a, b)| a * b).sum::<f32>();
        }
    }

    /// `X` as a whole, to check it by.
    pub fn matrix(&self, factors: usize) -> Square {
        let mut all = Square::diagonal(factors + 1, 1.0);
        if let Some(turn) = &self.turn {
            for row in 0..factors {
                for column in 0..factors {
                    *all.at(row, column) = turn.square[row * factors + column].into();
                }
                *all.at(row, factors) = turn.column[row].into();
                *all.at(factors, row) = turn.row[row].into();
            }
            *all.at(factors, factors) = turn.corner.into();
        }
        all
    }
}

impl Turn {
    fn new(vectors: &Square, factors: usize) -> Self {
        let is_coupled = vectors.size() > factors;
        let entry = |row: usize, column: usize| vectors.get(row, column) as f32;
        let mut square = Vec::with_capacity(factors * factors);
        for row in 0..factors {
            square.extend((0..factors).map(|column| entry(row, column)));
        }
        let along = |at: &dyn Fn(usize) -> f32| (0..factors).map(at).collect();
        let (row, column, corner) = if is_coupled {
            (along(&|n| entry(factors, n)), along(&|n| entry(n, factors)), entry(factors, factors))
        } else {
            (vec![0.0; factors], vec![0.0; factors], 1.0)
        };
        Self { factors, square, row, column, corner, is_coupled }
    }
}

/// `to = rows square` for rows that lie `stride` numbers apart.
fn product(rows: &[f32], square: MatRef<'_, f32>, to: &mut [f32], (count, k, stride): (usize, usize, usize)) {
    // As columns: `MatMut::from_row_major_slice_with_stride_mut` of faer 0.24 swaps its strides.
    let rows = MatRef::from_column_major_slice_with_stride(rows, k, count, stride);
    let to = MatMut::from_column_major_slice_with_stride_mut(to, k, count, stride);
    matmul(to, Accum::Replace, square.transpose(), rows, 1.0, Par::Seq);
}

/// Coordinates in which two symmetric matrices are diagonal.
struct Basis {
    prior: Vec<f64>,
    shared: Vec<f64>,
    /// A column for each coordinate; `None` if they are those of before.
    vectors: Option<Square>,
}

/// The coordinates in which `p` and `s` are both diagonal, or in which their sum is if it is all that counts.
fn basis(p: &Square, s: &Square, apart: bool) -> Option<Basis> {
    let size = p.size();
    let diagonal = |of: &Square| -> Vec<f64> { (0..size).map(|n| of.get(n, n)).collect() };
    let is_diagonal = |of: &Square| {
        (0..size).all(|row| (0..size).all(|column| row == column || of.get(row, column) == 0.0))
    };
    let (of_p, of_s) = (diagonal(p), diagonal(s));
    if is_diagonal(p) && is_diagonal(s) {
        return Some(Basis { prior: of_p, shared: of_s, vectors: None });
    }
    if !apart {
        let mut sum = p.clone();
        sum.add(1.0, s);
        let found = sum.eigen()?;
        let shared = found.values.iter().map(|value| value.max(0.0)).collect();
        return Some(Basis { prior: vec![0.0; size], shared, vectors: Some(found.vectors) });
    }
    if is_diagonal(p) && of_p.windows(2).all(|two| two[0].to_bits() == two[1].to_bits()) {
        let found = s.eigen()?;
        let shared = found.values.iter().map(|value| value.max(0.0)).collect();
        return Some(Basis { prior: of_p, shared, vectors: Some(found.vectors) });
    }
    // With P + S = L L' and the eigenvectors U of L^-1 P L'^-1, X = L'^-1 U makes P + S the identity and P
    // diagonal.
    let mut sum = p.clone();
    sum.add(1.0, s);
    let lower = sum.cholesky();
    if (0..size).any(|n| lower.get(n, n) <= 0.0) {
        return None;
    }
    let mut inner = Square::diagonal(size, 0.0);
    for column in 0..size {
        let solved = lower.solve((0..size).map(|row| p.get(row, column)).collect());
        solved.into_iter().enumerate().for_each(|(row, entry)| *inner.at(column, row) = entry);
    }
    for column in 0..size {
        let solved = lower.solve((0..size).map(|row| inner.get(row, column)).collect());
        solved.into_iter().enumerate().for_each(|(row, entry)| *inner.at(row, column) = entry);
    }
    let found = inner.eigen()?;
    let mut vectors = Square::diagonal(size, 0.0);
    for column in 0..size {
        let solved = lower.solve_transposed((0..size).map(|row| found.vectors.get(row, column)).collect());
        solved.into_iter().enumerate().for_each(|(row, entry)| *vectors.at(row, column) = entry);
    }
    let prior: Vec<f64> = found.values.iter().map(|value| value.clamp(0.0, 1.0)).collect();
    let shared = prior.iter().map(|share| 1.0 - share).collect();
    Some(Basis { prior, shared, vectors: Some(vectors) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::row::Target;
    use crate::train::row::normal::{Form, Forms};

    fn quadratic(k: usize, entry: impl Fn(usize, usize) -> f32) -> Quadratic {
        let mut this = Quadratic::none(k);
        for row in 0..=k {
            for column in 0..=k {
                this.matrix.row_mut(row)[column] = entry(row.min(column), row.max(column));
            }
            this.pull[row] = 0.1 * row as f32 - 0.2;
        }
        this
    }

    fn numbers(prior: Quadratic, shared: Quadratic, power: f32) -> Numbers {
        Numbers {
            target: Target::Value,
            precision: 1.0,
            prior,
            power,
            shared,
            implicit_weight: 0.0,
            noise: None,
            forms: Forms::only(Form::Short),
            steps: 0,
            measure: false,
        }
    }

    fn all(k: usize, power: f32) -> [Numbers; 4] {
        let ridge = quadratic(k, |row, column| if row == column { 0.7 } else { 0.0 });
        let dense = quadratic(k, |row, column| {
            if row == column { 2.0 + (row % 3) as f32 } else { 0.4 / (1.0 + (column - row) as f32) }
        });
        let inner = quadratic(k, |row, column| {
            let apart = 0.4 / (1.0 + (column - row) as f32);
            if row == column {
                2.0 + (row % 3) as f32
            } else if column == k {
                0.0
            } else {
                apart
            }
        });
        [
            numbers(ridge.clone(), Quadratic::none(k), power),
            numbers(ridge.clone(), inner, power),
            numbers(ridge, dense.clone(), power),
            numbers(dense.clone(), dense, power),
        ]
    }

    fn entries(of: &Split, k: usize) -> Vec<f64> {
        (0..=k).map(|n| f64::from(if n < k { of.body[n] } else { of.end })).collect()
    }

    #[test]
    fn both_priors_are_diagonal() {
        for (k, power) in [(1, 0.0), (2, 0.5), (5, 0.5), (17, 0.0), (40, 1.0)] {
            for numbers in all(k, power) {
                let axes = Axes::of(&numbers, k).expect("full rank");
                let x = axes.matrix(k);
                let part = |part: &Quadratic| {
                    let data = (0..=k).flat_map(|row| part.matrix.row(row)).map(|&entry| f64::from(entry));
                    x.around(&Square::from_vec(k + 1, data.collect()))
                };
                let (prior, shared) = (part(&numbers.prior), part(&numbers.shared));
                let (of_prior, of_shared) = (entries(&axes.prior, k), entries(&axes.shared, k));
                for row in 0..=k {
                    for column in 0..=k {
                        let is = |of: &[f64]| if row == column { of[row] } else { 0.0 };
                        let (found, expected) = if power > 0.0 {
                            let found = [prior.get(row, column), shared.get(row, column)];
                            (found, [is(&of_prior), is(&of_shared)])
                        } else {
                            let sum = prior.get(row, column) + shared.get(row, column);
                            ([sum; 2], [is(&of_prior) + is(&of_shared); 2])
                        };
                        let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 2e-5);
                        assert!(near, "{k} {power} {row} {column}: {found:?} {expected:?}");
                    }
                }
                let pull: Vec<f64> = numbers.prior.pull.iter().map(|&pull| pull.into()).collect();
                let expected = x.transposed_times(&pull);
                let found = entries(&axes.prior_pull, k);
                assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?}");
            }
        }
    }

    /// The product of a fixed row with a solved one is the same in both coordinates.
    #[test]
    fn products_stay() {
        let (k, stride, count) = (21, 32, 300);
        let number = |n: usize| ((n * 7919) % 23) as f32 / 23.0 - 0.4;
        let rows: Vec<f32> =
            (0..count * stride).map(|n| if n % stride < k { number(n) } else { 0.0 }).collect();
        for numbers in all(k, 0.5).into_iter().skip(1) {
            let axes = Axes::of(&numbers, k).expect("full rank");
            assert!(axes.is_turned());
            let (mut turned, mut ends) = (vec![0.0; rows.len()], vec![0.0; count]);
            axes.turn(&rows, stride, 1.0, (&mut turned, &mut ends));
            let (mut back, mut biases) = (vec![0.0; rows.len()], vec![0.0; count]);
            let last: Vec<f32> = (0..count).map(|n| number(n + 5)).collect();
            axes.turn_back((&rows, &last), stride, (&mut back, &mut biases));
            for (n, end) in ends.iter().enumerate() {
                let of = |all: &[f32], m: usize| -> Vec<f32> { all[m * stride..][..stride].to_vec() };
                let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
                let m = (n * 37) % count;
                let inside = dot(&of(&turned, n), &of(&rows, m)) + end * last[m];
                let outside = dot(&of(&rows, n), &of(&back, m)) + biases[m];
                assert!((inside - outside).abs() < 1e-4, "{n}: {inside} {outside}");
            }
        }
    }

    #[test]
    fn without_a_prior_there_are_none() {
        let numbers = numbers(Quadratic::none(3), Quadratic::none(3), 0.5);
        assert!(Axes::of(&numbers, 3).is_none());
    }
}
