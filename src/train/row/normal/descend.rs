//! The update of rows by conjugate gradients (Hestenes, Stiefel 1952): a few steps towards the solution of
//! a row's equations, from the row as it is. A step costs two products a rating and one with the shared
//! matrix (Takács, Pilászy, Tikk 2011, "Applications of the conjugate gradient method for implicit feedback
//! collaborative filtering"). Some rows step together, so that the shared matrix is read once for all of
//! them; the result of a row does not depend on the others. The twin is `shaders/row_descend.wgsl`.

use super::equations::{Equations, SharedEquations};
use super::fixed::FixedSide;
use super::numbers::Numbers;
use crate::math::Lines;
use crate::ratings::CellSlice;
use pulp::{Simd, WithSimd};

/// The largest number of rows that step together.
pub const GROUP: usize = 4;

/// A residual whose square is below this is that of the solution.
const NOTHING: f32 = 1e-20;

/// The vectors of the rows that step together.
#[derive(Debug)]
pub struct Directions {
    /// The rows themselves.
    pub rows: Lines,
    residual: Lines,
    direction: Lines,
    product: Lines,
    /// The biases of the rows, and the same of the other vectors.
    pub biases: [f32; GROUP],
    residual_end: [f32; GROUP],
    direction_end: [f32; GROUP],
}

impl Directions {
    /// Vectors of `stride` numbers.
    pub fn new(stride: usize) -> Self {
        let [rows, residual, direction, product] = [(); 4].map(|()| Lines::zeros(GROUP * stride));
        let [biases, residual_end, direction_end] = [[0.0; GROUP]; 3];
        Self { rows, residual, direction, product, biases, residual_end, direction_end }
    }
}

/// A row that steps.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// The ratings, each with a row of the fixed side.
    pub ratings: CellSlice<'a>,
    /// The row's number of ratings.
    pub activity: u32,
    /// The losses of the new row as [`Measure`](super::Measure) computes them, if they are measured.
    pub losses: [f32; 2],
}

/// Moves one to [`GROUP`] rows, which lie in the directions one behind the other.
#[derive(Debug)]
pub struct Descend<'a, 'b> {
    /// The fixed side.
    pub fixed: FixedSide<'a>,
    /// The rows.
    pub members: &'b mut [Member<'a>],
    /// The parameters of the sweep.
    pub numbers: &'a Numbers,
    /// Its shared equations.
    pub shared: &'a SharedEquations,
    /// The rows, and vectors that are overwritten.
    pub directions: &'b mut Directions,
}

impl WithSimd for Descend<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.members.len() {
            0 => {}
            1 => self.together::<S, 1>(simd),
            2 => self.together::<S, 2>(simd),
            3 => self.together::<S, 3>(simd),
            _ => self.together::<S, GROUP>(simd),
        }
    }
}

impl Descend<'_, '_> {
    #[inline(always)]
    fn together<S: Simd, const R: usize>(self, simd: S) {
        let Self { fixed, members, numbers, shared, directions } = self;
        let Directions { rows, residual, direction, product, biases, residual_end, direction_end } =
            directions;
        let stride = fixed.stride();
        let of = |r: usize| r * stride..(r + 1) * stride;
        let first = Equations { fixed, ratings: members[0].ratings, numbers, shared, scale: 0.0 };
        let mut equations = [first; R];
        for (equations, member) in equations.iter_mut().zip(&*members) {
            (equations.ratings, equations.scale) = (member.ratings, numbers.prior_scale(member.activity));
        }
        // A bias that explains nothing stays as it is.
        let one = numbers.target.bias();
        let mut squares = [0.0; R];
        shared.times::<S, R>(simd, rows, product);
        for r in 0..R {
            let [times, pull] = shared.of_bias(equations[r].scale);
            let end = equations[r].add(simd, (&rows[of(r)], biases[r]), &mut product[of(r)], true);
            // The residual of the row as it is: right-hand side minus matrix times row.
            for (((residual, &product), &pull), &prior_pull) in residual[of(r)]
                .iter_mut()
                .zip(&product[of(r)])
                .zip(&shared.pull[..])
                .zip(&shared.prior_pull[..])
            {
                *residual = pull + equations[r].scale * prior_pull - product;
            }
            residual_end[r] = one * (pull - times * biases[r] - end);
            direction[of(r)].copy_from_slice(&residual[of(r)]);
            direction_end[r] = residual_end[r];
            squares[r] = dot(simd, &residual[of(r)], &residual[of(r)]) + residual_end[r] * residual_end[r];
        }
        for _ in 0..numbers.steps {
            if squares.iter().all(|&square| square < NOTHING) {
                break;
            }
            shared.times::<S, R>(simd, direction, product);
            for r in 0..R {
                if squares[r] < NOTHING {
                    continue;
                }
                let (direction, product) = (&mut direction[of(r)], &mut product[of(r)]);
                let (row, residual) = (&mut rows[of(r)], &mut residual[of(r)]);
                let [times, _] = shared.of_bias(equations[r].scale);
                let end = equations[r].add(simd, (direction, direction_end[r]), product, false);
                let end = end + one * times * direction_end[r];
                let length = squares[r] / (dot(simd, direction, product) + direction_end[r] * end);
                add(simd, row, length, direction);
                add(simd, residual, -length, product);
                biases[r] += length * direction_end[r];
                residual_end[r] -= length * end;
                let next = dot(simd, residual, residual) + residual_end[r] * residual_end[r];
                turn(simd, direction, next / squares[r], residual);
                direction_end[r] = residual_end[r] + next / squares[r] * direction_end[r];
                squares[r] = next;
            }
        }
        if numbers.measure {
            for r in 0..R {
                members[r].losses = equations[r].losses(simd, &rows[of(r)], biases[r]);
            }
        }
    }
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
