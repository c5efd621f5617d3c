//! The distinct values of ratings, if they are few enough to be numbered by a byte. A rating is then one word
//! with its row in the lower bits.

use crate::Result;
use crate::ratings::{Sides, Triples};
use rayon::prelude::*;

/// Bits of a word that hold the row; the upper bits hold the number of a level.
pub(super) const ROW_BITS: u32 = 24;

/// The most distinct values that a byte can number.
pub const LEVELS: usize = 1 << (u32::BITS - ROW_BITS);

/// Slots in the hash table of levels: a power of two, and enough that most levels are in their first slot.
const SLOTS: usize = 1 << SLOT_BITS;
const SLOT_BITS: u32 = 11;

/// Values that a thread visits at once.
const CHUNK: usize = 1 << 16;

/// The distinct values of ratings by their numbers, followed by zeros.
pub type Levels = [f32; LEVELS];

/// The distinct values of ratings, and their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Codes {
    levels: Levels,
    count: usize,
    /// The bits of a level, and its number.
    slots: Vec<Option<(u32, u8)>>,
}

impl Codes {
    /// No values.
    pub fn none() -> Self {
        Self { levels: [0.0; LEVELS], count: 0, slots: vec![None; SLOTS] }
    }

    /// Encodes the values of ratings of `users` x `items`. `None` if there are too many distinct ones or too many
    /// rows.
    ///
    /// # Errors
    /// Those of reading the ratings.
    pub fn over(ratings: &dyn Triples, size: impl Into<Sides<usize>>) -> Result<Option<Self>> {
        let mut found = Self::gatherer(size.into());
        ratings.each(&mut |_, chunk| {
            found = found.take().and_then(|found| found.and(chunk.values));
            Ok(())
        })?;
        Ok(found.and_then(|found| found.standard(|value| value)))
    }

    /// Encodes ratings of `users` x `items`, with each value as `standard` converts it. `None` if there are
    /// too many distinct values or too many rows.
    pub fn fit(values: &[f32], size: impl Into<Sides<usize>>, standard: impl Fn(f32) -> f32) -> Option<Self> {
        Self::gatherer(size.into())?.and(values)?.standard(standard)
    }

    /// Encodes the distinct values, each as `standard` converts it, numbered in ascending order. `None` if
    /// there are too many. Values are distinct if their bits are.
    pub fn of(values: &[f32], standard: impl Fn(f32) -> f32) -> Option<Self> {
        Self::none().and(values)?.standard(standard)
    }

    /// No values yet, of ratings of `users` x `items`; `None` if there are too many rows.
    pub(super) fn gatherer(size: Sides<usize>) -> Option<Self> {
        size.iter().all(|&rows| rows <= 1 << ROW_BITS).then(Self::none)
    }

    /// These values and more; `None` if there are too many.
    #[must_use]
    pub fn and(self, values: &[f32]) -> Option<Self> {
        let own = |values: &[f32]| Self::none().with(values);
        let both = |codes: Self, more: Self| codes.with(more.known());
        let more = values.par_chunks(CHUNK).map(own).try_reduce(Self::none, both)?;
        self.with(more.known())
    }

    /// The values as `standard` converts them, numbered in ascending order.
    pub fn standard(&self, standard: impl Fn(f32) -> f32) -> Option<Self> {
        let mut levels: Vec<f32> = self.known().iter().copied().map(standard).collect();
        levels.sort_unstable_by(f32::total_cmp);
        Self::none().with(&levels)
    }

    /// The levels, ascending.
    pub fn known(&self) -> &[f32] {
        &self.levels[..self.count]
    }

    /// Adds more levels; `None` if there are then too many.
    fn with(mut self, values: &[f32]) -> Option<Self> {
        for value in values {
            let slot = self.slot(value.to_bits());
            if self.slots[slot].is_none() {
                self.slots[slot] = Some((value.to_bits(), u8::try_from(self.count).ok()?));
                self.levels[self.count] = *value;
                self.count += 1;
            }
        }
        Some(self)
    }

    /// The slot of a level, or the free slot where it would be inserted.
    #[inline]
    fn slot(&self, bits: u32) -> usize {
        // The upper bits of a product depend on all bits of its factors.
        let mut slot = (bits.wrapping_mul(0x9e37_79b1) >> (u32::BITS - SLOT_BITS)) as usize;
        while self.slots[slot].is_some_and(|(own, _)| own != bits) {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }

    /// Encodes a row and a value, which must be one of the levels, as a word.
    #[inline]
    pub fn word(&self, row: u32, value: f32) -> u32 {
        row | u32::from(self.code(value)) << ROW_BITS
    }

    /// The number of a value, which must be one of the levels.
    #[inline]
    pub fn code(&self, value: f32) -> u8 {
        self.slots[self.slot(value.to_bits())].map_or(0, |(_, code)| code)
    }

    /// The levels by their numbers.
    pub fn levels(&self) -> &Levels {
        &self.levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_levels_are_none() {
        let values: Vec<f32> = (0..=256).map(|n| n as f32).collect();
        assert!(Codes::of(&values, |value| value).is_none());
        assert_eq!(Codes::of(&values[1..], |value| value).unwrap().known(), &values[1..]);
        // Values that are equal in standard units are one level.
        assert_eq!(Codes::of(&values[1..], |_| 7.0).unwrap().known(), [7.0]);
        assert!(Codes::of(&[], |value| value).unwrap().known().is_empty());
    }
}
