//! The ratings of sweeps in the layout that the stochastic gradient kernels read, in pieces that a device can
//! bind.

use crate::gpu::kernels::row_sgd::{BATCH, Entry, Form, Shape, batch_words};
use crate::gpu::{Buffer, BufferSlice, Commands, Gpu, Resource, RowTexture};
use crate::ratings::{CellSlice, Codes, LEVELS, Rows};
use crate::train::row::sgd::{LONG_BATCH, batch_of};
use crate::{Error, Result};
use rayon::prelude::*;
use std::cmp::Reverse;
use std::ops::Range;

/// The largest number of batches in a piece that is a texture: what any device supports.
const MOST_TEXTURED: usize = 1 << 20;

/// The rows of a sweep, ordered by their number of ratings, the largest first, and cut into pieces.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// Positions in the sweep's [`Rows`].
    order: Vec<u32>,
    pub(super) pieces: Vec<Piece>,
}

/// Rows that are updated by one dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The range of positions in [`Cut::order`].
    pub(super) rows: Range<usize>,
    /// The number of long or longest rows, which come first.
    pub(super) long: usize,
    /// The number of longest rows, which come first.
    pub(super) longest: usize,
    /// The number of batches of the rows' ratings.
    pub(super) batches: usize,
}

impl Cut {
    /// Cuts `rows` into pieces of at most `most` batches. A row with more is a piece of its own.
    pub(super) fn new(rows: &Rows, most: usize) -> Self {
        let size = |n: u32| rows.span(n as usize).len();
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_by_key(|&n| Reverse(size(n)));
        let mut pieces: Vec<Piece> = Vec::new();
        for (place, &n) in order.iter().enumerate() {
            let batches = size(n).div_ceil(BATCH);
            let step = batch_of(size(n));
            let (long, longest) = (usize::from(step > BATCH), usize::from(step > LONG_BATCH));
            match pieces.last_mut().filter(|piece| piece.batches + batches <= most) {
                Some(piece) => {
                    piece.rows.end += 1;
                    piece.long += long;
                    piece.longest += longest;
                    piece.batches += batches;
                }
                None => pieces.push(Piece { rows: place..place + 1, long, longest, batches }),
            }
        }
        Self { order, pieces }
    }

    /// A piece in the layout that the kernel reads: its rows, and the words of their batches. Rows are
    /// numbered from the first one that the kernel sees of their side. With `codes` a rating is one word.
    ///
    /// # Errors
    /// [`Error::Bug`] if a rating is of a row that the kernel does not see.
    pub(super) fn table(
        &self,
        piece: &Piece,
        rows: &Rows,
        (own, fixed): (&Range<usize>, &Range<usize>),
        activity: &[u32],
        codes: Option<&Codes>,
    ) -> Result<(Vec<Entry>, Vec<u32>)> {
        let order = &self.order[piece.rows.clone()];
        let words = batch_words(codes.is_some());
        let mut batches = vec![0; piece.batches * words];
        let mut rest = &mut batches[..];
        let (mut entries, mut parts) = (Vec::with_capacity(order.len()), Vec::with_capacity(order.len()));
        let mut batch = in_front(codes.is_some()) as u32;
        for &n in order {
            let (row, span) = (rows.row[n as usize], rows.span(n as usize));
            if !own.contains(&(row as usize)) {
                return Err(Error::Bug("a row outside the factors".into()));
            }
            let ratings = span.len() as u32;
            let row_here = row - own.start as u32;
            entries.push(Entry { row: row_here, batch, ratings, activity: activity[row as usize] });
            let count = span.len().div_ceil(BATCH);
            let (part, tail) = rest.split_at_mut(count * words);
            batch += count as u32;
            parts.push((span, part));
            rest = tail;
        }
        // Kernels do not check bounds, so their indices are validated here.
        let inside = parts.into_par_iter().all(|(span, part)| {
            let ratings = rows.ratings.part(span);
            part.chunks_exact_mut(words).enumerate().for_each(|(n, batch)| {
                let ratings = ratings.part(n * BATCH..ratings.len().min((n + 1) * BATCH));
                fill(batch, ratings, fixed.start as u32, codes);
            });
            (0..ratings.len()).all(|place| fixed.contains(&(ratings.other(place) as usize)))
        });
        if inside { Ok((entries, batches)) } else { Err(Error::Bug("a rating outside the factors".into())) }
    }
}

/// Writes the ratings of a batch, with rows counted from `first`. The last rating is repeated to fill the
/// batch.
fn fill(batch: &mut [u32], ratings: CellSlice, first: u32, codes: Option<&Codes>) {
    let repeated = |place: usize| place.min(ratings.len() - 1);
    if let Some(codes) = codes {
        for (place, word) in batch.iter_mut().enumerate() {
            let place = repeated(place);
            let known = match ratings {
                CellSlice::Words(words, _) => words[place],
                CellSlice::Pairs(others, values) => codes.word(others[place], values[place]),
            };
            // The lower bits of a word are the row.
            *word = known.wrapping_sub(first);
        }
    } else {
        let (rows, values) = batch.split_at_mut(BATCH);
        for (place, (row, value)) in rows.iter_mut().zip(values).enumerate() {
            let (other, rating) = ratings.get(repeated(place));
            (*row, *value) = (other.wrapping_sub(first), rating.to_bits());
        }
    }
}

/// The largest number of batches in a piece on this device.
pub(super) fn most_batches(gpu: &Gpu, shape: &Shape) -> usize {
    let limits = gpu.limits();
    let bytes = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size) as usize;
    let most = bytes / (size_of::<u32>() * batch_words(shape.packed)) - in_front(shape.packed);
    if shape.form == Form::Texture { most.min(MOST_TEXTURED) } else { most }
}

