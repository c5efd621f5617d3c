//! The row update by normal equations on the CPU (docs/maths.md, "als" and "bayes"): the exact ridge solution of a row,
//! or a draw from its Gaussian posterior. Its twin is `shaders/row_normal.wgsl`.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use super::objective::{residual, weight};
use super::sgd::{PAD, RowState};
use crate::math::philox::philox;
use crate::math::{Lines, Matrix, normal};
use crate::ratings::CellSlice;
use pulp::{Scalar, Simd, WithSimd};

/// Ratings whose rows of the still side are laid side by side before they are multiplied.
const TILE: usize = 64;

/// The numbers of one side's sweep. A row's unknowns are its `k` factors and, last, its bias: `k + 1` of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// What a rating weighs: one over the variance of its noise, in standard units.
    pub precision: f32,
    /// What a row is drawn to, times `activity^power`.
    pub prior: Quadratic,
    /// See `prior`.
    pub power: f32,
    /// What a row is drawn to whatever its activity.
    pub shared: Quadratic,
    /// What the view vectors of the rated rows weigh; 0 leaves views out.
    pub view_weight: f32,
    /// Draw the row in place of taking the most likely one.
    pub noise: Option<Noise>,
    /// Whether the squared errors of the new row are summed up in [`RowState::loss`] and its weighted twin.
    pub measure: bool,
}

/// `x' matrix x - 2 pull' x`: a Gaussian belief of precision `matrix` about a row, whose mean is `matrix^-1 pull`.
#[derive(Debug, Clone, PartialEq)]
pub struct Quadratic {
    /// `(k + 1) x (k + 1)`, symmetric.
    pub matrix: Matrix,
    /// `k + 1` numbers.
    pub pull: Vec<f32>,
}

/// Where the noise of a draw comes from: number `n` of a row is word `n` of the Philox block of its counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noise {
    /// The key of seed and purpose.
    pub key: [u32; 2],
    /// Which draw it is.
    pub draw: u32,
    /// 0 for users, 1 for items.
    pub side: u32,
}

impl Quadratic {
    /// No belief at all.
    pub fn none(factors: usize) -> Self {
        Self { matrix: Matrix::zeros(factors + 1, factors + 1), pull: vec![0.0; factors + 1] }
    }
}

impl Numbers {
    /// How often `prior` counts for a row with `activity` ratings.
    pub fn prior_scale(&self, activity: u32) -> f32 {
        (activity.max(1) as f32).powf(self.power)
    }
}

impl Noise {
    /// The four words of block `block` of a row.
    pub fn words(&self, row: u32, block: u32) -> [u32; 4] {
        philox([row, block, self.side, self.draw], self.key)
    }
}

/// The still side as a row update sees it, in rows of `stride` numbers, a multiple of [`PAD`], zero beyond `factors`.
#[derive(Debug, Clone, Copy)]
pub struct Still<'a> {
    /// How many factors there are.
    pub factors: usize,
    /// All factors.
    pub rows: &'a [f32],
    /// All biases and more.
    pub states: &'a [RowState],
    /// All view vectors, or none.
    pub views: &'a [f32],
}

impl<'a> Still<'a> {
    fn stride(&self) -> usize {
        self.factors.next_multiple_of(PAD)
    }

    fn row(&self, row: u32) -> &'a [f32] {
        &self.rows[row as usize * self.stride()..][..self.stride()]
    }
}

/// Sums over ratings, each seen as `z = (q, 1, y)` with `y` the value less the bias of the still row: the upper triangle
/// of `sum weight z z'` with the weight of the still row ([`RowState::weight`]), and the plain sum of view vectors.
#[derive(Debug, Clone)]
pub struct Sums {
    factors: usize,
    width: usize,
    upper: Lines,
    views: Lines,
    tile: Lines,
    /// The last two numbers of each `z`.
    ends: Vec<[f32; 2]>,
    column: Lines,
}

impl Sums {
    /// Zeros.
    pub fn new(factors: usize) -> Self {
        let (width, stride) = ((factors + 2).next_multiple_of(PAD), factors.next_multiple_of(PAD));
        Self {
            factors,
            width,
            upper: Lines::zeros((factors + 2) * width),
            views: Lines::zeros(stride),
            tile: Lines::zeros(TILE * stride),
            ends: vec![[0.0; 2]; TILE],
            column: Lines::zeros(2 * stride),
        }
    }

    /// Forgets what was added.
    pub fn clear(&mut self) {
        self.upper.fill(0.0);
        self.views.fill(0.0);
    }

    /// An entry of the matrix; `row` is at most `column`, and both below `k + 2`.
    pub fn get(&self, row: usize, column: usize) -> f32 {
        self.upper[row * self.width + column]
    }

    /// Adds what another one has.
    pub fn add(&mut self, other: &Self) {
        self.upper.iter_mut().zip(&other.upper[..]).for_each(|(sum, number)| *sum += number);
        self.views.iter_mut().zip(&other.views[..]).for_each(|(sum, number)| *sum += number);
    }
}

