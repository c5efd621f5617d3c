//! Cuts a sweep into rounds. A round fits the memory for parts and the time that a submission may take.

use crate::gpu::kernels::normal::{Entry, Segment, Shape};
use crate::ratings::Rows;
use std::ops::Range;

/// A row with more ratings is summed in parts of about this many ratings, a workgroup each. The cut depends
/// on the data alone, so that sums do not depend on the device.
pub(super) const SEGMENT: usize = 2048;

/// The largest number of parts of a row; the parts of a longer row are longer.
pub(super) const MOST_PARTS: usize = 128;

/// The number of multiplications in one submission: well under 100 ms of work on a GPU.
pub(super) const SUBMISSION: u64 = 20_000_000_000;

/// Entries, segments and ratings are bound at offsets that are multiples of this number, which any device
/// supports.
pub(super) const STEP: usize = 32;

/// The work of one dispatch, or of two if the round has long rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Round {
    pub(super) entries: Range<usize>,
    pub(super) segments: Range<usize>,
    /// The piece that the rows are of.
    pub(super) piece: usize,
    /// The ratings of the round's rows, beginning at an offset that can be bound. Entries and segments count
    /// from there.
    pub(super) ratings: Range<usize>,
    pub(super) work: u64,
}

/// What a sweep does with a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// It sums and solves the row's equations; the sums of a long row have parts.
    Solved,
    /// It solves equations with an unknown for each rating.
    Short,
    /// It moves the row by this many steps of conjugate gradients.
    Moved { steps: usize },
}

impl Kind {
    /// The number of parts of a row with this many ratings; 0 if it is not summed in parts.
    fn parts(self, length: usize) -> usize {
        match self {
            Self::Solved if length > SEGMENT => length.div_ceil(SEGMENT).min(MOST_PARTS),
            _ => 0,
        }
    }

    /// The number of multiplications for a row with this many ratings.
    fn work(self, shape: &Shape, length: usize) -> u64 {
        let (length, width) = (length as u64, (shape.factors + 2) as u64);
        match self {
            Self::Solved => length * width * width / 2 + width * width * width / 3,
            Self::Short => length * length * width + length * length * length / 3,
            Self::Moved { steps } => (steps as u64 + 1) * (2 * length * width + width * width),
        }
    }
}

/// Cuts the rows of a sweep into rounds, and the long rows into segments. Rows of some lengths are kept. A
/// round has at most the given numbers of segments, rows and ratings, but at least one row, all of one piece.
pub(super) fn cut(
    (pieces, activity): (&[Rows], &[u32]),
    keep: &dyn Fn(usize) -> bool,
    (shape, kind): (&Shape, Kind),
    (most_segments, most_rows, most_ratings): (usize, usize, usize),
) -> (Vec<Entry>, Vec<Segment>, Vec<Round>) {
    let (mut entries, mut segments) = (Vec::new(), Vec::new());
    let mut rounds: Vec<Round> = Vec::new();
    let all =
        pieces.iter().enumerate().flat_map(|(piece, rows)| (0..rows.len()).map(move |n| (piece, rows, n)));
    for (piece, rows, n) in all {
        let row = rows.row[n];
        let (start, end) = (rows.starts[n], rows.starts[n + 1]);
        let length = (end - start) as usize;
        if !keep(length) {
            continue;
        }
        let parts = kind.parts(length);
        let full = rounds.last().is_none_or(|round| {
            round.piece != piece
                || round.entries.len() >= most_rows
                || round.segments.len() + parts > most_segments
                || end as usize - round.ratings.start > most_ratings
                || (round.work > SUBMISSION && entries.len() % STEP == 0)
        });
        if full {
            pad(&mut entries, &mut segments);
            let (entries, segments) = (entries.len(), segments.len());
            let first = start as usize / STEP * STEP;
            rounds.push(Round {
                entries: entries..entries,
                segments: segments..segments,
                piece,
                ratings: first..first,
                work: 0,
            });
        }
        let last = rounds.len() - 1;
        let round = &mut rounds[last];
        let first_part = segments.len() - round.segments.start;
        let (start, end) = (start - round.ratings.start as u32, end - round.ratings.start as u32);
        round.ratings.end = round.ratings.start + end as usize;
        for part in 0..parts as u32 {
            let at = |part: u32| start + (u64::from(part) * length as u64 / parts as u64) as u32;
            segments.push(Segment { start: at(part), end: at(part + 1) });
        }
        entries.push(Entry {
            row,
            start,
            end,
            activity: activity[row as usize],
            first_part: first_part as u32,
            parts: parts as u32,
        });
        (round.entries.end, round.segments.end) = (entries.len(), segments.len());
        round.work += kind.work(shape, length);
    }
    (entries, segments, rounds)
}

