//! Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as
//! easy as 1, 2, 3"). A number depends only on the seed, its purpose and its index, never on which thread
//! computes it or when.

use rand::rand_core::TryRng;
use std::convert::Infallible;

/// The purpose of a random number; numbers for different purposes are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Which ratings are held out.
    Split = 1,
    /// Which stage a user belongs to.
    Stage = 2,
    /// The order in which a row's ratings are visited.
    Order = 3,
    /// Factors before the first epoch.
    Init = 4,
    /// Synthetic ratings.
    Generate = 5,
    /// Users and items of a synthetic set.
    Planted = 6,
    /// The noise of a posterior sample of factors.
    Draw = 7,
    /// The hyper-parameters of a posterior sample.
    Hyper = 8,
    /// The noise of rows that are folded in.
    FoldIn = 9,
    /// Users resampled for the confidence interval of a metric.
    Bootstrap = 10,
    /// The start vectors of the search for the axes of factors.
    Axes = 11,
    /// Users by whose lists training decides.
    Sample = 12,
}

/// Four random words for `counter` under `key`: ten rounds of Philox4x32.
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..10 {
        let left = u64::from(a) * 0xD251_1F53;
        let right = u64::from(c) * 0xCD9E_8D57;
        (a, b, c, d) =
            ((right >> 32) as u32 ^ b ^ k0, right as u32, (left >> 32) as u32 ^ d ^ k1, left as u32);
        k0 = k0.wrapping_add(0x9E37_79B9);
        k1 = k1.wrapping_add(0xBB67_AE85);
    }
    [a, b, c, d]
}

/// The key for a seed and a purpose.
pub fn key(seed: u64, purpose: Purpose) -> [u32; 2] {
    let seed = philox([seed as u32, (seed >> 32) as u32, purpose as u32, 0], [0, 0]);
    [seed[0], seed[1]]
}

/// Sixty-four random bits for index `index` under a key.
pub fn bits(key: [u32; 2], index: u64) -> u64 {
    let [a, b, ..] = philox([index as u32, (index >> 32) as u32, 0, 0], key);
    u64::from(a) << 32 | u64::from(b)
}

/// Maps a random word to a number in [0, 1), with 24 bits.
pub fn unit(word: u32) -> f32 {
    (word >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// A stream of random numbers for one purpose and index, for the distributions of the `rand` crate.
#[derive(Debug, Clone)]
pub struct Stream {
    key: [u32; 2],
    counter: [u32; 4],
    block: [u32; 4],
    used: usize,
}

impl Stream {
    /// The stream for index `index` of a purpose.
    pub fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        let counter = [index as u32, (index >> 32) as u32, 0, 1];
        Self { key: key(seed, purpose), counter, block: [0; 4], used: 4 }
    }

    fn word(&mut self) -> u32 {
        if self.used == 4 {
            self.block = philox(self.counter, self.key);
            self.counter[2] = self.counter[2].wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.word()) | u64::from(self.word()) << 32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for piece in bytes.chunks_mut(4) {
            piece.copy_from_slice(&self.word().to_le_bytes()[..piece.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers of the authors' Random123 library for Philox4x32-10.
    #[test]
    fn known_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }
}