/// Adds ratings to sums.
#[derive(Debug)]
pub struct Gather<'a> {
    /// The still side.
    pub still: Still<'a>,
    /// The ratings, each with a row of it.
    pub ratings: CellSlice<'a>,
    /// What is added to.
    pub sums: &'a mut Sums,
}

impl WithSimd for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { still, ratings, sums } = self;
        let (k, width, stride) = (still.factors, sums.width, still.stride());
        for start in (0..ratings.len()).step_by(TILE) {
            let ratings = ratings.part(start..ratings.len().min(start + TILE));
            for (n, tile) in sums.tile.chunks_exact_mut(stride).take(ratings.len()).enumerate() {
                let (other, value) = ratings.get(n);
                let state = &still.states[other as usize];
                tile.copy_from_slice(still.row(other));
                sums.ends[n] = [1.0, value - state.bias];
                let weight = weight(value) * state.weight();
                if weight.to_bits() != 1f32.to_bits() {
                    let root = weight.sqrt();
                    tile.iter_mut().chain(&mut sums.ends[n]).for_each(|number| *number *= root);
                }
            }
            if !still.views.is_empty() {
                let total = S::as_mut_simd_f32s(&mut sums.views).0;
                for n in 0..ratings.len() {
                    let first = ratings.other(n) as usize * stride;
                    let view = S::as_simd_f32s(&still.views[first..][..stride]).0;
                    total.iter_mut().zip(view).for_each(|(sum, &view)| *sum = simd.add_f32s(*sum, view));
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

/// The sums of the tile's rows times the last two numbers of each `z`, behind one another.
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

/// Adds the products of the tile's rows with themselves to the upper triangle, in blocks of `R` rows.
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
        row.iter_mut().zip(sums).for_each(|(entry, &sum)| *entry = simd.add_f32s(*entry, sum));
    }
    C
}

/// Solves for one row, whose sums over ratings are there; leaves the sums useless.
#[derive(Debug)]
pub struct Solve<'a> {
    /// The sums.
    pub sums: &'a mut Sums,
    /// The row's own factors, `stride` of them.
    pub row: &'a mut [f32],
    /// The row's own state.
    pub state: &'a mut RowState,
    /// Which row it is.
    pub number: u32,
    /// How many ratings it has.
    pub activity: u32,
    /// The numbers of the sweep.
    pub numbers: &'a Numbers,
}

impl WithSimd for Solve<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sums, row, state, number, activity, numbers } = self;
        let (k, width) = (sums.factors, sums.width);
        let n = k + 1;
        let scale = numbers.prior_scale(activity);
        let precision = numbers.precision * state.weight();
        let (prior, shared) = (&numbers.prior, &numbers.shared);
        for i in 0..n {
            let row = &mut sums.upper[i * width..][..=n];
            let (own, all) = (&prior.matrix.row(i)[i..], &shared.matrix.row(i)[i..]);
            for ((entry, own), all) in row[i..].iter_mut().zip(own).zip(all) {
                *entry = precision * *entry + scale * own + all;
            }
            let view = sums.views.get(i).filter(|_| i < k).map_or(0.0, |sum| numbers.view_weight * sum);
            row[n] = precision * row[n] + scale * prior.pull[i] + shared.pull[i] + view;
        }
        let mut inverse = vec![0f32; n];
        factor(simd, &mut sums.upper[..n * width], width, &mut inverse);

        let mut x = vec![0f32; width];
        for i in (0..n).rev() {
            let triangle = &sums.upper[i * width..][..width];
            let done = dot_from(simd, triangle, &x, i / S::F32_LANES);
            let noise = numbers.noise.map_or(0.0, |noise| normal(noise.words(number, i as u32 / 4)[i % 4]));
            x[i] = (triangle[n] + noise - done) * inverse[i];
        }
        row[..k].copy_from_slice(&x[..k]);
        state.bias = x[k];
    }
}

/// The product of two vectors from SIMD vector `first` on.
#[inline(always)]
fn dot_from<S: Simd>(simd: S, a: &[f32], b: &[f32], first: usize) -> f32 {
    let (a, b) = (S::as_simd_f32s(a).0, S::as_simd_f32s(b).0);
    let sum = a[first..]
        .iter()
        .zip(&b[first..])
        .fold(simd.splat_f32s(0.0), |sum, (&a, &b)| simd.mul_add_e_f32s(a, b, sum));
    simd.reduce_sum_f32s(sum)
}

/// How many rows are eliminated at a time.
const PANEL: usize = 4;

