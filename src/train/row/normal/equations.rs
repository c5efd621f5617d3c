//! The equations of rows, for steps towards their solutions: products with vectors. The equations are never
//! written down.

use super::fixed::FixedSide;
use super::numbers::{Numbers, Quadratic};
use crate::math::Lines;
use crate::ratings::CellSlice;
use prefetch_index::prefetch_index;
use pulp::Simd;
use std::ops::Range;

/// The number of ratings whose products are computed together.
const TOGETHER: usize = 4;

/// How many ratings ahead rows are fetched.
const AHEAD: usize = 8;

/// The numbers in a line of the caches.
const LINE: usize = 16;

/// The shared equations of a sweep, as the steps read them.
#[derive(Debug)]
pub struct SharedEquations {
    /// A row of `stride` numbers for each factor, zero beyond `factors`.
    matrix: Lines,
    pub(super) pull: Lines,
    /// The diagonal of the prior; it has no other entries.
    prior: Lines,
    pub(super) prior_pull: Lines,
    /// Whether the matrix has an entry.
    is_empty: bool,
    /// Of the bias: the shared part and the prior, each with its pull.
    end: [f32; 2],
    prior_end: [f32; 2],
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
        let is_empty = matrix.iter().all(|&entry| entry == 0.0);
        let end = |part: &Quadratic| [part.matrix.row(factors)[factors], part.pull[factors]];
        let (end, prior_end) = (end(&numbers.shared), end(&numbers.prior));
        Self { matrix, pull, prior, prior_pull, is_empty, end, prior_end }
    }

    /// The share of all that a row has in common with others in the equation of its bias: what the bias is
    /// multiplied by, and the right-hand side.
    pub(super) fn of_bias(&self, scale: f32) -> [f32; 2] {
        [0, 1].map(|n| scale * self.prior_end[n] + self.end[n])
    }

    /// The matrix times `R` vectors, which lie one behind the other. So it is read once for all of them.
    #[inline(always)]
    pub(super) fn times<S: Simd, const R: usize>(&self, simd: S, vectors: &[f32], out: &mut [f32]) {
        if self.is_empty {
            out.fill(0.0);
            return;
        }
        let columns = self.prior.len() / S::F32_LANES;
        let mut column = 0;
        while column < columns {
            // As many sums as fit the registers.
            column += match columns - column {
                1 => self.columns::<S, R, 1>(simd, vectors, out, column),
                2 | 3 => self.columns::<S, R, 2>(simd, vectors, out, column),
                _ if S::F32_LANES > 8 => self.columns::<S, R, 4>(simd, vectors, out, column),
                _ => self.columns::<S, R, 2>(simd, vectors, out, column),
            };
        }
    }

    /// `C` SIMD vectors of each product, beginning with `column`.
    #[inline(always)]
    fn columns<S: Simd, const R: usize, const C: usize>(
        &self,
        simd: S,
        vectors: &[f32],
        out: &mut [f32],
        column: usize,
    ) -> usize {
        let stride = self.prior.len();
        let mut sums = [[simd.splat_f32s(0.0); C]; R];
        for (n, row) in self.matrix.chunks_exact(stride).enumerate() {
            let row = &S::as_simd_f32s(row).0[column..column + C];
            for (r, sums) in sums.iter_mut().enumerate() {
                let factor = simd.splat_f32s(vectors[r * stride + n]);
                for (sum, &entry) in sums.iter_mut().zip(row) {
                    *sum = simd.mul_add_e_f32s(factor, entry, *sum);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            let out = S::as_mut_simd_f32s(&mut out[r * stride..][..stride]).0;
            out[column..column + C].copy_from_slice(sums);
        }
        C
    }
}

/// The equations of a row.
#[derive(Clone, Copy)]
pub(super) struct Equations<'a> {
    pub(super) fixed: FixedSide<'a>,
    pub(super) ratings: CellSlice<'a>,
    pub(super) numbers: &'a Numbers,
    pub(super) shared: &'a SharedEquations,
    /// What the prior is multiplied by.
    pub(super) scale: f32,
}

