//! The exact solution of rows with fewer ratings than factors, with an unknown for each rating
//! (docs/maths.md, "Every row on its shorter side"). Short rows of one length are solved together, one a
//! lane. The twin is `shaders/row_short.wgsl`.

mod gram;
mod lanes;
mod member;
mod system;

use super::axes::Axes;
use super::numbers::Numbers;
use crate::train::row::RowState;
use lanes::{Lanes, MOST_LANES, SMALL};
pub use member::{ShortMember, ShortSide};
use pulp::{Simd, WithSimd};
use system::{Inverse, System, UNCLEAR};

/// What the solution of short rows needs besides its input.
#[derive(Debug, Clone)]
pub struct ShortScratch {
    prior: Inverse,
    /// One for each row that is solved together, and one for a row of any length.
    small: Vec<System>,
    large: System,
    lanes: Lanes,
}

impl ShortScratch {
    /// For rows of at most `longest` ratings, over rows of `stride` numbers.
    pub fn new(longest: usize, stride: usize) -> Self {
        Self {
            prior: Inverse::new(stride),
            small: vec![System::new(SMALL, stride); MOST_LANES],
            large: System::new(longest.max(1), stride),
            lanes: Lanes::new(),
        }
    }
}

/// Solves for short rows, in the coordinates of the sweep.
#[derive(Debug)]
pub struct SolveShort<'a, 'b> {
    /// The fixed side.
    pub side: ShortSide<'a>,
    /// The rows, ordered by their number of ratings.
    pub members: &'b [ShortMember<'a>],
    /// The coordinates and the priors.
    pub axes: &'a Axes,
    /// The parameters of the sweep.
    pub numbers: &'a Numbers,
    /// The rows' own factors, which are replaced by their numbers in the coordinates of the sweep.
    pub factors: &'b mut [f32],
    /// The rows' own states. The bias is replaced by the last number.
    pub states: &'b mut [RowState],
    /// Memory that is overwritten.
    pub scratch: &'b mut ShortScratch,
    /// Receives the entries of rows whose solution rounding would decide. They are left as they are.
    pub unclear: &'b mut Vec<usize>,
}

impl WithSimd for SolveShort<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let mut rest = self.members;
        while let Some(first) = rest.first() {
            let count = first.ratings.len();
            let like = rest.partition_point(|member| member.ratings.len() == count);
            let (members, longer) = rest.split_at(like);
            self.scratch.prior.set(self.axes, self.numbers, (count as u32, self.side.fixed.factors));
            // Loops, since closures are not compiled for the processor's features.
            if count <= SMALL {
                for group in members.chunks(S::F32_LANES.min(MOST_LANES)) {
                    self.together(simd, group);
                }
            } else {
                for member in members {
                    self.alone(simd, member);
                }
            }
            rest = longer;
        }
    }
}

impl SolveShort<'_, '_> {
    /// Solves for some rows of one length, one a lane.
    #[inline(always)]
    fn together<S: Simd>(&mut self, simd: S, members: &[ShortMember<'_>]) {
        let ShortScratch { prior, small, lanes, .. } = &mut *self.scratch;
        let count = members[0].ratings.len();
        for (member, system) in members.iter().zip(&mut *small) {
            system.set_up(simd, &self.side, member, (self.axes, self.numbers, prior));
        }
        lanes.solve(simd, &mut small[..members.len()], count);
        for (lane, member) in members.iter().enumerate() {
            self.finish(simd, member, Some(lane));
        }
    }

    /// Solves for one row.
    #[inline(always)]
    fn alone<S: Simd>(&mut self, simd: S, member: &ShortMember<'_>) {
        let ShortScratch { prior, large, .. } = &mut *self.scratch;
        large.set_up(simd, &self.side, member, (self.axes, self.numbers, prior));
        if large.size < UNCLEAR {
            large.solve(simd);
        }
        self.finish(simd, member, None);
    }

    /// Writes a row whose equations are solved, and its losses. A small system still has its equations.
    #[inline(always)]
    fn finish<S: Simd>(&mut self, simd: S, member: &ShortMember<'_>, lane: Option<usize>) {
        let ShortScratch { prior, small, large, .. } = &mut *self.scratch;
        let system = match lane {
            Some(lane) => &mut small[lane],
            None => large,
        };
        let stride = self.side.fixed.stride();
        let row = &mut self.factors[member.place * stride..][..stride];
        let state = &mut self.states[member.place];
        // Nor is what is not a number.
        if system.size.is_nan() || system.size >= UNCLEAR {
            self.unclear.push(member.entry);
            return;
        }
        let rounds = system.rounds();
        if rounds > 0 && lane.is_some() {
            system.solve(simd);
        }
        system.write(simd, &self.side, prior, (&mut *row, &mut state.bias));
        for _ in 0..rounds {
            system.refine(simd, &self.side, prior, (&mut *row, &mut state.bias));
        }
        if self.numbers.measure {
            state.set_losses(system.losses(&self.side, member, self.numbers));
        }
    }
}