/// Cholesky in place: the upper triangle `A` of `n` rows becomes `U` with `U' U = A`, and each column behind it, `b`,
/// the solution of `U' w = b`. `inverse` gets one over each pivot, or 0 where rounding leaves nothing of a pivot: that
/// unknown is then 0.
#[inline(always)]
fn factor<S: Simd>(simd: S, upper: &mut [f32], width: usize, inverse: &mut [f32]) {
    let (n, lanes) = (inverse.len(), S::F32_LANES);
    let tolerance = n as f32 * f32::EPSILON;
    let diagonal: Vec<f32> = (0..n).map(|i| upper[i * width + i]).collect();
    for first in (0..n).step_by(PANEL) {
        let count = PANEL.min(n - first);
        let (panel, rest) = upper[first * width..].split_at_mut(count * width);
        for a in 0..count {
            let (done, row) = panel.split_at_mut(a * width);
            let row = &mut row[..width];
            let i = first + a;
            for done in done.chunks_exact(width) {
                let weight = simd.splat_f32s(-done[i]);
                let done = &S::as_simd_f32s(done).0[i / lanes..];
                let row = &mut S::as_mut_simd_f32s(row).0[i / lanes..];
                row.iter_mut().zip(done).for_each(|(x, &y)| *x = simd.mul_add_e_f32s(weight, y, *x));
            }
            let pivot = row[i];
            inverse[i] = if pivot > tolerance * diagonal[i] { 1.0 / pivot.sqrt() } else { 0.0 };
            let by = simd.splat_f32s(inverse[i]);
            let row = &mut S::as_mut_simd_f32s(row).0[i / lanes..];
            row.iter_mut().for_each(|x| *x = simd.mul_f32s(by, *x));
        }
        if count < PANEL {
            break;
        }
        let (a, panel) = panel.split_at(width);
        let (b, panel) = panel.split_at(width);
        let (c, d) = panel.split_at(width);
        for (row, i) in rest.chunks_exact_mut(width).zip(first + PANEL..n) {
            let weights = [a, b, c, d].map(|row| simd.splat_f32s(-row[i]));
            let from = i / lanes;
            let [a, b, c, d] = [a, b, c, d].map(|row| &S::as_simd_f32s(row).0[from..]);
            let row = &mut S::as_mut_simd_f32s(row).0[from..];
            for ((((x, &a), &b), &c), &d) in row.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                let first = simd.mul_add_e_f32s(weights[1], b, simd.mul_add_e_f32s(weights[0], a, *x));
                let second = simd.mul_add_e_f32s(weights[3], d, simd.mul_f32s(weights[2], c));
                *x = simd.add_f32s(first, second);
            }
        }
    }
}

/// The sums of squared errors of a row over its ratings: plain, and each times the weight of its still row.
#[derive(Debug)]
pub struct Measure<'a> {
    /// The still side.
    pub still: Still<'a>,
    /// The ratings, each with a row of it.
    pub ratings: CellSlice<'a>,
    /// The row's own factors.
    pub row: &'a [f32],
    /// The row's own bias.
    pub bias: f32,
}

impl WithSimd for Measure<'_> {
    type Output = [f32; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f32; 2] {
        let Self { still, ratings, row, bias } = self;
        let mut sums = [0.0; 2];
        for start in (0..ratings.len()).step_by(TILE) {
            let (mut plain, mut weighted) = (0.0, 0.0);
            for n in start..ratings.len().min(start + TILE) {
                let (other, value) = ratings.get(n);
                let product = dot_from(simd, row, still.row(other), 0);
                let state = &still.states[other as usize];
                let error = residual(Scalar::new(), value - bias - state.bias, product);
                plain += weight(value) * error * error;
                weighted += weight(value) * state.weight() * error * error;
            }
            sums[0] += plain;
            sums[1] += weighted;
        }
        sums
    }
}

/// The view vector of a row: `matrix (sum of the rated rows - activity mean)`.
#[derive(Debug)]
pub struct Explain<'a> {
    /// The side whose factors explain who rated what.
    pub still: Still<'a>,
    /// The ratings, each with a row of it.
    pub ratings: CellSlice<'a>,
    /// The numbers of the sweep.
    pub numbers: &'a ViewNumbers,
    /// The view vector, `stride` numbers.
    pub view: &'a mut [f32],
}

/// The numbers of a sweep over view vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewNumbers {
    /// `k x k`: the inverse of the regularized second moments of the still side.
    pub matrix: Matrix,
    /// `k` numbers: the mean of the still side.
    pub mean: Vec<f32>,
}

impl WithSimd for Explain<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { still, ratings, numbers, view } = self;
        let k = still.factors;
        let mut sum = vec![0f32; still.stride()];
        let total = S::as_mut_simd_f32s(&mut sum).0;
        for n in 0..ratings.len() {
            let row = S::as_simd_f32s(still.row(ratings.other(n))).0;
            total.iter_mut().zip(row).for_each(|(sum, &row)| *sum = simd.add_f32s(*sum, row));
        }
        sum[..k].iter_mut().zip(&numbers.mean).for_each(|(sum, mean)| *sum -= ratings.len() as f32 * mean);
        for (n, entry) in view[..k].iter_mut().enumerate() {
            *entry = numbers.matrix.row(n).iter().zip(&sum).map(|(a, b)| a * b).sum();
        }
    }
}
