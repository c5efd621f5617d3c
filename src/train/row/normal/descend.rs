//! The update of a row by conjugate gradients (Hestenes, Stiefel 1952): a few steps towards the solution of its
//! equations, from the row as it is. A step costs two products a rating and one with the shared matrix; the
//! equations are never written down (Takács, Pilászy, Tikk 2011, "Applications of the conjugate gradient method
//! for implicit feedback collaborative filtering"). The twin is `shaders/row_descend.wgsl`.

use super::fixed::FixedSide;
use super::numbers::Numbers;
use crate::math::Lines;
use crate::ratings::CellSlice;
use prefetch_index::prefetch_index;
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// The number of ratings whose products are computed together.
const TOGETHER: usize = 4;

/// The number of vectors of a product with a matrix that are computed together.
const COLUMNS: usize = 4;

/// How many ratings ahead rows are fetched.
const AHEAD: usize = 8;

/// The numbers in a line of the caches.
const LINE: usize = 16;

/// A residual whose square is below this is that of the solution.
const NOTHING: f32 = 1e-20;

/// The shared equations of a sweep, as the steps read them.
#[derive(Debug)]
pub struct SharedEquations {
    factors: usize,
    /// `factors` rows of `stride` numbers, zero beyond `factors`.
    matrix: Lines,
    pull: Lines,
    /// The diagonal of the prior; it has no other entries.
    prior: Lines,
    prior_pull: Lines,
}

impl SharedEquations {
    /// Those of a sweep over rows of `factors` factors in rows of `stride` numbers.
    pub fn new(numbers: &Numbers, factors: usize, stride: usize) -> Self {
        let mut matrix = Lines::zeros(factors * stride);
        let [mut pull, mut prior, mut prior_pull] = [(); 3].map(|()| Lines::zeros(stride));
        for row in 0..factors {
            matrix[row * stride..][..factors].copy_from_slice(&numbers.shared.matrix.row(row)[..factors]);
            prior[row] = numbers.prior.matrix.row(row)[row];
        }
        pull[..factors].copy_from_slice(&numbers.shared.pull[..factors]);
        prior_pull[..factors].copy_from_slice(&numbers.prior.pull[..factors]);
        Self { factors, matrix, pull, prior, prior_pull }
    }
}

/// The vectors that the steps keep.
#[derive(Debug)]
pub struct Directions {
    residual: Lines,
    direction: Lines,
    product: Lines,
}

impl Directions {
    /// Vectors of `stride` numbers.
    pub fn new(stride: usize) -> Self {
        let [residual, direction, product] = [(); 3].map(|()| Lines::zeros(stride));
        Self { residual, direction, product }
    }
}

/// Moves one row. Returns the losses of the new row as [`Measure`](super::Measure) does, or zeros if they are not
/// measured.
#[derive(Debug)]
pub struct Descend<'a> {
    /// The fixed side.
    pub fixed: FixedSide<'a>,
    /// The ratings, each with a row of the fixed side.
    pub ratings: CellSlice<'a>,
    /// The row's own factors, `stride` of them.
    pub row: &'a mut [f32],
    /// The row's own bias, which stays as it is.
    pub bias: f32,
    /// The row's number of ratings.
    pub activity: u32,
    /// The parameters of the sweep.
    pub numbers: &'a Numbers,
    /// Its shared equations.
    pub shared: &'a SharedEquations,
    /// Vectors that are overwritten.
    pub directions: &'a mut Directions,
}

impl WithSimd for Descend<'_> {
    type Output = [f32; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f32; 2] {
        let Self { fixed, ratings, row, bias, activity, numbers, shared, directions } = self;
        let scale = numbers.prior_scale(activity);
        let equations = Equations { fixed, ratings, numbers, shared, scale };
        let Directions { residual, direction, product } = directions;
        // The residual of the row as it is: right-hand side minus matrix times row.
        equations.times(simd, row, product, true);
        for (((residual, &product), &pull), &prior_pull) in
            residual.iter_mut().zip(&product[..]).zip(&shared.pull[..]).zip(&shared.prior_pull[..])
        {
            *residual = pull + scale * prior_pull - product;
        }
        direction.copy_from_slice(residual);
        let mut square = dot(simd, residual, residual);
        for _ in 0..numbers.steps.unwrap_or(0) {
            if square < NOTHING {
                break;
            }
            equations.times(simd, direction, product, false);
            let length = square / dot(simd, direction, product);
            add(simd, row, length, direction);
            add(simd, residual, -length, product);
            let next = dot(simd, residual, residual);
            turn(simd, direction, next / square, residual);
            square = next;
        }
        if numbers.measure { equations.losses(simd, row, bias) } else { [0.0; 2] }
    }
}

