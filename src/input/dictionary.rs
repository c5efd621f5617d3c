//! The ids of a piece, under numbers of its own, and those of all pieces while they are read.

use crate::error::{Error, Result};
use crate::ratings::{IdMap, id_of};
use hashbrown::hash_table::Entry as Place;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// Ids of so many bytes are told apart by two words and their length.
const SHORT: usize = 16;

/// So many ids are looked up in one go, when the processor can wait for the memory of several at once.
const TOGETHER: usize = 512;

/// What an id is compared by, before its bytes if it is long: of a short one all its bytes, some of them twice; of a long one
/// a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    words: [u64; 2],
    length: usize,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    words: [u64; 2],
    length: u32,
    number: u32,
}

/// Ids (any bytes) and dense numbers `0..len`, in order of first sight. Faster than an [`IdMap`] and larger, and made for
/// many ids one after the other.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    arena: Vec<u8>,
    ends: Vec<u64>,
    table: HashTable<Entry>,
    hasher: DefaultHashBuilder,
    /// Short ids that are yet to be looked up.
    waiting: Vec<Key>,
}

impl Dictionary {
    /// Adds the number of an id to `numbers`, after those of all before, now or later; it is the next free one if the id is
    /// new.
    pub(super) fn add(&mut self, id: &[u8], numbers: &mut Vec<u32>) {
        let key = Key::of(id, &self.hasher);
        if key.is_short() {
            self.waiting.push(key);
        }
        if !key.is_short() || self.waiting.len() == TOGETHER {
            self.catch_up(numbers);
        }
        if !key.is_short() {
            numbers.push(self.number(key, Some(id)));
        }
    }

    /// Adds to `numbers` those that are missing.
    pub(super) fn catch_up(&mut self, numbers: &mut Vec<u32>) {
        let waiting = std::mem::take(&mut self.waiting);
        let mut last = None;
        for &key in &waiting {
            // Files are often sorted.
            let number = match last {
                Some((other, number)) if other == key => number,
                _ => self.number(key, None),
            };
            numbers.push(number);
            last = Some((key, number));
        }
        self.waiting = waiting;
        self.waiting.clear();
    }

    /// The number of an id that is long and given, or short.
    fn number(&mut self, key: Key, long: Option<&[u8]>) -> u32 {
        let Self { arena, ends, table, hasher, .. } = self;
        let hash = |[first, last]: [u64; 2]| hasher.hash_one((first, last));
        let same = |entry: &Entry| {
            entry.words[0] == key.words[0]
                && entry.words[1] == key.words[1]
                && entry.length as usize == key.length
                && long.is_none_or(|id| id_of(arena, ends, entry.number) == id)
        };
        match table.entry(hash(key.words), same, |entry| hash(entry.words)) {
            Place::Occupied(known) => known.get().number,
            Place::Vacant(free) => {
                let number = ends.len() as u32;
                free.insert(Entry { words: key.words, length: key.length as u32, number });
                match long {
                    Some(id) => arena.extend_from_slice(id),
                    None => arena.extend_from_slice(&key.bytes()[..key.length]),
                }
                ends.push(arena.len() as u64);
                number
            }
        }
    }

    /// How many ids there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The same ids under the same numbers.
    ///
    /// # Errors
    /// [`Error::Bug`] if they are not different.
    pub(super) fn into_map(self) -> Result<IdMap> {
        let Self { mut arena, mut ends, table, .. } = self;
        drop(table);
        arena.shrink_to_fit();
        ends.shrink_to_fit();
        IdMap::from_parts(arena, ends).ok_or_else(|| Error::Bug("an id has two numbers".into()))
    }

    /// All ids in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len() as u32).map(|number| id_of(&self.arena, &self.ends, number))
    }
}

impl Key {
    fn of(id: &[u8], hasher: &DefaultHashBuilder) -> Self {
        let length = id.len();
        let words = if length > SHORT {
            [hasher.hash_one(id), 0]
        } else if let (Some(first), Some(last)) = (id.first_chunk::<8>(), id.last_chunk::<8>()) {
            [first, last].map(|bytes| u64::from_le_bytes(*bytes))
        } else if let (Some(first), Some(last)) = (id.first_chunk::<4>(), id.last_chunk::<4>()) {
            [first, last].map(|bytes| u32::from_le_bytes(*bytes).into())
        } else {
            let byte = |at: usize| id.get(at).map_or(0, |&byte| u64::from(byte) << (8 * at));
            [byte(0) | byte(1) | byte(2), 0]
        };
        Self { words, length }
    }

    fn is_short(self) -> bool {
        self.length <= SHORT
    }

    /// The bytes of a short id, and others behind them.
    fn bytes(self) -> [u8; SHORT] {
        let [first, last] = self.words.map(u64::to_le_bytes);
        let mut bytes = [0; SHORT];
        bytes[..8].copy_from_slice(&first);
        match self.length {
            8.. => bytes[self.length - 8..self.length].copy_from_slice(&last),
            4.. => bytes[self.length - 4..self.length].copy_from_slice(&last[..4]),
            _ => {}
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Ids of few different bytes, many of them alike, of all lengths around those where keys change.
        #[test]
        fn numbers_as_an_id_map_does(
            ids in proptest::collection::vec(proptest::collection::vec(0_u8..2, 0..20), 0..1200),
        ) {
            let (mut dictionary, mut map, mut numbers) = (Dictionary::default(), IdMap::new(), Vec::new());
            for id in &ids {
                dictionary.add(id, &mut numbers);
            }
            dictionary.catch_up(&mut numbers);
            prop_assert_eq!(numbers, ids.iter().map(|id| map.number(id)).collect::<Vec<_>>());
            prop_assert!(dictionary.iter().eq(map.iter()));
            prop_assert_eq!(dictionary.len(), map.len());
            let same = dictionary.into_map().unwrap();
            prop_assert!(same.iter().eq(map.iter()) && map.iter().all(|id| same.get(id) == map.get(id)));
        }
    }
}
