//! The ratings of rows in memory: two words each, or one word if there are many ratings, few distinct values
//! and not too many rows.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

use super::Shared;
use super::codes::{Codes, Levels, ROW_BITS};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// From this many ratings on, the CPU stores them as words. Fewer fit its memory as pairs, which take a tenth
/// less time if there are few factors.
pub(super) const MANY: usize = 1 << 22;

/// For each rating, the row of the other side and the value in standard units.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Rows and values.
    Pairs(Shared<u32>, Shared<f32>),
    /// Words, and the values that their upper bits encode.
    Words(Shared<u32>, Arc<Codes>),
}

/// A part of [`Cells`].
#[derive(Debug, Clone, Copy)]
pub enum CellSlice<'a> {
    /// Rows and values.
    Pairs(&'a [u32], &'a [f32]),
    /// Words, and the values that their upper bits encode.
    Words(&'a [u32], &'a Levels),
}

impl Default for Cells {
    fn default() -> Self {
        Self::Pairs(Shared::default(), Shared::default())
    }
}

impl Cells {
    /// Stores pairs of rows and values.
    pub fn pairs(cells: impl IntoIterator<Item = (u32, f32)>) -> Self {
        let (others, values): (Vec<u32>, Vec<f32>) = cells.into_iter().unzip();
        Self::Pairs(others.into(), values.into())
    }

    /// The number of ratings.
    pub fn len(&self) -> usize {
        self.all().len()
    }

    /// Whether there are no ratings.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All ratings.
    #[inline]
    pub fn all(&self) -> CellSlice<'_> {
        match self {
            Self::Pairs(others, values) => CellSlice::Pairs(others, values),
            Self::Words(words, codes) => CellSlice::Words(words, codes.levels()),
        }
    }

    /// The ratings at some ranges of positions, one after the other.
    pub(super) fn parts(&self, ranges: impl Iterator<Item = Range<usize>> + Clone) -> Self {
        match self {
            Self::Pairs(others, values) => {
                let others: Vec<u32> = ranges.clone().flat_map(|range| &others[range]).copied().collect();
                let values: Vec<f32> = ranges.flat_map(|range| &values[range]).copied().collect();
                Self::Pairs(others.into(), values.into())
            }
            Self::Words(words, codes) => {
                let words: Vec<u32> = ranges.flat_map(|range| &words[range]).copied().collect();
                Self::Words(words.into(), Arc::clone(codes))
            }
        }
    }

    /// The ratings at a range of positions.
    #[inline]
    pub fn part(&self, places: Range<usize>) -> CellSlice<'_> {
        self.all().part(places)
    }
}

/// The row that a word encodes.
#[inline(always)]
fn row_of(word: u32) -> u32 {
    word & ((1 << ROW_BITS) - 1)
}

/// The value that a word encodes.
#[inline(always)]
fn value_of(word: u32, levels: &Levels) -> f32 {
    levels[(word >> ROW_BITS) as usize]
}

impl<'a> CellSlice<'a> {
    /// The number of ratings.
    #[inline(always)]
    pub fn len(self) -> usize {
        match self {
            Self::Pairs(rows, _) | Self::Words(rows, _) => rows.len(),
        }
    }

    /// Whether there are no ratings.
    #[inline(always)]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The ratings at a range of positions in this part.
    #[inline(always)]
    #[must_use]
    pub fn part(self, places: Range<usize>) -> Self {
        match self {
            Self::Pairs(others, values) => Self::Pairs(&others[places.clone()], &values[places]),
            Self::Words(words, levels) => Self::Words(&words[places], levels),
        }
    }

    /// The rating at a position.
    #[inline(always)]
    pub fn get(self, place: usize) -> (u32, f32) {
        match self {
            Self::Pairs(others, values) => (others[place], values[place]),
            Self::Words(words, levels) => (row_of(words[place]), value_of(words[place], levels)),
        }
    }

    /// The row of the other side at a position.
    #[inline(always)]
    pub fn other(self, place: usize) -> u32 {
        match self {
            Self::Pairs(others, _) => others[place],
            Self::Words(words, _) => row_of(words[place]),
        }
    }

    /// The ratings in order.
    pub fn iter(self) -> impl Iterator<Item = (u32, f32)> + 'a {
        (0..self.len()).map(move |place| self.get(place))
    }

    /// The ratings in order, on all threads.
    pub fn par_iter(self) -> impl IndexedParallelIterator<Item = (u32, f32)> + 'a {
        (0..self.len()).into_par_iter().map(move |place| self.get(place))
    }

    /// The first `B` ratings. If there are fewer, the first one fills the rest.
    ///
    /// # Panics
    /// If there are no ratings.
    #[inline(always)]
    pub fn batch<const B: usize>(self) -> ([u32; B], [f32; B]) {
        let (mut others, mut values) = ([0; B], [0.0; B]);
        match self {
            Self::Pairs(all_others, all_values) => {
                if let (Some(full_others), Some(full_values)) =
                    (all_others.first_chunk(), all_values.first_chunk())
                {
                    return (*full_others, *full_values);
                }
                for n in 0..B {
                    let place = if n < all_others.len() { n } else { 0 };
                    (others[n], values[n]) = (all_others[place], all_values[place]);
                }
            }
            Self::Words(words, levels) => {
                let mut filled = [0; B];
                let own = if let Some(own) = words.first_chunk() {
                    own
                } else {
                    filled.fill(words[0]);
                    filled[..words.len()].copy_from_slice(words);
                    &filled
                };
                for n in 0..B {
                    (others[n], values[n]) = (row_of(own[n]), value_of(own[n], levels));
                }
            }
        }
        (others, values)
    }
}

/// Whether the CPU, too, stores this many ratings as words.
pub fn are_many(ratings: usize) -> bool {
    ratings >= MANY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_what_pairs_do() {
        let values: Vec<f32> = (0..200_000).map(|n| (n % 256) as f32 * 0.5 - 64.0).collect();
        let codes = Codes::of(&values, |value| value / 3.0).unwrap();
        let levels = *codes.levels();
        assert!(levels.is_sorted() && levels[255].to_bits() == (63.5_f32 / 3.0).to_bits());
        let row = |n: usize| (n * 83) as u32 % (1 << ROW_BITS);
        let pairs = Cells::pairs((0..values.len()).map(|n| (row(n), values[n] / 3.0)));
        let words: Vec<u32> = pairs.all().iter().map(|(row, value)| codes.word(row, value)).collect();
        let words = Cells::Words(words.into(), Arc::new(codes));
        assert!(pairs.len() == words.len() && pairs.all().iter().eq(words.all().iter()));
        for cells in [pairs, words] {
            let part = cells.part(1000..1005);
            assert_eq!((part.len(), part.get(4)), (5, (row(1004), values[1004] / 3.0)));
            let (others, values) = part.batch::<8>();
            assert_eq!(others, [0, 1, 2, 3, 4, 0, 0, 0].map(|n| row(1000 + n)));
            assert_eq!(values[3..7], [3, 4, 0, 0].map(|n| part.get(n).1));
            assert_eq!(cells.part(8..17).batch::<8>().0, [8, 9, 10, 11, 12, 13, 14, 15].map(row));
        }
    }
}
