//! Cuts what ranks gather into rounds, where one call cannot take all.

use std::ops::Range;

/// For each round, the part of each rank's bytes that it gathers; a round has at most `most` bytes. There is at least
/// one round.
pub(super) fn rounds(counts: &[usize], most: usize) -> Vec<Vec<Range<usize>>> {
    if counts.iter().sum::<usize>() <= most {
        return vec![counts.iter().map(|&count| 0..count).collect()];
    }
    let each = (most / counts.len()).max(1);
    let longest = counts.iter().max().copied().unwrap_or(0);
    let round =
        |first: usize| counts.iter().map(|&count| first.min(count)..(first + each).min(count)).collect();
    (0..longest).step_by(each).map(round).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_cover_all_and_are_small() {
        for (counts, most) in [
            (vec![3, 4, 5], 12),
            (vec![3, 4, 5], 11),
            (vec![0, 1000, 7], 30),
            (vec![0, 0], 5),
            (vec![1 << 31, 1 << 32, 3], 1 << 30),
        ] {
            let all = rounds(&counts, most);
            assert!(!all.is_empty());
            let mut ends = vec![0; counts.len()];
            for round in &all {
                assert!(round.iter().map(ExactSizeIterator::len).sum::<usize>() <= most);
                for (part, end) in round.iter().zip(&mut ends) {
                    assert_eq!(part.start, *end);
                    *end = part.end;
                }
            }
            assert_eq!(ends, counts);
        }
    }
}
