//! Prepares ratings that do not fit memory. They are dealt to pieces, which are ranges of the rows of a side of a
//! stage; then each piece is grouped in memory by itself. The pieces together are what is made in memory: the same
//! rows, with the same ratings in the same order.

use super::codes::Codes;
use super::deal::{count, starts};
use super::grouped::Source;
use super::rooms::{Part, Place, Rooms};
use super::rows::Rows;
use super::whole::{Layout, Staged};
use crate::Result;
use crate::ratings::{Chunk, LeftOut, Scale, Side, Sides, Staging, Triples};
use std::ops::Range;
use std::sync::Arc;

/// Bytes of memory that a rating of a piece takes while it is grouped: as it was dealt, and grouped.
const BYTES: usize = 20;

/// The most bytes of all buffers between ratings and their pieces, and the fewest and the most of one buffer.
const BUFFERS: usize = 16 << 20;
const BUFFER: Range<usize> = 1 << 12..1 << 18;

/// What a rating is in a file: its row, and the other row and the value, in one word or in two.
const fn record(packed: bool) -> usize {
    if packed { 2 } else { 3 }
}

/// A piece of a side of a stage before its ratings are grouped.
struct Dealt {
    side: Side,
    /// The first row, and how many ratings each row has from it on; none of those of other ranks.
    first: u32,
    counts: Vec<u32>,
    ratings: usize,
    /// The words that its ratings take before it is grouped begin here.
    at: u64,
    /// How many words were written.
    written: u64,
    buffer: Vec<u32>,
}

/// The pieces of a side.
struct Pieces {
    side: Side,
    /// The pieces of each stage.
    stages: Vec<Vec<Dealt>>,
}

/// Prepares ratings as [`Staged::build`] does, in pieces that take about `bytes` of memory, in a file.
///
/// # Errors
/// Those of reading and of writing.
pub fn stage_on_disk(
    ratings: &dyn Triples,
    left_out: LeftOut,
    how: &Staging,
    (place, bytes): (Arc<dyn Place>, usize),
) -> Result<Staged> {
    let (count, codes) = counted(ratings, left_out, how)?;
    let layout = Layout::new(&count, how.stages, how.seed);
    drop(count);
    // Users are numbered stage by stage.
    let first = starts(&self::count(&layout.stage_of, how.stages));
    let by_item = items_of_stages(ratings, left_out, (&layout, how.stages))?;
    // Places in a piece have 32 bits.
    let most = (bytes / BYTES).clamp(1, u32::MAX as usize / 2);
    let mut end = 0;
    let words = record(codes.is_some()) as u64;
    let (mut pieces, mut rated) = (Vec::new(), Vec::new());
    for (stage, by_item) in by_item.into_iter().enumerate() {
        let users = &layout.activity.users[first[stage]..first[stage + 1]];
        let counts = Sides { users: (first[stage] as u32, users), items: (0, &by_item[..]) };
        rated.push(counts.map(|(first, counts)| rows_with_ratings(first, counts)));
        let cut = |(side, (first, counts)): (Side, (u32, &[u32]))| {
            let mut cut = cut(side, (first, counts), how.own, most);
            for piece in &mut cut {
                piece.at = end;
                end += piece.ratings as u64 * words;
            }
            cut
        };
        pieces.push(Side::BOTH.into_iter().zip(counts).map(cut).collect::<Vec<_>>());
    }
    let mut sides = Sides::from_fn(|side| Pieces { side, stages: Vec::new() });
    for stage in pieces {
        sides.iter_mut().zip(stage).for_each(|(side, pieces)| side.stages.push(pieces));
    }
    let buffers = BUFFERS.min(bytes / 4);
    deal(ratings, left_out, (&layout, how.scale, codes.as_ref()), (&*place, buffers), &mut sides)?;
    group(layout, codes, sides, rated, (how.seed, place))
}

