//! The ratings of sweeps as the kernels of stochastic gradient steps read them, in pieces that a device can bind.

use crate::gpu::kernels::row_sgd::{BATCH, Batch, Entry, Form};
use crate::gpu::{Buffer, BufferSlice, Commands, Gpu, Resource, RowTexture};
use crate::ratings::Rows;
use crate::train::row::sgd::batch_of;
use crate::{Error, Result};
use rayon::prelude::*;
use std::cmp::Reverse;
use std::ops::Range;

/// Batches in a piece, at most: what a texture holds on any device.
const MOST_TEXTURED: usize = 1 << 20;

/// The rows of a sweep, those with the most ratings first, cut into pieces.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// Places in the sweep's [`Rows`].
    order: Vec<u32>,
    pub(super) pieces: Vec<Piece>,
}

/// Rows that are updated by one dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Places in [`Cut::order`].
    pub(super) rows: Range<usize>,
    /// How many of the rows, the first, are long.
    pub(super) long: usize,
    /// Batches that their ratings make.
    pub(super) batches: usize,
}

impl Cut {
    /// Cuts `rows` into pieces of at most `most` batches, or of one row.
    pub(super) fn new(rows: &Rows, most: usize) -> Self {
        let size = |n: u32| rows.span(n as usize).len();
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_by_key(|&n| Reverse(size(n)));
        let mut pieces: Vec<Piece> = Vec::new();
        for (place, &n) in order.iter().enumerate() {
            let batches = size(n).div_ceil(BATCH);
            let long = usize::from(batch_of(size(n)) > BATCH);
            match pieces.last_mut().filter(|piece| piece.batches + batches <= most) {
                Some(piece) => {
                    piece.rows.end += 1;
                    piece.long += long;
                    piece.batches += batches;
                }
                None => pieces.push(Piece { rows: place..place + 1, long, batches }),
            }
        }
        Self { order, pieces }
    }

    /// A piece as the kernel reads it; rows are numbered from the first that the kernel sees of a side.
    ///
    /// # Errors
    /// [`Error::Bug`] if a rating is of a row that the kernel does not see.
    pub(super) fn table(
        &self,
        piece: &Piece,
        rows: &Rows,
        (own, still): (&Range<usize>, &Range<usize>),
        activity: &[u32],
    ) -> Result<(Vec<Entry>, Vec<Batch>)> {
        let order = &self.order[piece.rows.clone()];
        let mut batches = vec![Batch::default(); piece.batches];
        let mut rest = &mut batches[..];
        let (mut entries, mut parts) = (Vec::with_capacity(order.len()), Vec::with_capacity(order.len()));
        let mut batch = 0;
        for &n in order {
            let (row, span) = (rows.row[n as usize], rows.span(n as usize));
            if !own.contains(&(row as usize)) {
                return Err(Error::Bug("a row outside the factors".into()));
            }
            let ratings = span.len() as u32;
            let row_here = row - own.start as u32;
            entries.push(Entry { row: row_here, batch, ratings, activity: activity[row as usize] });
            let (part, tail) = rest.split_at_mut(span.len().div_ceil(BATCH));
            batch += part.len() as u32;
            parts.push((span, part));
            rest = tail;
        }
        // Kernels are trusted not to look behind the end: this is where their indices are validated.
        let inside = parts.into_par_iter().all(|(span, part)| {
            let (others, values) = (&rows.other[span.clone()], &rows.value[span]);
            for ((batch, others), values) in
                part.iter_mut().zip(others.chunks(BATCH)).zip(values.chunks(BATCH))
            {
                for place in 0..BATCH {
                    let known = place.min(others.len() - 1);
                    batch.others[place] = others[known].wrapping_sub(still.start as u32);
                    batch.values[place] = values[known];
                }
            }
            others.iter().all(|&other| still.contains(&(other as usize)))
        });
        if inside { Ok((entries, batches)) } else { Err(Error::Bug("a rating outside the factors".into())) }
    }
}

/// Batches that a piece may have on a device.
pub(super) fn most_batches(gpu: &Gpu, form: Form) -> usize {
    let limits = gpu.limits();
    let bytes = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size) as usize;
    let most = bytes / size_of::<Batch>();
    if form == Form::Texture { most.min(MOST_TEXTURED) } else { most }
}

/// Bytes that pieces take on a device.
pub(super) fn bytes_of<'a>(pieces: impl Iterator<Item = &'a Piece>) -> u64 {
    let bytes = |piece: &Piece| piece.rows.len() * size_of::<Entry>() + piece.batches * size_of::<Batch>();
    pieces.map(|piece| bytes(piece) as u64).sum()
}