/// The equations of a row.
#[derive(Clone, Copy)]
struct Equations<'a> {
    fixed: FixedSide<'a>,
    ratings: CellSlice<'a>,
    numbers: &'a Numbers,
    shared: &'a SharedEquations,
    scale: f32,
}

/// `N` ratings: the rows of the fixed side, the values, and the products of the rows with a vector.
struct Walked<'a, S: Simd, const N: usize> {
    rows: [&'a [S::f32s]; N],
    values: [f32; N],
    products: [f32; N],
}

impl<'a> Equations<'a> {
    /// The matrix times a vector; with `less_targets` less the right-hand side of the ratings.
    #[inline(always)]
    fn times<S: Simd>(self, simd: S, vector: &[f32], out: &mut [f32], less_targets: bool) {
        let Self { shared, scale, .. } = self;
        let stride = vector.len();
        let mut column = 0;
        let vectors = stride / S::F32_LANES;
        while column < vectors {
            column += match vectors - column {
                1 => columns::<S, 1>(simd, shared, vector, out, column),
                2 => columns::<S, 2>(simd, shared, vector, out, column),
                3 => columns::<S, 3>(simd, shared, vector, out, column),
                _ => columns::<S, COLUMNS>(simd, shared, vector, out, column),
            };
        }
        let scale = simd.splat_f32s(scale);
        let (all, prior) = (S::as_simd_f32s(vector).0, S::as_simd_f32s(&shared.prior[..]).0);
        for ((out, &vector), &prior) in S::as_mut_simd_f32s(out).0.iter_mut().zip(all).zip(prior) {
            *out = simd.mul_add_e_f32s(simd.mul_f32s(scale, prior), vector, *out);
        }
        let whole = self.ratings.len() / TOGETHER * TOGETHER;
        for first in (0..whole).step_by(TOGETHER) {
            if less_targets {
                // Later products find the rows near by.
                self.fetch(first + AHEAD..first + AHEAD + TOGETHER);
            }
            self.several::<S, TOGETHER>(simd, first, (vector, out), less_targets);
        }
        for first in whole..self.ratings.len() {
            self.several::<S, 1>(simd, first, (vector, out), less_targets);
        }
    }