/// `N` ratings: the rows of the fixed side, the values, and the products of the rows with a vector.
struct Walked<'a, S: Simd, const N: usize> {
    rows: [&'a [S::f32s]; N],
    values: [f32; N],
    products: [f32; N],
}

impl<'a> Equations<'a> {
    /// Adds the share of the prior and of the ratings to the product of the shared matrix with a vector;
    /// with `less_targets` less the right-hand side of the ratings. The vector's number for the bias is
    /// `bias`; the ratings' share of that of the product is returned.
    #[inline(always)]
    pub(super) fn add<S: Simd>(
        self,
        simd: S,
        (vector, bias): (&[f32], f32),
        out: &mut [f32],
        less_targets: bool,
    ) -> f32 {
        let Self { shared, scale, .. } = self;
        let scale = simd.splat_f32s(scale);
        let (all, prior) = (S::as_simd_f32s(vector).0, S::as_simd_f32s(&shared.prior[..]).0);
        for ((out, &vector), &prior) in S::as_mut_simd_f32s(out).0.iter_mut().zip(all).zip(prior) {
            *out = simd.mul_add_e_f32s(simd.mul_f32s(scale, prior), vector, *out);
        }
        let whole = self.ratings.len() / TOGETHER * TOGETHER;
        let bias = self.numbers.target.bias() * bias;
        let mut sum = 0.0;
        for first in (0..whole).step_by(TOGETHER) {
            if less_targets {
                // Later products find the rows near by.
                self.fetch(first + AHEAD..first + AHEAD + TOGETHER);
            }
            sum += self.several::<S, TOGETHER>(simd, first, (vector, bias, out), less_targets);
        }
        for first in whole..self.ratings.len() {
            sum += self.several::<S, 1>(simd, first, (vector, bias, out), less_targets);
        }
        if less_targets && !self.fixed.implicit.is_empty() {
            self.subtract_implicit(simd, out);
        }
        self.numbers.target.bias() * sum
    }

    /// Subtracts the implicit features of the rated rows, which are part of the right-hand side.
    #[inline(always)]
    fn subtract_implicit<S: Simd>(self, simd: S, out: &mut [f32]) {
        let stride = self.fixed.stride();
        let weight = simd.splat_f32s(-self.numbers.implicit_weight);
        let out = S::as_mut_simd_f32s(out).0;
        for n in 0..self.ratings.len() {
            let first = self.ratings.other(n) as usize * stride;
            let implicit = S::as_simd_f32s(&self.fixed.implicit[first..][..stride]).0;
            for (out, &implicit) in out.iter_mut().zip(implicit) {
                *out = simd.mul_add_e_f32s(weight, implicit, *out);
            }
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

    /// Adds the share of `N` ratings to a product, and returns their share of its number for the bias.
    #[inline(always)]
    fn several<S: Simd, const N: usize>(
        self,
        simd: S,
        first: usize,
        (vector, bias, out): (&[f32], f32, &mut [f32]),
        less_targets: bool,
    ) -> f32 {
        let target = self.numbers.target;
        let vector = S::as_simd_f32s(vector).0;
        let Walked { rows, values, products } = self.products::<S, N>(simd, first, vector);
        let (mut weights, mut sum) = ([simd.splat_f32s(0.0); N], 0.0);
        for n in 0..N {
            let aim = if less_targets {
                target.of(values[n]) - self.fixed.states[self.ratings.other(first + n) as usize].bias
            } else {
                0.0
            };
            let weight = self.numbers.precision * target.weight(values[n]);
            let times = weight * (products[n] + bias - aim);
            weights[n] = simd.splat_f32s(times);
            sum += times;
        }
        let out = &mut S::as_mut_simd_f32s(out).0[..vector.len()];
        for c in 0..vector.len() {
            for n in 0..N {
                out[c] = simd.mul_add_e_f32s(weights[n], rows[n][c], out[c]);
            }
        }
        sum
    }

    /// The squared errors of a row times the weights of the ratings, summed; and also times the weights of
    /// the fixed rows.
    #[inline(always)]
    pub(super) fn losses<S: Simd>(self, simd: S, row: &[f32], bias: f32) -> [f32; 2] {
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
            let error = target.of(values[n]) - target.bias() * bias - state.bias - products[n];
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
