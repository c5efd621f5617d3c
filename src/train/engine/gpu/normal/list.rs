//! All rows of a side that have ratings, for sums over them.

use super::rounds::SEGMENT;
use crate::Result;
use crate::gpu::kernels::normal::{Rating, Segment};
use crate::gpu::{Buffer, Gpu};
use crate::ratings::Side;
use crate::train::problem::Problem;

/// The rows of a side that have ratings, in the form of the ratings of one row. The values are the shares of
/// the other side's rows that rated them.
pub(super) struct List {
    pub(super) ratings: Buffer<Rating>,
    pub(super) segments: Buffer<Segment>,
}

impl List {
    pub(super) fn upload(gpu: &Gpu, problem: &Problem, side: Side) -> Result<Self> {
        let (rows, shares) = problem.staged.known(side);
        let rating = |(&other, &value)| Rating { other, value };
        let ratings: Vec<Rating> = rows.iter().zip(&shares).map(rating).collect();
        let segment =
            |start: usize| Segment { start: start as u32, end: (start + SEGMENT).min(ratings.len()) as u32 };
        let segments: Vec<Segment> = (0..ratings.len()).step_by(SEGMENT).map(segment).collect();
        Ok(Self { ratings: gpu.upload("list", &ratings)?, segments: gpu.upload("list segments", &segments)? })
    }
}
