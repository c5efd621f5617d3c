//! The equations of one row with an unknown for each rating, and what they need.

use super::gram::{Places, combine, gram, products};
use super::member::{ShortMember, ShortSide};
use crate::math::Lines;
use crate::train::row::normal::axes::Axes;
use crate::train::row::normal::cholesky::{back, factor};
use crate::train::row::normal::numbers::Numbers;
use crate::train::row::sgd::PAD;
use pulp::Simd;

/// The inverse of the prior of all rows with a number of ratings.
#[derive(Debug, Clone)]
pub(super) struct Inverse {
    /// What the prior is multiplied by.
    scale: f32,
    /// One over each number of the prior, and one over its root.
    pub(super) body: Lines,
    roots: Lines,
    pub(super) end: f32,
    end_root: f32,
    /// Whether there is a prior for each unknown but the last, and for the last.
    is_proper: bool,
    has_end: bool,
}

impl Inverse {
    pub(super) fn new(stride: usize) -> Self {
        let [body, roots] = [(); 2].map(|()| Lines::zeros(stride));
        Self { scale: 0.0, body, roots, end: 0.0, end_root: 0.0, is_proper: false, has_end: false }
    }

    /// Those of rows with so many ratings.
    pub(super) fn set(&mut self, axes: &Axes, numbers: &Numbers, (activity, factors): (u32, usize)) {
        self.scale = numbers.prior_scale(activity);
        let of = |prior: f32, shared: f32| 1.0 / (self.scale * prior + shared);
        let all = self.body.iter_mut().zip(&axes.prior.body[..]).zip(&axes.shared.body[..]);
        for ((inverse, &prior), &shared) in all.take(factors) {
            *inverse = of(prior, shared);
        }
        self.end = of(axes.prior.end, axes.shared.end);
        for (root, inverse) in self.roots.iter_mut().zip(&self.body[..factors]) {
            *root = inverse.sqrt();
        }
        let proper = |inverse: &f32| inverse.is_finite() && *inverse >= 0.0;
        self.is_proper = self.body[..factors].iter().all(proper);
        self.has_end = proper(&self.end);
        if !self.has_end {
            self.end = 0.0;
        }
        self.end_root = self.end.sqrt();
    }
}

/// How often a solution is refined: rounding shows where the products of a row's ratings are much larger
/// than its prior. A round takes an error of about their sum times the precision of a number from what is
/// left.
const ROUNDS: [(f32, usize); 4] = [(4.0, 0), (512.0, 1), (16_384.0, 2), (UNCLEAR, 4)];

/// With more than this, the row is solved with an unknown for each factor.
pub(super) const UNCLEAR: f32 = 262_144.0;

/// The equations of a row, and its vectors. All sizes are those of the longest row.
#[derive(Debug, Clone)]
pub(super) struct System {
    /// The number of ratings, and the distance of rows of the triangle.
    pub(super) count: usize,
    pub(super) width: usize,
    /// The upper triangle, and the right-hand side in the next column.
    pub(super) upper: Lines,
    /// The solution: the errors of the ratings, each times the root of its weight.
    pub(super) solution: Lines,
    inverse: Lines,
    rest: Lines,
    /// The row before it sees the ratings.
    mean: Lines,
    mean_end: f32,
    /// Of each rating: where its fixed row begins, its number, the last number of the fixed row, the root
    /// of its weight, its value less the bias of the fixed row, and its noise.
    places: Vec<usize>,
    others: Vec<u32>,
    ends: Vec<f32>,
    roots: Vec<f32>,
    values: Vec<f32>,
    noise: Vec<f32>,
    times: Vec<f32>,
    /// The random numbers of a draw.
    random: Vec<f32>,
    /// The products of the ratings in units of the prior, summed.
    pub(super) size: f32,
}

impl System {
    pub(super) fn new(longest: usize, stride: usize) -> Self {
        let width = (longest + 1).next_multiple_of(PAD);
        let [inverse, solution, rest] = [(); 3].map(|()| Lines::zeros(width));
        let [ends, roots, values, noise, times] = [(); 5].map(|()| Vec::with_capacity(longest));
        let random = Vec::with_capacity(stride + 1 + longest);
        Self {
            count: 0,
            width,
            upper: Lines::zeros(longest * width),
            solution,
            inverse,
            rest,
            mean: Lines::zeros(stride),
            mean_end: 0.0,
            places: Vec::with_capacity(longest),
            others: Vec::with_capacity(longest),
            ends,
            roots,
            values,
            noise,
            times,
            random,
            size: 0.0,
        }
    }

