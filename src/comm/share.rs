//! The share of a rank in the rows of a side, and in lists of other things.

use std::ops::Range;

/// The largest number of ranks: each has at least one part of the rows.
pub const MOST: usize = PARTS;

/// The number of parts that the rows of a side are dealt to.
const PARTS: usize = 64;

/// One rank of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The number of the rank, from 0.
    pub rank: usize,
    /// The number of ranks.
    pub size: usize,
}

impl Default for Share {
    fn default() -> Self {
        Self::ALL
    }
}

impl Share {
    /// The only rank, which has everything.
    pub const ALL: Self = Self { rank: 0, size: 1 };

    /// Whether there is no other rank.
    pub fn is_all(self) -> bool {
        self.size == 1
    }

    /// Whether this is rank 0, which alone speaks and writes.
    pub fn is_first(self) -> bool {
        self.rank == 0
    }

    /// All ranks, in order.
    pub fn each(self) -> impl Iterator<Item = Self> {
        (0..self.size).map(move |rank| Self { rank, ..self })
    }

    /// The rank that updates a row. Rows are numbered with the busiest first, at least within a stage. They are
    /// dealt to 64 parts like cards, there and back, so parts are about equal in rows and in ratings, and the
    /// parts are dealt to the ranks.
    pub fn owner(self, row: u32) -> usize {
        let (round, place) = (row as usize / PARTS, row as usize % PARTS);
        let part = if round.is_multiple_of(2) { place } else { PARTS - 1 - place };
        part % self.size
    }

    /// Whether this rank updates a row.
    pub fn owns(self, row: u32) -> bool {
        self.owner(row) == self.rank
    }

    /// This rank's consecutive share of a list. It begins at a multiple of `unit`, and so does that of the next
    /// rank.
    pub fn slice(self, length: usize, unit: usize) -> Range<usize> {
        let units = length.div_ceil(unit);
        let at = |rank: usize| (units * rank / self.size * unit).min(length);
        at(self.rank)..at(self.rank + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_follow_each_other() {
        for (length, unit, size) in [(0, 8, 3), (5, 8, 3), (100, 8, 3), (1000, 7, 64), (64, 1, 1)] {
            let all: Vec<_> = Share { rank: 0, size }.each().map(|share| share.slice(length, unit)).collect();
            assert_eq!((all[0].start, all[size - 1].end), (0, length));
            assert!(all.windows(2).all(|two| two[0].end == two[1].start));
            assert!(all.iter().all(|part| part.start % unit == 0 || part.start == length));
        }
    }

    /// Equal in rows, and in ratings that fall off as those of real items do.
    #[test]
    fn every_row_has_one_owner_and_shares_are_equal() {
        for size in [1, 2, 3, 4, 7, 16, 64] {
            let first = Share { rank: 0, size };
            let (mut rows, mut ratings) = (vec![0_u32; size], vec![0.0; size]);
            for row in 0..6400 {
                let owner = first.owner(row);
                assert_eq!(
                    first.each().filter(|share| share.owns(row)).map(|s| s.rank).collect::<Vec<_>>(),
                    [owner]
                );
                rows[owner] += 1;
                ratings[owner] += 1.0 / (f64::from(row) + 40.0);
            }
            let [mean_rows, mean] = [6400.0, ratings.iter().sum::<f64>()].map(|sum: f64| sum / size as f64);
            let parts = (64 / size) as f64;
            assert!(
                rows.iter().all(|&rows| (f64::from(rows) / mean_rows - 1.0).abs() < 1.0 / parts),
                "{rows:?}"
            );
            if 64 % size == 0 {
                let worst = ratings.iter().map(|sum| (sum / mean - 1.0_f64).abs()).fold(0.0, f64::max);
                assert!(worst < 0.03 * (size as f64).sqrt(), "{size}: {worst}");
            }
        }
    }
}