    /// The rows of `N` ratings, their values, and the products of the rows with a vector.
    #[inline(always)]
    fn products<S: Simd, const N: usize>(
        self,
        simd: S,
        first: usize,
        vector: &[S::f32s],
    ) -> Walked<'a, S, N> {
        // Closures over arrays are not compiled for the processor's features, so these are loops.
        let (mut rows, mut values, mut products) = ([&[][..]; N], [0.0; N], [0.0; N]);
        for n in 0..N {
            let (other, value) = self.ratings.get(first + n);
            rows[n] = &S::as_simd_f32s(self.fixed.row(other)).0[..vector.len()];
            values[n] = value;
        }
        let mut sums = [simd.splat_f32s(0.0); N];
        for c in 0..vector.len() {
            for n in 0..N {
                sums[n] = simd.mul_add_e_f32s(vector[c], rows[n][c], sums[n]);
            }
        }
        for n in 0..N {
            products[n] = simd.reduce_sum_f32s(sums[n]);
        }
        Walked { rows, values, products }
    }

    /// Adds the share of `N` ratings to a product.
    #[inline(always)]
    fn several<S: Simd, const N: usize>(
        self,
        simd: S,
        first: usize,
        (vector, out): (&[f32], &mut [f32]),
        less_targets: bool,
    ) {
        let target = self.numbers.target;
        let vector = S::as_simd_f32s(vector).0;
        let Walked { rows, values, products } = self.products::<S, N>(simd, first, vector);
        let mut weights = [simd.splat_f32s(0.0); N];
        for n in 0..N {
            let aim = if less_targets { target.of(values[n]) } else { 0.0 };
            let weight = self.numbers.precision * target.weight(values[n]);
            weights[n] = simd.splat_f32s(weight * (products[n] - aim));
        }
        let out = &mut S::as_mut_simd_f32s(out).0[..vector.len()];
        for c in 0..vector.len() {
            for n in 0..N {
                out[c] = simd.mul_add_e_f32s(weights[n], rows[n][c], out[c]);
            }
        }
    }

    /// The squared errors of a row times the weights of the ratings, summed; and also times the weights of the fixed
    /// rows.
    #[inline(always)]
    fn losses<S: Simd>(self, simd: S, row: &[f32], bias: f32) -> [f32; 2] {
        let whole = self.ratings.len() / TOGETHER * TOGETHER;
        let mut losses = [0.0; 2];
        for first in (0..whole).step_by(TOGETHER) {
            self.add_losses::<S, TOGETHER>(simd, first, (row, bias), &mut losses);
        }
        for first in whole..self.ratings.len() {
            self.add_losses::<S, 1>(simd, first, (row, bias), &mut losses);
        }
        losses
    }

    #[inline(always)]
    fn add_losses<S: Simd, const N: usize>(
        self,
        simd: S,
        first: usize,
        (row, bias): (&[f32], f32),
        losses: &mut [f32; 2],
    ) {
        let target = self.numbers.target;
        let Walked { values, products, .. } = self.products::<S, N>(simd, first, S::as_simd_f32s(row).0);
        for n in 0..N {
            let state = &self.fixed.states[self.ratings.other(first + n) as usize];
            let error = target.of(values[n]) - bias - state.bias - products[n];
            let loss = target.weight(values[n]) * error * error;
            losses[0] += loss;
            losses[1] += state.weight() * loss;
        }
    }

    /// Fetches the rows of some ratings into the caches.
    #[inline(always)]
    fn fetch(self, ratings: Range<usize>) {
        let stride = self.fixed.stride();
        for n in ratings.start..ratings.end.min(self.ratings.len()) {
            let start = self.ratings.other(n) as usize * stride;
            for place in (start..start + stride).step_by(LINE) {
                prefetch_index(self.fixed.rows, place);
            }
        }
    }
}

/// `C` vectors of the shared matrix times a vector, which overwrite those of `out`.
#[inline(always)]
fn columns<S: Simd, const C: usize>(
    simd: S,
    shared: &SharedEquations,
    vector: &[f32],
    out: &mut [f32],
    column: usize,
) -> usize {
    let mut sums = [simd.splat_f32s(0.0); C];
    for (row, &factor) in shared.matrix.chunks_exact(vector.len()).zip(&vector[..shared.factors]) {
        let factor = simd.splat_f32s(factor);
        let row = &S::as_simd_f32s(row).0[column..column + C];
        for (sum, &entry) in sums.iter_mut().zip(row) {
            *sum = simd.mul_add_e_f32s(factor, entry, *sum);
        }
    }
    S::as_mut_simd_f32s(out).0[column..column + C].copy_from_slice(&sums);
    C
}

/// The product of two vectors.
#[inline(always)]
fn dot<S: Simd>(simd: S, a: &[f32], b: &[f32]) -> f32 {
    super::fixed::dot_from(simd, a, b, 0)
}

/// Adds a multiple of a vector.
#[inline(always)]
fn add<S: Simd>(simd: S, to: &mut [f32], times: f32, vector: &[f32]) {
    let (times, vector) = (simd.splat_f32s(times), S::as_simd_f32s(vector).0);
    for (to, &part) in S::as_mut_simd_f32s(to).0.iter_mut().zip(vector) {
        *to = simd.mul_add_e_f32s(times, part, *to);
    }
}

/// The next direction: the residual plus a multiple of the direction.
#[inline(always)]
fn turn<S: Simd>(simd: S, direction: &mut [f32], times: f32, residual: &[f32]) {
    let (times, residual) = (simd.splat_f32s(times), S::as_simd_f32s(residual).0);
    for (direction, &residual) in S::as_mut_simd_f32s(direction).0.iter_mut().zip(residual) {
        *direction = simd.mul_add_e_f32s(times, *direction, residual);
    }
}