    /// Sets up the equations of a row.
    #[inline(always)]
    pub(super) fn set_up<S: Simd>(
        &mut self,
        simd: S,
        side: &ShortSide<'_>,
        member: &ShortMember<'_>,
        (axes, numbers, prior): (&Axes, &Numbers, &Inverse),
    ) {
        let ratings = member.ratings;
        let count = ratings.len();
        let stride = side.fixed.stride();
        (self.count, self.width) = (count, (count + 1).next_multiple_of(PAD));
        let Self { places, others, ends, roots, values, noise, .. } = self;
        for list in [&mut *ends, &mut *roots, &mut *values, &mut *noise] {
            list.clear();
        }
        places.clear();
        others.clear();
        let precision = numbers.precision * member.weight;
        let mut ends_count = false;
        for n in 0..count {
            let (other, value) = ratings.get(n);
            let state = &side.fixed.states[other as usize];
            let end = side.ends.get(other as usize).copied().unwrap_or(numbers.target.bias());
            ends_count |= end != 0.0;
            places.push(other as usize * stride);
            others.push(other);
            ends.push(end);
            roots.push((precision * numbers.target.weight(value) * state.weight()).sqrt());
            values.push(numbers.target.of(value) - state.bias);
            noise.push(0.0);
        }
        let is_proper = prior.is_proper && (prior.has_end || !ends_count);
        let has_mean = self.set_mean(simd, side, member, (axes, numbers, prior));
        let fixed = Places { rows: side.fixed.rows, stride, begins: &self.places };
        let width = self.width;
        let upper = &mut self.upper[..count * width];
        let uniform = axes.is_uniform.then_some(prior.body[0]);
        gram(simd, fixed, uniform.is_none().then_some(&prior.body[..]), upper, width);
        let times = uniform.unwrap_or(1.0);
        let mut size = 0.0;
        for (n, row) in upper.chunks_exact_mut(width).enumerate() {
            let (root, left) = (self.roots[n], prior.end * self.ends[n]);
            let entries = row[n..count].iter_mut().zip(&self.roots[n..]).zip(&self.ends[n..]);
            for ((entry, &other), &right) in entries {
                *entry = root * other * (times * *entry + left * right);
            }
            size += row[n];
            row[n] += 1.0;
            row[count + 1..].fill(0.0);
        }
        self.size = if is_proper { size } else { f32::INFINITY };
        if has_mean {
            products(simd, fixed, &self.mean, &mut self.rest);
        }
        for n in 0..count {
            let product = if has_mean { self.rest[n] + self.ends[n] * self.mean_end } else { 0.0 };
            upper[n * width + count] = self.roots[n] * (self.values[n] - product) + self.noise[n];
        }
    }

    /// Sets the row before it sees the ratings, and the noise of a draw. Whether there is such a row.
    #[inline(always)]
    fn set_mean<S: Simd>(
        &mut self,
        simd: S,
        side: &ShortSide<'_>,
        member: &ShortMember<'_>,
        (axes, numbers, prior): (&Axes, &Numbers, &Inverse),
    ) -> bool {
        let Self { mean, mean_end, others, noise, random, .. } = self;
        let k = side.fixed.factors;
        mean.fill(0.0);
        *mean_end = 0.0;
        if !side.fixed.implicit.is_empty() {
            let stride = side.fixed.stride();
            let total = S::as_mut_simd_f32s(mean).0;
            let weight = simd.splat_f32s(numbers.implicit_weight);
            for &other in &*others {
                let implicit = S::as_simd_f32s(&side.fixed.implicit[other as usize * stride..][..stride]).0;
                for (sum, &implicit) in total.iter_mut().zip(implicit) {
                    *sum = simd.mul_add_e_f32s(weight, implicit, *sum);
                }
                *mean_end +=
                    numbers.implicit_weight * side.implicit_ends.get(other as usize).copied().unwrap_or(0.0);
            }
        } else if !axes.has_pull && numbers.noise.is_none() {
            return false;
        }
        let pulls = axes.prior_pull.body.iter().zip(&axes.shared_pull.body[..]);
        for ((mean, (&own, &shared)), &inverse) in mean.iter_mut().zip(pulls).zip(&prior.body[..]) {
            *mean = inverse * (*mean + prior.scale * own + shared);
        }
        *mean_end = prior.end * (*mean_end + prior.scale * axes.prior_pull.end + axes.shared_pull.end);
        if let Some(source) = numbers.noise {
            random.resize(k + 1 + noise.len(), 0.0);
            source.fill(member.number, random);
            for ((mean, &root), &random) in mean.iter_mut().zip(&prior.roots[..]).zip(&random[..k]) {
                *mean += root * random;
            }
            *mean_end += prior.end_root * random[k];
            noise.copy_from_slice(&random[k + 1..]);
        }
        true
    }