/// How many ratings each user and each item has, and the codes of the values of all ratings.
fn counted(
    ratings: &dyn Triples,
    left_out: LeftOut,
    how: &Staging,
) -> Result<(Sides<Vec<u32>>, Option<Codes>)> {
    let mut counts = how.size.map(|size| vec![0_u32; size]);
    let mut levels = Codes::gatherer(how.size);
    ratings.each(&mut |first, chunk| {
        let marks = left_out.marks(first..first + chunk.len());
        let add = |rows: &[u32], counts: &mut [u32]| {
            for (n, &row) in rows.iter().enumerate() {
                counts[row as usize] += u32::from(is_kept(&marks, n));
            }
        };
        let Sides { users, items } = &mut counts;
        rayon::join(|| add(chunk.users, users), || add(chunk.items, items));
        levels = levels.take().and_then(|levels| levels.and(chunk.values));
        Ok(())
    })?;
    Ok((counts, levels.and_then(|levels| levels.standard(|value| how.scale.standard(value)))))
}

/// How many ratings each item has in each stage, by training number.
fn items_of_stages(
    ratings: &dyn Triples,
    left_out: LeftOut,
    (layout, stages): (&Layout, usize),
) -> Result<Vec<Vec<u32>>> {
    if stages == 1 {
        return Ok(vec![layout.activity.items.clone()]);
    }
    let mut counts = vec![vec![0_u32; layout.activity.items.len()]; stages];
    ratings.each(&mut |first, chunk| {
        let marks = left_out.marks(first..first + chunk.len());
        for (n, (user, item, _)) in chunk.iter().enumerate() {
            let (stage, item) = (layout.stage_of[user as usize], layout.position.items[item as usize]);
            counts[stage as usize][item as usize] += u32::from(is_kept(&marks, n));
        }
        Ok(())
    })?;
    Ok(counts)
}

/// Whether a rating is kept, by the marks of what is left out, if there are some.
fn is_kept(marks: &[bool], place: usize) -> bool {
    !marks.get(place).is_some_and(|mark| *mark)
}

fn rows_with_ratings(first: u32, counts: &[u32]) -> Vec<u32> {
    (first..).zip(counts).filter(|(_, count)| **count > 0).map(|(row, _)| row).collect()
}

/// Cuts rows with these numbers of ratings into pieces of at most `most`, but at least one row.
fn cut(
    side: Side,
    (first, counts): (u32, &[u32]),
    own: Option<&(dyn Fn(u32) -> bool + Sync)>,
    most: usize,
) -> Vec<Dealt> {
    let new = |first| {
        let (counts, buffer) = (Vec::new(), Vec::new());
        Dealt { side, first, counts, ratings: 0, at: 0, written: 0, buffer }
    };
    let mut pieces = vec![new(first)];
    for (row, &count) in (first..).zip(counts) {
        let count = if own.is_none_or(|own| own(row)) { count } else { 0 };
        let last = pieces.len() - 1;
        if pieces[last].ratings > 0 && pieces[last].ratings + count as usize > most {
            pieces.push(new(row));
        }
        let last = pieces.len() - 1;
        pieces[last].counts.push(count);
        pieces[last].ratings += count as usize;
    }
    pieces
}

/// Writes every rating to its piece on both sides, in their order.
fn deal(
    ratings: &dyn Triples,
    left_out: LeftOut,
    (layout, scale, codes): (&Layout, Scale, Option<&Codes>),
    (place, buffers): (&dyn Place, usize),
    sides: &mut Sides<Pieces>,
) -> Result<()> {
    let pieces: usize = sides.iter().flat_map(|side| &side.stages).map(Vec::len).sum();
    let most = (buffers / pieces.max(1)).clamp(BUFFER.start, BUFFER.end) / size_of::<u32>();
    ratings.each(&mut |first, chunk| {
        let marks = left_out.marks(first..first + chunk.len());
        let deal = |pieces: &mut Pieces| pieces.deal((chunk, &marks), (layout, scale, codes), (place, most));
        let Sides { users, items } = &mut *sides;
        let (users, items) = rayon::join(|| deal(users), || deal(items));
        users.and(items)
    })?;
    sides.iter_mut().flat_map(|side| side.stages.iter_mut().flatten()).try_for_each(|piece| {
        piece.flush(place)?;
        piece.buffer = Vec::new();
        Ok(())
    })
}

