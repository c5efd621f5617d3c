//! Sums over the ratings of a row.

use super::fixed::{FixedSide, TILE};
use crate::math::Lines;
use crate::ratings::CellSlice;
use crate::train::row::Target;
use crate::train::row::sgd::PAD;
use pulp::{Simd, WithSimd};

/// Sums over ratings. A rating is the vector `z = (q, 1, y)`, where `y` is its value minus the bias of the
/// fixed row; as a preference, it is `(q, 0, y)`. Contains the upper triangle of `sum weight z z'` with the
/// weight of the fixed row ([`RowState::weight`](crate::train::row::RowState::weight)), and the unweighted
/// sum of the implicit features.
#[derive(Debug, Clone)]
pub struct Sums {
    pub(super) factors: usize,
    pub(super) width: usize,
    pub(super) upper: Lines,
    pub(super) implicit: Lines,
    tile: Lines,
    /// The last two numbers of each `z`.
    ends: Vec<[f32; 2]>,
    column: Lines,
    /// For the solution: one over each pivot, and the unknowns.
    pub(super) inverse: Lines,
    pub(super) solution: Lines,
    /// The noise of a draw.
    pub(super) noise: Lines,
}

impl Sums {
    /// Sums that are zero.
    pub fn new(factors: usize) -> Self {
        let (width, stride) = ((factors + 2).next_multiple_of(PAD), factors.next_multiple_of(PAD));
        Self {
            factors,
            width,
            upper: Lines::zeros((factors + 2) * width),
            implicit: Lines::zeros(stride),
            tile: Lines::zeros(TILE * stride),
            ends: vec![[0.0; 2]; TILE],
            column: Lines::zeros(2 * stride),
            inverse: Lines::zeros(width),
            solution: Lines::zeros(width),
            noise: Lines::zeros(width),
        }
    }

    /// Sets all sums to zero.
    pub fn clear(&mut self) {
        self.upper.fill(0.0);
        self.implicit.fill(0.0);
    }

    /// An entry of the matrix; `row <= column < k + 2`.
    pub fn get(&self, row: usize, column: usize) -> f32 {
        self.upper[row * self.width + column]
    }

    /// Adds other sums.
    pub fn add(&mut self, other: &Self) {
        self.upper.iter_mut().zip(&other.upper[..]).for_each(|(sum, number)| *sum += number);
        self.implicit.iter_mut().zip(&other.implicit[..]).for_each(|(sum, number)| *sum += number);
    }
}

/// Adds ratings to sums.
#[derive(Debug)]
pub struct Gather<'a> {
    /// The fixed side.
    pub fixed: FixedSide<'a>,
    /// The ratings, each with a row of the fixed side.
    pub ratings: CellSlice<'a>,
    /// What a rating is evidence of.
    pub target: Target,
    /// What is added to the value of each rating; empty for nothing.
    pub shifts: &'a [f32],
    /// The sums that the ratings are added to.
    pub sums: &'a mut Sums,
}

impl WithSimd for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { fixed, ratings, target, shifts, sums } = self;
        let (k, width, stride) = (fixed.factors, sums.width, fixed.stride());
        for start in (0..ratings.len()).step_by(TILE) {
            let ratings = ratings.part(start..ratings.len().min(start + TILE));
            for (n, tile) in sums.tile.chunks_exact_mut(stride).take(ratings.len()).enumerate() {
                let (other, value) = ratings.get(n);
                let state = &fixed.states[other as usize];
                tile.copy_from_slice(fixed.row(other));
                let shift = shifts.get(start + n).copied().unwrap_or(0.0);
                sums.ends[n] = [target.bias(), target.of(value) - state.bias + shift];
                let weight = target.weight(value) * state.weight();
                if weight.to_bits() != 1f32.to_bits() {
                    let root = weight.sqrt();
                    tile.iter_mut().chain(&mut sums.ends[n]).for_each(|number| *number *= root);
                }
            }
            if !fixed.implicit.is_empty() {
                let total = S::as_mut_simd_f32s(&mut sums.implicit).0;
                for n in 0..ratings.len() {
                    let first = ratings.other(n) as usize * stride;
                    let implicit = S::as_simd_f32s(&fixed.implicit[first..][..stride]).0;
                    // A loop, since closures are not compiled for the processor's features.
                    for (sum, &implicit) in total.iter_mut().zip(implicit) {
                        *sum = simd.add_f32s(*sum, implicit);
                    }
                }
            }
            let tile = &sums.tile[..ratings.len() * stride];
            let ends = &sums.ends[..ratings.len()];
            columns(simd, tile, ends, &mut sums.column, stride);
            if S::F32_LANES > 8 {
                triangle::<S, 8>(simd, tile, stride, k, (&mut sums.upper, width));
            } else {
                triangle::<S, 4>(simd, tile, stride, k, (&mut sums.upper, width));
            }
            for row in 0..k {
                sums.upper[row * width + k] += sums.column[row];
                sums.upper[row * width + k + 1] += sums.column[stride + row];
            }
            let sum = |product: fn(&[f32; 2]) -> f32| ends.iter().map(product).sum::<f32>();
            sums.upper[k * width + k] += sum(|[one, _]| one * one);
            sums.upper[k * width + k + 1] += sum(|[one, value]| one * value);
            sums.upper[(k + 1) * width + k + 1] += sum(|[_, value]| value * value);
        }
    }
}