    /// Solves the equations.
    #[inline(always)]
    pub(super) fn solve<S: Simd>(&mut self, simd: S) {
        let Self { count, width, upper, inverse, solution, .. } = self;
        let (upper, inverse) = (&mut upper[..*count * *width], &mut inverse[..*count]);
        factor(simd, upper, *width, inverse);
        back(simd, upper, *width, inverse, &mut solution[..*width], &[]);
    }

    /// Writes the row and its last number.
    #[inline(always)]
    pub(super) fn write<S: Simd>(
        &mut self,
        simd: S,
        side: &ShortSide<'_>,
        prior: &Inverse,
        (row, end): (&mut [f32], &mut f32),
    ) {
        row.copy_from_slice(&self.mean);
        *end = self.mean_end;
        self.times.clear();
        self.times.extend(self.roots.iter().zip(&self.solution[..]).map(|(root, error)| root * error));
        self.add(simd, side, prior, (row, end));
    }

    /// Adds the share of ratings with these errors, each times its weight.
    #[inline(always)]
    fn add<S: Simd>(
        &self,
        simd: S,
        side: &ShortSide<'_>,
        prior: &Inverse,
        (row, end): (&mut [f32], &mut f32),
    ) {
        let fixed = Places { rows: side.fixed.rows, stride: side.fixed.stride(), begins: &self.places };
        combine(simd, fixed, &self.times, &prior.body, row);
        let sum: f32 = self.times.iter().zip(&self.ends).map(|(times, end)| times * end).sum();
        *end += prior.end * sum;
    }

    /// How often the solution is to be refined.
    pub(super) fn rounds(&self) -> usize {
        ROUNDS.iter().find(|(most, _)| self.size < *most).map_or(0, |(_, rounds)| *rounds)
    }

    /// Refines the solution, and the row with it. The triangle is as [`solve`](Self::solve) leaves it.
    #[inline(always)]
    pub(super) fn refine<S: Simd>(
        &mut self,
        simd: S,
        side: &ShortSide<'_>,
        prior: &Inverse,
        (row, end): (&mut [f32], &mut f32),
    ) {
        let Self { count, width, upper, inverse, solution, rest, .. } = self;
        let (count, width) = (*count, *width);
        let fixed = Places { rows: side.fixed.rows, stride: side.fixed.stride(), begins: &self.places };
        products(simd, fixed, row, rest);
        for n in 0..count {
            let product = rest[n] + self.ends[n] * *end;
            rest[n] = self.roots[n] * (self.values[n] - product) + self.noise[n] - solution[n];
        }
        // U' w = rest, a row of U at a time.
        let upper = &mut upper[..count * width];
        for n in 0..count {
            let found = rest[n] * inverse[n];
            let line = &mut upper[n * width..][..width];
            line[count] = found;
            for (rest, entry) in rest[n + 1..count].iter_mut().zip(&line[n + 1..count]) {
                *rest -= found * entry;
            }
        }
        back(simd, upper, width, &inverse[..count], &mut rest[..width], &[]);
        solution[..count].iter_mut().zip(&rest[..count]).for_each(|(sum, rest)| *sum += rest);
        // What is added to the row is small, and so is its rounding.
        self.times.clear();
        self.times.extend(self.roots.iter().zip(&self.rest[..]).map(|(root, error)| root * error));
        self.add(simd, side, prior, (row, end));
    }

    /// The squared errors of the row: times the weights of the ratings, and also times those of the fixed
    /// rows.
    pub(super) fn losses(
        &self,
        side: &ShortSide<'_>,
        member: &ShortMember<'_>,
        numbers: &Numbers,
    ) -> [f32; 2] {
        let mut losses = [0.0; 2];
        for (n, &other) in self.others.iter().enumerate() {
            let weight = numbers.target.weight(member.ratings.get(n).1);
            if self.roots[n] > 0.0 {
                let error = (self.solution[n] - self.noise[n]) / self.roots[n];
                let loss = weight * error * error;
                losses[0] += loss;
                losses[1] += side.fixed.states[other as usize].weight() * loss;
            }
        }
        losses
    }
}
