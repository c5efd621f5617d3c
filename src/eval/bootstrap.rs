//! Confidence intervals of averages over users: the percentile bootstrap (Efron, Tibshirani 1993, chapter
//! 13), with resampled users.

use crate::Result;
use crate::math::philox::{Purpose, Stream};
use crate::stop::Stop;
use rand::Rng;
use rayon::prelude::*;

/// Resamples that are drawn side by side, so that a row is fetched once for all of them.
const SIDE_BY_SIDE: usize = 8;

/// A row of numbers for each user: first the user's weight, then other numbers. The estimate of a column is
/// its sum over users, divided by the sum of the weights.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    columns: usize,
    numbers: Vec<f64>,
}

impl Sums {
    /// No rows yet, of `columns` numbers each, the weight included.
    pub(super) fn new(columns: usize) -> Self {
        Self { columns, numbers: Vec::new() }
    }

    /// Adds rows, one after another.
    pub(super) fn extend(&mut self, rows: impl IntoIterator<Item = f64>) {
        self.numbers.extend(rows);
    }

    fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.numbers.chunks_exact(self.columns)
    }

    /// The row of the `n`-th user.
    pub(super) fn row(&self, n: usize) -> &[f64] {
        &self.numbers[n * self.columns..][..self.columns]
    }

    /// The number of users.
    pub(super) fn users(&self) -> usize {
        self.numbers.len() / self.columns
    }

    /// The estimates of all columns but the first, over all users.
    pub(super) fn estimates(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.columns];
        for row in self.rows() {
            sums.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
        }
        ratios(&sums)
    }

    /// The 95 % interval of the estimate of each column: as [`intervals_of`](Self::intervals_of) says.
    ///
    /// # Errors
    /// As for [`intervals_of`](Self::intervals_of).
    pub(super) fn intervals(
        &self,
        resamples: usize,
        seed: u64,
        stop: &Stop,
    ) -> Result<Option<Vec<[f64; 2]>>> {
        self.intervals_of(<[f64]>::to_vec, (resamples, seed), stop)
    }

    /// The 95 % interval of each number that `derive` makes of the estimates, as a pair: users are drawn with
    /// replacement, as many as there are, `resamples` times, and the numbers are made of each resample. So
    /// the interval of a difference is that of pairs. `None` with fewer than two users or ten resamples. The
    /// same for any number of threads.
    ///
    /// # Errors
    /// [`Error::Stopped`](crate::Error::Stopped) if `stop` is raised meanwhile.
    pub(super) fn intervals_of(
        &self,
        derive: impl Fn(&[f64]) -> Vec<f64> + Sync,
        (resamples, seed): (usize, u64),
        stop: &Stop,
    ) -> Result<Option<Vec<[f64; 2]>>> {
        if self.users() < 2 || resamples < 10 {
            return Ok(None);
        }
        let blocks: Vec<usize> = (0..resamples).step_by(SIDE_BY_SIDE).collect();
        let block = |&first: &usize| {
            stop.check()?;
            let estimates = self.resample(first..resamples.min(first + SIDE_BY_SIDE), seed);
            Ok(estimates.iter().map(|estimates| derive(estimates)).collect::<Vec<_>>())
        };
        let drawn = blocks.par_iter().map(block).collect::<Result<Vec<_>>>()?.concat();
        let interval = |column: usize| {
            let mut values: Vec<f64> = drawn.iter().map(|estimates| estimates[column]).collect();
            values.sort_unstable_by(f64::total_cmp);
            [0.025, 0.975].map(|part: f64| {
                let rank = (part * (resamples + 1) as f64).round() as usize;
                values[rank.clamp(1, resamples) - 1]
            })
        };
        Ok(Some((0..drawn.first().map_or(0, Vec::len)).map(interval).collect()))
    }

    /// The estimates of some resamples.
    fn resample(&self, numbers: std::ops::Range<usize>, seed: u64) -> Vec<Vec<f64>> {
        let users = self.users();
        let mut times = vec![[0_u32; SIDE_BY_SIDE]; users];
        for (lane, number) in numbers.clone().enumerate() {
            let mut stream = Stream::new(seed, Purpose::Bootstrap, number as u64);
            for _ in 0..users {
                // The high half of the product is uniform below `users`, to one part in 2^64 / users.
                let user = (u128::from(stream.next_u64()) * users as u128) >> 64;
                times[user as usize][lane] += 1;
            }
        }
        let mut sums = vec![vec![0.0; self.columns]; numbers.len()];
        for (row, times) in self.rows().zip(&times) {
            for (sums, &times) in sums.iter_mut().zip(times).filter(|(_, times)| **times > 0) {
                sums.iter_mut().zip(row).for_each(|(sum, number)| *sum += f64::from(times) * number);
            }
        }
        sums.iter().map(|sums| ratios(sums)).collect()
    }
}

fn ratios(sums: &[f64]) -> Vec<f64> {
    sums[1..].iter().map(|sum| if sums[0] > 0.0 { sum / sums[0] } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(rows: &[[f64; 2]]) -> Sums {
        let mut sums = Sums::new(2);
        sums.extend(rows.iter().flatten().copied());
        sums
    }

    #[test]
    fn estimates_are_ratios_of_sums() {
        let sums = sums(&[[1.0, 2.0], [3.0, 2.0]]);
        assert_eq!((sums.users(), sums.estimates()), (2, vec![1.0]));
        assert_eq!(Sums::new(3).estimates(), [0.0, 0.0]);
        assert_eq!(Sums::new(3).intervals(100, 1, &Stop::new()).unwrap(), None);
    }

    /// With two users that have 0 and 1, the mean of a resample is 0, .5 or 1 with probabilities 1/4, 1/2 and
    /// 1/4.
    #[test]
    fn two_users() {
        assert_eq!(
            sums(&[[1.0, 0.0], [1.0, 1.0]]).intervals(400, 1, &Stop::new()).unwrap(),
            Some(vec![[0.0, 1.0]])
        );
        assert_eq!(
            sums(&[[1.0, 0.25], [1.0, 0.25]]).intervals(400, 1, &Stop::new()).unwrap(),
            Some(vec![[0.25, 0.25]])
        );
    }

    /// The mean of 400 numbers spread evenly over 0..1 has a standard error of 1 / sqrt(12 * 400) = .01443.
    #[test]
    fn as_wide_as_theory_says() {
        let rows: Vec<[f64; 2]> = (0..400).map(|n| [1.0, (f64::from(n) + 0.5) / 400.0]).collect();
        let [low, high] = sums(&rows).intervals(2000, 7, &Stop::new()).unwrap().unwrap()[0];
        let width = 2.0 * 1.96 * 0.01443;
        assert!(((high - low) / width - 1.0).abs() < 0.1, "{low} {high}, expected a width of {width}");
        assert!((f64::midpoint(low, high) - 0.5).abs() < 0.003, "{low} {high}");
        assert_ne!(
            sums(&rows).intervals(2000, 8, &Stop::new()).unwrap(),
            Some(vec![[low, high]]),
            "by the seed"
        );
    }

    #[test]
    fn the_same_for_any_number_of_threads() {
        let rows: Vec<[f64; 2]> = (0..37).map(|n| [f64::from(n % 3 + 1), f64::from(n).sin()]).collect();
        let all = || sums(&rows).intervals(101, 3, &Stop::new()).unwrap();
        let expected = all();
        for threads in 1..4 {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(all), expected);
        }
    }
}