/// The sums of the tile's rows times each of the last two numbers of `z`, one sum after the other.
#[inline(always)]
fn columns<S: Simd>(simd: S, tile: &[f32], ends: &[[f32; 2]], column: &mut [f32], stride: usize) {
    let (plain, weighted) = column.split_at_mut(stride);
    let (plain, weighted) = (S::as_mut_simd_f32s(plain).0, S::as_mut_simd_f32s(weighted).0);
    for (c, (plain, weighted)) in plain.iter_mut().zip(weighted).enumerate() {
        let (mut sum, mut product) = (simd.splat_f32s(0.0), simd.splat_f32s(0.0));
        for (row, &[one, value]) in tile.chunks_exact(stride).zip(ends) {
            let row = S::as_simd_f32s(row).0[c];
            sum = simd.mul_add_e_f32s(simd.splat_f32s(one), row, sum);
            product = simd.mul_add_e_f32s(simd.splat_f32s(value), row, product);
        }
        (*plain, *weighted) = (sum, product);
    }
}

/// Adds the outer products of the tile's rows to the upper triangle, in blocks of `R` rows.
#[inline(always)]
fn triangle<S: Simd, const R: usize>(
    simd: S,
    tile: &[f32],
    stride: usize,
    k: usize,
    (upper, width): (&mut [f32], usize),
) {
    let vectors = k.div_ceil(S::F32_LANES);
    for first in (0..k).step_by(R) {
        let rows = &mut upper[first * width..(first + R).min(k) * width];
        let mut c = first / S::F32_LANES;
        while c < vectors {
            c += match vectors - c {
                1 => block::<S, R, 1>(simd, tile, stride, (first, c), rows, width),
                2 => block::<S, R, 2>(simd, tile, stride, (first, c), rows, width),
                _ => block::<S, R, 3>(simd, tile, stride, (first, c), rows, width),
            };
        }
    }
}

#[inline(always)]
fn block<S: Simd, const R: usize, const C: usize>(
    simd: S,
    tile: &[f32],
    stride: usize,
    (first, c): (usize, usize),
    rows: &mut [f32],
    width: usize,
) -> usize {
    let mut sums = [[simd.splat_f32s(0.0); C]; R];
    for row in tile.chunks_exact(stride) {
        let vectors = &S::as_simd_f32s(row).0[c..c + C];
        let scalars = &row[first..first + R];
        for (sums, &scalar) in sums.iter_mut().zip(scalars) {
            let scalar = simd.splat_f32s(scalar);
            for (sum, &vector) in sums.iter_mut().zip(vectors) {
                *sum = simd.mul_add_e_f32s(scalar, vector, *sum);
            }
        }
    }
    for (row, sums) in rows.chunks_exact_mut(width).zip(&sums) {
        let row = &mut S::as_mut_simd_f32s(row).0[c..c + C];
        for (entry, &sum) in row.iter_mut().zip(sums) {
            *entry = simd.add_f32s(*entry, sum);
        }
    }
    C
}