/// Pads both lists to where the next round can be bound. No round includes the padding.
fn pad(entries: &mut Vec<Entry>, segments: &mut Vec<Segment>) {
    let nobody = Entry { row: 0, start: 0, end: 0, activity: 0, first_part: 0, parts: 0 };
    entries.resize(entries.len().next_multiple_of(STEP), nobody);
    segments.resize(segments.len().next_multiple_of(STEP), Segment { start: 0, end: 0 });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ratings::{At, Ratings, Scale, Side, Staged};

    /// Rows of 1, 3000 and 300,000 ratings and many short ones, by item.
    fn staged() -> Staged {
        let mut ratings = Ratings::default();
        let mut push = |item: u32, count: u32| (0..count).for_each(|user| ratings.push(user, item, 1.0));
        (0..200).for_each(|item| push(item, 1 + item % 7));
        [(200, 3000), (201, 300_000)].into_iter().for_each(|(item, count)| push(item, count));
        ratings.push(7, 5, 2.0);
        let scale = Scale { mean: 0.0, deviation: 1.0, ..Scale::of(&ratings) };
        Staged::build(&ratings, (300_000, 202), 1, scale, 1)
    }

    /// Every rating is in one round, every part of a long row is in one segment, and no round is too large.
    #[test]
    fn rounds_cover_all_rows_and_fit() {
        let staged = staged();
        let at = At { stage: 0, side: Side::Item };
        let (rows, activity) = (staged.rows(at), &staged.activity[Side::Item][..]);
        let shape = Shape::new(8, 8);
        let all = (MOST_PARTS, usize::MAX, usize::MAX);
        let solved = [all, (MOST_PARTS, 64, usize::MAX), (200, 50, 310_000)].map(|most| (Kind::Solved, most));
        let moved = [(2, all), (900_000, all), (1, (0, 50, 310_000))];
        let moved = moved.map(|(steps, most)| (Kind::Moved { steps }, most));
        for (kind, most) in solved.into_iter().chain(moved) {
            let (entries, segments, rounds) =
                cut((staged.pieces(at), activity), &|_| true, (&shape, kind), most);
            let mut seen = Vec::new();
            for round in &rounds {
                assert!(round.entries.start % STEP == 0 && round.ratings.start % STEP == 0, "can be bound");
                assert!(round.segments.len() <= most.0 && round.entries.len() <= most.1, "{round:?}");
                assert!(round.ratings.len() <= most.2 || round.entries.len() == 1, "{round:?}");
                for entry in &entries[round.entries.clone()] {
                    let (start, end) = (entry.start as usize, entry.end as usize);
                    assert!(
                        end <= round.ratings.len() && activity[entry.row as usize] == entry.end - entry.start
                    );
                    let first = round.segments.start + entry.first_part as usize;
                    let parts = &segments[first..first + entry.parts as usize];
                    assert_eq!(parts.is_empty(), end - start <= SEGMENT || kind != Kind::Solved);
                    if let (Some(head), Some(tail)) = (parts.first(), parts.last()) {
                        assert!(parts.windows(2).all(|two| two[0].end == two[1].start));
                        assert_eq!((head.start, tail.end), (entry.start, entry.end));
                    }
                    seen.push(entry.row);
                }
            }
            assert_eq!(seen, *rows.row, "each row once, in its order");
        }
    }
}