impl Pieces {
    fn deal(
        &mut self,
        (chunk, marks): (Chunk, &[bool]),
        (layout, scale, codes): (&Layout, Scale, Option<&Codes>),
        (place, most): (&dyn Place, usize),
    ) -> Result<()> {
        for (n, (user, item, value)) in chunk.iter().enumerate() {
            if !is_kept(marks, n) {
                continue;
            }
            let stage = &mut self.stages[layout.stage_of[user as usize] as usize];
            let (user, item) = (layout.position.users[user as usize], layout.position.items[item as usize]);
            let (row, other) = if self.side == Side::User { (user, item) } else { (item, user) };
            let number = stage.partition_point(|piece| piece.first <= row) - 1;
            let piece = &mut stage[number];
            // A row of another rank.
            if piece.counts[(row - piece.first) as usize] == 0 {
                continue;
            }
            let value = scale.standard(value);
            match codes {
                Some(codes) => piece.buffer.extend([row, codes.word(other, value)]),
                None => piece.buffer.extend([row, other, value.to_bits()]),
            }
            if piece.buffer.len() + record(false) > most {
                piece.flush(place)?;
            }
        }
        Ok(())
    }
}

impl Dealt {
    fn flush(&mut self, place: &dyn Place) -> Result<()> {
        if !self.buffer.is_empty() {
            place.write_at(bytemuck::cast_slice(&self.buffer), (self.at + self.written) * WORD)?;
            self.written += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }
}

/// Bytes of a word.
const WORD: u64 = size_of::<u32>() as u64;

/// The ratings of a piece as they were dealt.
struct Records<'a> {
    side: Side,
    words: &'a [u32],
    packed: bool,
}

impl Source for Records<'_> {
    /// A word, or the bits of a value.
    type Value = u32;

    fn each(&self, mut take: impl FnMut(u32, u32, u32)) {
        for record in self.words.chunks_exact(record(self.packed)) {
            let (row, other) = (record[0], if self.packed { 0 } else { record[1] });
            let (user, item) = if self.side == Side::User { (row, other) } else { (other, row) };
            take(user, item, record[record.len() - 1]);
        }
    }
}