/// The number of batches that the table of levels takes, which precedes all batches.
fn in_front(packed: bool) -> usize {
    if packed { LEVELS / BATCH } else { 0 }
}

/// The number of bytes that a batch takes on a device.
pub(super) fn batch_bytes(shape: &Shape) -> usize {
    // A texture is copied from a buffer.
    let copies = if shape.form == Form::Texture { 2 } else { 1 };
    copies * batch_words(shape.packed) * size_of::<u32>()
}

/// The number of bytes that pieces take on a device.
pub(super) fn bytes_of<'a>(pieces: impl Iterator<Item = &'a Piece>, shape: &Shape) -> u64 {
    let batches = |piece: &Piece| in_front(shape.packed) + piece.batches;
    let bytes = |piece: &Piece| piece.rows.len() * size_of::<Entry>() + batches(piece) * batch_bytes(shape);
    pieces.map(|piece| bytes(piece) as u64).sum()
}

/// The device buffers of one piece.
#[derive(Debug)]
pub(super) struct Slot {
    entries: Buffer<Entry>,
    /// The words of the batches, preceded by those of the levels.
    batches: Buffer<u32>,
    texture: Option<RowTexture>,
    shape: Shape,
}

impl Slot {
    /// Allocates a slot for this many rows and batches; `codes` are those of packed ratings.
    pub(super) fn new(
        gpu: &Gpu,
        shape: Shape,
        codes: Option<&Codes>,
        (rows, batches): (usize, usize),
    ) -> Result<Self> {
        let (batches, words) = (in_front(shape.packed) + batches, batch_words(shape.packed));
        let texture = (shape.form == Form::Texture)
            .then(|| gpu.row_texture("ratings", (batches, words / 4), RowTexture::WORDS))
            .transpose()?;
        let batches = gpu.zeroed("ratings", batches * words)?;
        if let Some(codes) = codes {
            batches.write(0, &codes.levels().map(f32::to_bits))?;
        }
        Ok(Self { entries: gpu.zeroed("rows", rows)?, batches, texture, shape })
    }

    /// Fills the slot. Work that is submitted later sees its contents.
    pub(super) fn write(
        &self,
        commands: &mut Commands,
        (entries, batches): &(Vec<Entry>, Vec<u32>),
    ) -> Result<()> {
        self.entries.write(0, entries)?;
        let words = batch_words(self.shape.packed);
        self.batches.write(in_front(self.shape.packed) * words, batches)?;
        let all = in_front(self.shape.packed) + batches.len() / words;
        match &self.texture {
            Some(texture) => commands.copy_rows(&self.batches, 0..all, texture),
            None => Ok(()),
        }
    }

    /// The resources that the kernel binds for a piece.
    pub(super) fn resources(&self, piece: &Piece) -> Result<[Resource<'_>; 2]> {
        let entries: BufferSlice = self.entries.slice(..piece.rows.len())?;
        if let Some(texture) = &self.texture {
            return Ok([entries.into(), Resource::Texture(texture)]);
        }
        let all = (in_front(self.shape.packed) + piece.batches) * batch_words(self.shape.packed);
        Ok([entries.into(), self.batches.slice(..all)?.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ratings::Cells;
    use std::sync::Arc;

    fn rows() -> Rows {
        let sizes = [3, 40, 8, 9, 1];
        let starts: Vec<u32> = (0..=sizes.len()).map(|n| sizes[..n].iter().sum()).collect();
        let ratings = Cells::pairs((0..starts[sizes.len()]).map(|n| (n % 7, n as f32)));
        Rows { row: vec![2, 3, 5, 6, 9].into(), starts: starts.into(), ratings }
    }

    /// The same ratings, packed into words.
    fn words(rows: &Rows, codes: &Arc<Codes>) -> Rows {
        let words: Vec<u32> = rows.ratings.all().iter().map(|(row, value)| codes.word(row, value)).collect();
        Rows { ratings: Cells::Words(words.into(), Arc::clone(codes)), ..rows.clone() }
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
        let values: Vec<f32> = (0..61).map(|n| n as f32).collect();
        let codes = Arc::new(Codes::fit(&values, (10, 10), |value| value).unwrap());
        for (rows, packed) in [(rows(), false), (rows(), true), (words(&rows(), &codes), true)] {
            let codes = packed.then_some(&*codes);
            let cut = Cut::new(&rows, 3);
            let table = |piece, own, fixed| cut.table(piece, &rows, (&own, &fixed), &[50; 10], codes);
            let mut found = 0;
            for piece in &cut.pieces {
                let (entries, words) = table(piece, 2..10, 0..7).unwrap();
                let batches: Vec<&[u32]> = words.chunks(batch_words(packed)).collect();
                assert_eq!((entries.len(), batches.len()), (piece.rows.len(), piece.batches));
                for (entry, &n) in entries.iter().zip(&cut.order[piece.rows.clone()]) {
                    let n = n as usize;
                    assert_eq!(entry.row + 2, rows.row[n]);
                    assert_eq!(entry.ratings as usize, rows.span(n).len());
                    let first = entry.batch as usize - in_front(packed);
                    for (at, place) in rows.span(n).zip(0..) {
                        let (batch, place) = (batches[first + place / 8], place % 8);
                        let (other, value) = rows.ratings.all().get(at);
                        let expected = if packed { [other | (at as u32) << 24] } else { [other] };
                        assert_eq!(batch[place..=place], expected);
                        assert!(packed || batch[8 + place] == value.to_bits());
                        found += 1;
                    }
                }
            }
            assert_eq!(found, rows.ratings.len());
            for (own, fixed) in [(2..10, 0..6), (4..10, 0..7)] {
                assert!(matches!(table(&cut.pieces[0], own, fixed), Err(Error::Bug(_))));
            }
        }
    }
}
