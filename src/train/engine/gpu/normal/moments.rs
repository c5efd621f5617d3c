//! Sums over all rows of a side that have ratings.

use super::rounds::SEGMENT;
use crate::gpu::kernels::normal::{self, Params, Rating, Segment, Shape};
use crate::gpu::{Buffer, Gpu, Params as Uniforms, Pipeline};
use crate::ratings::{Side, Sides};
use crate::train::engine::gpu::side::Factors;
use crate::train::engine::{MomentParts, Vectors};
use crate::train::problem::Problem;
use crate::{Error, Result};

/// The rank's part of the rows of a side that have ratings, in the form of the ratings of one row. The values
/// are the shares of the other side's rows that rated them.
struct List {
    ratings: Buffer<Rating>,
    /// The segments of the list, as many in a buffer as have room for their sums.
    segments: Vec<Buffer<Segment>>,
}

impl List {
    fn upload(gpu: &Gpu, problem: &Problem, side: Side, most: usize) -> Result<Self> {
        let (rows, shares) = problem.staged.known(side);
        let own = problem.share.slice(rows.len(), SEGMENT);
        let (rows, shares) = (&rows[own.clone()], &shares[own]);
        let rating = |(&other, &value)| Rating { other, value };
        let ratings: Vec<Rating> = rows.iter().zip(shares).map(rating).collect();
        let segment =
            |start: usize| Segment { start: start as u32, end: (start + SEGMENT).min(ratings.len()) as u32 };
        let segments: Vec<Segment> = (0..ratings.len()).step_by(SEGMENT).map(segment).collect();
        let segments = segments.chunks(most).map(|segments| gpu.upload("list segments", segments));
        Ok(Self { segments: segments.collect::<Result<_>>()?, ratings: gpu.upload("list", &ratings)? })
    }
}

/// The kernel that sums over rows, and all that it needs.
pub(super) struct Moments {
    shape: Shape,
    part: Pipeline,
    /// First those of rows of weight 1, then with a bias of 0, too.
    params: Uniforms<Params>,
    lists: Sides<List>,
    parts: Buffer<f32>,
}

impl Moments {
    /// The sums of a list take about `slot` bytes at a time.
    pub(super) fn new(gpu: &Gpu, problem: &Problem, shape: Shape, slot: usize) -> Result<Self> {
        let most = (slot / (16 * shape.part())).max(1);
        let lists = Sides::try_from_fn(|side| List::upload(gpu, problem, side, most))?;
        let longest = lists.iter().flat_map(|list| &list.segments).map(Buffer::len).max().unwrap_or(0);
        let plain = [1, 2].map(|plain| Params { plain, ..Params::default() });
        Ok(Self {
            part: shape.pipeline(gpu, &normal::PART)?,
            params: gpu.params("moments", &plain)?,
            parts: gpu.output("moments", 4 * shape.part() * longest)?,
            lists,
            shape,
        })
    }

    /// The kernel that sums over a segment.
    pub(super) fn part(&self) -> &Pipeline {
        &self.part
    }

    /// Partial sums over the rows of a side that have ratings.
    pub(super) fn parts(
        &self,
        gpu: &Gpu,
        side: Side,
        own: &Factors,
        vectors: Vectors,
    ) -> Result<MomentParts> {
        let (params, rows) = match vectors {
            Vectors::Factors => (0, Some(&own.rows)),
            Vectors::Implicit => (1, own.implicit.as_ref()),
        };
        let rows = rows.ok_or_else(|| Error::Bug("moments of implicit that were not computed".into()))?;
        let List { ratings, segments } = &self.lists[side];
        let size = 4 * self.shape.part();
        // The values of a list have the sign of a rating: minus the bias, or minus the share.
        let mut sums = MomentParts::new(self.shape.factors);
        for segments in segments {
            let bound = self.part.bind(&[
                self.params.at(params),
                ratings.all(),
                rows.all(),
                own.states.all(),
                rows.all(),
                segments.slice(..)?,
                self.parts.all(),
            ])?;
            let mut commands = gpu.commands("moments");
            commands.dispatch(&bound, segments.len() as u32);
            let _ = commands.submit()?;
            for part in self.parts.download_range(..segments.len() * size)?.chunks_exact(size) {
                sums.push(|row, column| part[self.shape.place(row, column)]);
            }
        }
        Ok(sums)
    }
}