/// Groups every piece, and writes it back to where it was.
fn group(
    layout: Layout,
    codes: Option<Codes>,
    sides: Sides<Pieces>,
    rated: Vec<Sides<Vec<u32>>>,
    (seed, place): (u64, Arc<dyn Place>),
) -> Result<Staged> {
    let packed = codes.is_some();
    let (mut words, mut others, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let (mut stages, mut parts) = (Vec::new(), Vec::new());
    let how = (seed, rayon::current_num_threads());
    for (users, items) in sides.users.stages.into_iter().zip(sides.items.stages) {
        let mut grouped = |pieces: Vec<Dealt>| {
            pieces
                .into_iter()
                .map(|piece| {
                    let Dealt { side, first, counts, ratings, at, .. } = piece;
                    words.resize(ratings * record(packed), 0);
                    place.read_at(bytemuck::cast_slice_mut(&mut words), at * WORD)?;
                    let records = Records { side, words: &words, packed };
                    others.resize(ratings, 0);
                    let part = (first, &counts[..]);
                    let rows = if packed {
                        let mut none = vec![(); ratings];
                        let cell = |_, word| (word, ());
                        Rows::group(&records, side, part, how, cell, (&mut others, &mut none))
                    } else {
                        values.resize(ratings, 0);
                        let cell = |other, bits| (other, bits);
                        Rows::group(&records, side, part, how, cell, (&mut others, &mut values))
                    };
                    place.write_at(bytemuck::cast_slice(&others), at * WORD)?;
                    if !packed {
                        place.write_at(bytemuck::cast_slice(&values), (at + ratings as u64) * WORD)?;
                    }
                    parts.push(Part { at: at * WORD, ratings });
                    Ok(rows)
                })
                .collect::<Result<Vec<Rows>>>()
        };
        stages.push(Sides { users: grouped(users)?, items: grouped(items)? });
    }
    let codes = codes.map(Arc::new);
    let rooms = Rooms::new(place, parts, codes.clone())?;
    Ok(Staged::elsewhere(layout, codes, (stages, rated), Arc::new(rooms)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ratings::{At, Draw, Ratings, Take, Trainable};
    use std::sync::Mutex;

    /// A file in memory.
    #[derive(Debug, Default)]
    struct Memory(Mutex<Vec<u8>>);

    impl Place for Memory {
        fn write_at(&self, bytes: &[u8], at: u64) -> Result<()> {
            let mut all = self.0.lock().unwrap();
            let end = at as usize + bytes.len();
            let length = all.len().max(end);
            all.resize(length, 0);
            all[at as usize..end].copy_from_slice(bytes);
            Ok(())
        }

        fn read_at(&self, bytes: &mut [u8], at: u64) -> Result<()> {
            bytes.copy_from_slice(&self.0.lock().unwrap()[at as usize..][..bytes.len()]);
            Ok(())
        }
    }

    /// Ratings in chunks of some.
    #[derive(Debug)]
    struct Chunks(Ratings, usize);

    impl Triples for Chunks {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn held(&self) -> Option<&Ratings> {
            None
        }

        fn each(&self, take: &mut Take) -> Result<()> {
            let Ratings { users, items, values } = &self.0;
            let columns = users.chunks(self.1).zip(items.chunks(self.1)).zip(values.chunks(self.1));
            for (n, ((users, items), values)) in columns.enumerate() {
                take(n * self.1, Chunk { users, items, values, times: &[] })?;
            }
            Ok(())
        }
    }

    impl Trainable for Chunks {
        fn staged(&self, left_out: LeftOut, how: &Staging) -> Result<Staged> {
            stage_on_disk(self, left_out, how, (Arc::new(Memory::default()), 500 * BYTES))
        }

        fn parted(&self, _: &[bool]) -> Result<(Arc<dyn Trainable>, Ratings)> {
            unreachable!("staging does not part")
        }
    }

    fn some(values: u32) -> Ratings {
        let mut ratings = Ratings::default();
        (0..6000u32).for_each(|n| ratings.push(n * n % 97, n * 7 % 53, (n % values) as f32));
        ratings
    }

    /// All rows with their ratings, as bits.
    fn rows(staged: &Staged, at: At) -> Vec<(u32, Vec<(u32, u32)>)> {
        let mut found = Vec::new();
        staged
            .each_piece(at, |_, rows| {
                let of =
                    |n| rows.ratings.part(rows.span(n)).iter().map(|(other, value)| (other, value.to_bits()));
                found.extend((0..rows.len()).map(|n| (rows.row[n], of(n).collect())));
                Ok(())
            })
            .unwrap();
        found
    }

    /// With few values and with many, of one stage and of some, whole and in parts, with ratings left out.
    #[test]
    fn the_pieces_are_what_is_made_in_memory() {
        let odd = |row: u32| row % 2 == 1;
        for (values, stages) in [(5, 1), (5, 4), (300, 1), (300, 4)] {
            let ratings = some(values);
            let marks: Vec<bool> = (0..ratings.len()).map(|n| n % 5 == 2).collect();
            let random = LeftOut::Random(Draw::new(0.1, 7));
            let own: [Option<&(dyn Fn(u32) -> bool + Sync)>; 2] = [None, Some(&odd)];
            for (left_out, own) in [LeftOut::Nothing, random, LeftOut::Marked(&marks)]
                .into_iter()
                .flat_map(|left_out| own.map(|own| (left_out, own)))
            {
                let size = Sides { users: 97, items: 53 };
                let how = Staging { size, stages, scale: Scale::of(&ratings), seed: 3, own };
                let held = ratings.staged(left_out, &how).unwrap();
                let stored = Chunks(ratings.clone(), 700).staged(left_out, &how).unwrap();
                assert!(held.is_held() && !stored.is_held());
                assert_eq!((&held.position, &held.activity), (&stored.position, &stored.activity));
                assert_eq!((held.ratings, &held.codes), (stored.ratings, &stored.codes));
                // Twice: memory is used again.
                for (stage, side) in
                    [0, 1].iter().flat_map(|_| (0..stages).flat_map(|s| Side::BOTH.map(|side| (s, side))))
                {
                    let at = At { stage, side };
                    assert_eq!(rows(&held, at), rows(&stored, at), "{values} {at:?}");
                    assert_eq!(held.rated(at), stored.rated(at));
                    let most = stored.pieces(at).iter().map(Rows::count).max();
                    assert!(most <= Some(500), "{most:?}");
                }
                if stages == 1 && own.is_none() {
                    assert!(stored.pieces(At { stage: 0, side: Side::Item }).len() >= 10);
                }
            }
        }
    }
}
