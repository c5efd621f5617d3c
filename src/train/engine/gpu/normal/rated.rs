//! The ratings of both sides, on the device or streamed to it, and the rounds in which they are walked over.

use super::rounds::{Kind, Round, STEP, SUBMISSION, cut};
use crate::gpu::kernels::normal::{Entry, Rating, Segment, Shape};
use crate::gpu::{Buffer, BufferSlice, Commands, Gpu, Submission};
use crate::ratings::{At, Rows, Side, Sides};
use crate::train::engine::gpu::ring::Ring;
use crate::train::problem::Problem;
use crate::{Error, Result};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Where the ratings are.
enum Place {
    /// They stay on the device, piece by piece.
    Device(Sides<Vec<Buffer<Rating>>>),
    /// They are streamed through a ring.
    Ring(Ring<Buffer<Rating>>),
}

/// The ratings of both sides.
pub(super) struct Rated {
    problem: Arc<Problem>,
    place: Place,
}

impl Rated {
    /// The ratings on the device if they fit, else streamed to it. The sides have rows of these numbers.
    pub(super) fn new(gpu: &Gpu, problem: &Arc<Problem>, sizes: &Sides<usize>) -> Result<Self> {
        for side in Side::BOTH {
            // Kernels do not check bounds, so their indices are validated here.
            problem.staged.each_piece(At { stage: 0, side }, |_, rows| {
                let mut others = rows.ratings.all().iter().map(|(other, _)| other);
                let (own, fixed) = (sizes[side], sizes[side.other()]);
                let outside = rows.row.iter().any(|&row| row as usize >= own)
                    || others.any(|other| other as usize >= fixed);
                if outside { Err(Error::Bug("a rating outside the factors".into())) } else { Ok(()) }
            })?;
        }
        let bytes: usize = problem.staged.all_rows().map(|rows| rows.count() * size_of::<Rating>()).sum();
        let upload = |side: Side| {
            let mut buffers = Vec::new();
            problem.staged.each_piece(At { stage: 0, side }, |_, rows| {
                buffers.push(gpu.upload("ratings", &packed(rows, 0..rows.count()))?);
                Ok(())
            })?;
            Ok(buffers)
        };
        let place = gpu.fits("ratings", bytes as u64).and_then(|()| Sides::try_from_fn(upload));
        match place {
            Ok(ratings) => Ok(Self { place: Place::Device(ratings), problem: Arc::clone(problem) }),
            Err(Error::TooLarge(_)) => Self::streamed(gpu, problem),
            Err(error) => Err(error),
        }
    }

    fn streamed(gpu: &Gpu, problem: &Arc<Problem>) -> Result<Self> {
        let rows = problem.staged.all_rows();
        let lengths = rows.flat_map(|rows| (0..rows.len()).map(|n| rows.span(n).len()));
        let longest = lengths.max().unwrap_or(0) + STEP;
        let most = problem.staged.all_rows().map(Rows::count).max().unwrap_or(0) + STEP;
        let ring = Ring::new(gpu, (longest, most), |size| gpu.zeroed("ratings", size))?;
        Ok(Self { place: Place::Ring(ring), problem: Arc::clone(problem) })
    }

    /// Takes the ratings off the device. What was cut for them must be cut again.
    pub(super) fn stream(&mut self, gpu: &Gpu) -> Result<()> {
        self.place = Place::Device(Sides::default());
        *self = Self::streamed(gpu, &self.problem)?;
        Ok(())
    }

    /// Whether ratings are streamed.
    pub(super) fn streams(&self) -> bool {
        matches!(self.place, Place::Ring(_))
    }

    /// Cuts the sweeps over the rows of a side whose lengths are kept. A round has at most these numbers of
    /// segments and rows.
    pub(super) fn cut(
        &self,
        gpu: &Gpu,
        (side, keep): (Side, &dyn Fn(usize) -> bool),
        (shape, kind): (&Shape, Kind),
        (segments, rows): (usize, usize),
    ) -> Result<Cut> {
        let ratings = match &self.place {
            Place::Device(_) => gpu.limits().max_storage_buffer_binding_size as usize / size_of::<Rating>(),
            Place::Ring(ring) => ring.size,
        };
        let staged = &self.problem.staged;
        let of = (staged.pieces(At { stage: 0, side }), &staged.activity[side][..]);
        let (entries, segments, rounds) = cut(of, keep, (shape, kind), (segments, rows, ratings - STEP));
        let (entries, segments) = (gpu.upload("rows", &entries)?, gpu.upload("segments", &segments)?);
        Ok(Cut { entries, segments, rounds })
    }

    /// The rows of a side whose lengths are kept.
    pub(super) fn rows(&self, side: Side, keep: &dyn Fn(usize) -> bool) -> Vec<u32> {
        let kept = |rows: &Rows| -> Vec<u32> {
            (0..rows.len()).filter(|&n| keep(rows.span(n).len())).map(|n| rows.row[n]).collect()
        };
        self.problem.staged.pieces(At { stage: 0, side }).iter().flat_map(kept).collect()
    }

    /// Walks over the rounds of a side and submits what `record` records for each. Each round comes with its
    /// ratings. The work is not waited for.
    pub(super) fn walk(
        &mut self,
        gpu: &Gpu,
        (side, cut): (Side, &Cut),
        mut record: impl FnMut(&mut Commands, &Round, BufferSlice) -> Result<()>,
    ) -> Result<Submission> {
        let staged = &self.problem.staged;
        let mut commands = gpu.commands("normal equations");
        let submit =
            |commands: &mut Commands| std::mem::replace(commands, gpu.commands("normal equations")).submit();
        match &mut self.place {
            Place::Device(ratings) => {
                let mut work = 0;
                for round in &cut.rounds {
                    let own = ratings[side][round.piece].slice(round.ratings.clone())?;
                    record(&mut commands, round, own)?;
                    work += round.work;
                    if work >= SUBMISSION {
                        let _ = submit(&mut commands)?;
                        work = 0;
                    }
                }
            }
            Place::Ring(ring) => {
                for rounds in cut.rounds.chunk_by(|one, other| one.piece == other.piece) {
                    staged.with_piece(At { stage: 0, side }, rounds[0].piece, |rows| {
                        for round in rounds {
                            let slot = ring.slot()?;
                            slot.write(0, &packed(rows, round.ratings.clone()))?;
                            record(&mut commands, round, slot.slice(..round.ratings.len())?)?;
                            ring.runs(submit(&mut commands)?);
                        }
                        Ok(())
                    })?;
                }
            }
        }
        commands.submit()
    }
}

/// The rows of a side, cut into rounds.
pub(super) struct Cut {
    pub(super) entries: Buffer<Entry>,
    pub(super) segments: Buffer<Segment>,
    pub(super) rounds: Vec<Round>,
}

/// Ratings in the layout that kernels read.
fn packed(rows: &Rows, span: Range<usize>) -> Vec<Rating> {
    rows.ratings.part(span).par_iter().map(|(other, value)| Rating { other, value }).collect()
}
