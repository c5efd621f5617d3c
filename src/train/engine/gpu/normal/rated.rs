//! The ratings of one side on the device, resident or streamed.

use super::rounds::{Round, cut};
use crate::gpu::kernels::normal::{Entry, Rating, Segment, Shape};
use crate::gpu::{Buffer, BufferSlice, Gpu};
use crate::ratings::Rows;
use crate::train::engine::gpu::ring::Ring;
use crate::{Error, Result};
use rayon::prelude::*;
use std::ops::Range;

/// The ratings of one side on the device.
pub(super) struct Rated {
    pub(super) entries: Buffer<Entry>,
    pub(super) segments: Buffer<Segment>,
    /// All ratings, if they stay on the device.
    ratings: Option<Buffer<Rating>>,
    pub(super) rounds: Vec<Round>,
}

impl Rated {
    pub(super) fn upload(
        gpu: &Gpu,
        (rows, activity): (&Rows, &[u32]),
        (own, fixed): (usize, usize),
        shape: &Shape,
        most: (usize, usize, usize),
        stays: bool,
    ) -> Result<Self> {
        // Kernels do not check bounds, so their indices are validated here.
        let mut others = rows.ratings.all().iter().map(|(other, _)| other);
        if rows.row.iter().any(|&row| row as usize >= own) || others.any(|other| other as usize >= fixed) {
            return Err(Error::Bug("a rating outside the factors".into()));
        }
        let (entries, segments, rounds) = cut(rows, activity, shape, most);
        if stays {
            gpu.fits("ratings", (rows.ratings.len() * size_of::<Rating>()) as u64)?;
        }
        let ratings = stays.then(|| gpu.upload("ratings", &packed(rows, 0..rows.ratings.len())));
        Ok(Self {
            entries: gpu.upload("rows", &entries)?,
            segments: gpu.upload("segments", &segments)?,
            ratings: ratings.transpose()?,
            rounds,
        })
    }

    /// The ratings of a round as a kernel binds them. If they do not stay on the device, they are first
    /// written to a slot of the ring.
    pub(super) fn show<'a>(
        &'a self,
        rows: &Rows,
        round: &Round,
        ring: Option<&'a mut Ring<Buffer<Rating>>>,
    ) -> Result<BufferSlice<'a>> {
        match (&self.ratings, ring) {
            (Some(ratings), _) => ratings.slice(round.ratings.clone()),
            (None, Some(ring)) => {
                let slot = ring.slot()?;
                slot.write(0, &packed(rows, round.ratings.clone()))?;
                slot.slice(..round.ratings.len())
            }
            (None, None) => Err(Error::Bug("ratings that are nowhere".into())),
        }
    }
}

/// Ratings in the layout that kernels read.
fn packed(rows: &Rows, span: Range<usize>) -> Vec<Rating> {
    rows.ratings.part(span).par_iter().map(|(other, value)| Rating { other, value }).collect()
}