/// Room on a device for a piece.
#[derive(Debug)]
pub(super) struct Room {
    entries: Buffer<Entry>,
    batches: Buffer<Batch>,
    texture: Option<RowTexture>,
}

impl Room {
    /// Room for so many rows and batches.
    pub(super) fn new(gpu: &Gpu, form: Form, rows: usize, batches: usize) -> Result<Self> {
        let quads = size_of::<Batch>() / 16;
        let texture = (form == Form::Texture)
            .then(|| gpu.row_texture("ratings", (batches, quads), RowTexture::WORDS))
            .transpose()?;
        Ok(Self { entries: gpu.zeroed("rows", rows)?, batches: gpu.zeroed("ratings", batches)?, texture })
    }

    /// Fills it. Work that is submitted later sees it.
    pub(super) fn write(
        &self,
        commands: &mut Commands,
        (entries, batches): &(Vec<Entry>, Vec<Batch>),
    ) -> Result<()> {
        self.entries.write(0, entries)?;
        self.batches.write(0, batches)?;
        match &self.texture {
            Some(texture) => commands.copy_rows(&self.batches, 0..batches.len(), texture),
            None => Ok(()),
        }
    }

    /// What the kernel binds of a piece.
    pub(super) fn resources(&self, piece: &Piece) -> Result<[Resource<'_>; 2]> {
        let entries: BufferSlice = self.entries.slice(..piece.rows.len())?;
        Ok(match &self.texture {
            Some(texture) => [entries.into(), Resource::Texture(texture)],
            None => [entries.into(), self.batches.slice(..piece.batches)?.into()],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Rows {
        let sizes = [3, 40, 8, 9, 1];
        let starts: Vec<u32> = (0..=sizes.len()).map(|n| sizes[..n].iter().sum()).collect();
        let ratings = starts[sizes.len()];
        let other = (0..ratings).map(|n| n % 7).collect::<Vec<u32>>().into();
        let value = (0..ratings).map(|n| n as f32).collect::<Vec<f32>>().into();
        Rows { row: vec![2, 3, 5, 6, 9], starts, other, value }
    }

    #[test]
    fn pieces_hold_every_row_once_and_no_more_than_they_may() {
        let rows = rows();
        for most in [1, 2, 3, 5, 6, 100] {
            let cut = Cut::new(&rows, most);
            assert_eq!(cut.order, [1, 3, 2, 0, 4]);
            let mut next = 0;
            for piece in &cut.pieces {
                assert_eq!(piece.rows.start, next);
                next = piece.rows.end;
                let sizes =
                    cut.order[piece.rows.clone()].iter().map(|&n| rows.span(n as usize).len().div_ceil(8));
                assert_eq!(piece.batches, sizes.sum::<usize>());
                assert!(piece.batches <= most || piece.rows.len() == 1, "{most}: {piece:?}");
            }
            assert_eq!(next, rows.len());
        }
        assert_eq!(Cut::new(&rows, 100).pieces.len(), 1);
    }

    #[test]
    fn tables_hold_every_rating_once() {
        let rows = rows();
        let cut = Cut::new(&rows, 3);
        let activity = [50; 10];
        let mut found = 0;
        for piece in &cut.pieces {
            let (entries, batches) = cut.table(piece, &rows, (&(2..10), &(0..7)), &activity).unwrap();
            assert_eq!((entries.len(), batches.len()), (piece.rows.len(), piece.batches));
            for (entry, &n) in entries.iter().zip(&cut.order[piece.rows.clone()]) {
                let n = n as usize;
                assert_eq!(entry.row + 2, rows.row[n]);
                assert_eq!(entry.ratings as usize, rows.span(n).len());
                for (at, place) in rows.span(n).zip(0..) {
                    let batch = &batches[entry.batch as usize + place / 8];
                    assert_eq!(
                        (batch.others[place % 8], batch.values[place % 8]),
                        (rows.other[at], rows.value[at])
                    );
                    found += 1;
                }
            }
        }
        assert_eq!(found, rows.value.len());
        let outside = cut.table(&cut.pieces[0], &rows, (&(2..10), &(0..6)), &activity);
        assert!(matches!(outside, Err(Error::Bug(_))));
        let outside = cut.table(&cut.pieces[0], &rows, (&(4..10), &(0..7)), &activity);
        assert!(matches!(outside, Err(Error::Bug(_))));
    }
}
