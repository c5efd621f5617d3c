//! The different values of ratings, where they are few enough for a byte to tell them apart: a rating is a word then, with its
//! row in the lower bits.

use crate::ratings::Sides;
use rayon::prelude::*;

/// Bits of a word that have a row; those above have the number of a level.
pub(super) const ROW_BITS: u32 = 24;

/// Different values that a byte can tell apart.
pub const LEVELS: usize = 1 << (u32::BITS - ROW_BITS);

/// Places in a table of levels: a power of two, and so many that most levels lie in their first place.
const SLOTS: usize = 1 << SLOT_BITS;
const SLOT_BITS: u32 = 11;

/// Values that a thread looks at in one go.
const CHUNK: usize = 1 << 16;

/// The different values of ratings, by their numbers; zeros behind the last one.
pub type Levels = [f32; LEVELS];

/// The different values of ratings, and their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Codes {
    levels: Levels,
    count: usize,
    /// The bits of a level, and its number.
    slots: Vec<Option<(u32, u8)>>,
}

impl Codes {
    fn none() -> Self {
        Self { levels: [0.0; LEVELS], count: 0, slots: vec![None; SLOTS] }
    }

    /// Of the different values of ratings of `users` x `items`, each as `standard` gives it, if there are not too many of
    /// either.
    pub fn fit(values: &[f32], size: impl Into<Sides<usize>>, standard: impl Fn(f32) -> f32) -> Option<Self> {
        size.into().iter().all(|&rows| rows <= 1 << ROW_BITS).then(|| Self::of(values, standard)).flatten()
    }

    /// Of the different values, each as `standard` gives it, numbered as they ascend, if there are not too many. They are told
    /// apart by their bits.
    pub fn of(values: &[f32], standard: impl Fn(f32) -> f32) -> Option<Self> {
        let own = |values: &[f32]| Self::none().with(values);
        let both = |codes: Self, more: Self| codes.with(more.known());
        let raw = values.par_chunks(CHUNK).map(own).try_reduce(Self::none, both)?;
        let mut levels: Vec<f32> = raw.known().iter().copied().map(standard).collect();
        levels.sort_unstable_by(f32::total_cmp);
        Self::none().with(&levels)
    }

    /// The levels that there are, ascending.
    pub fn known(&self) -> &[f32] {
        &self.levels[..self.count]
    }

    /// With more levels, if they are not too many.
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

    /// Where a level is, or would be.
    #[inline]
    fn slot(&self, bits: u32) -> usize {
        // The upper bits of a product have something of all bits of a factor.
        let mut slot = (bits.wrapping_mul(0x9e37_79b1) >> (u32::BITS - SLOT_BITS)) as usize;
        while self.slots[slot].is_some_and(|(own, _)| own != bits) {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }

    /// A row and a value, one of the levels, in a word.
    #[inline]
    pub fn word(&self, row: u32, value: f32) -> u32 {
        row | u32::from(self.code(value)) << ROW_BITS
    }

    /// The number of a value that is one of the levels.
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
        // What is equal in standard units is one level.
        assert_eq!(Codes::of(&values[1..], |_| 7.0).unwrap().known(), [7.0]);
        assert!(Codes::of(&[], |value| value).unwrap().known().is_empty());
    }
}
