//! The hash table of a dictionary.

use crate::Result;
use crate::memory::filled;
use hashbrown::DefaultHashBuilder;
use prefetch_index::prefetch_index;
use std::hash::BuildHasher;

/// Ids of at most this many bytes are distinguished by two words and their length.
const SHORT: usize = 16;

/// The number of slots of the first table.
const SLOTS: usize = 64;

/// The form in which ids are compared. For a short id it has all bytes, some of them twice. For a long id it
/// has a hash; if hashes are equal, the bytes are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    words: [u64; 2],
    length: u32,
}

/// The slot of an id. A free one has the length of [`FREE`](Self::FREE).
#[derive(Debug, Clone, Copy)]
struct Slot {
    words: [u64; 2],
    length: u32,
    number: u32,
}

/// Numbers of keys: open addressing in a power of two of slots, which are at most five eighths full.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Vec<Slot>,
    taken: usize,
    hasher: DefaultHashBuilder,
}

impl Table {
    /// The hash of a key that will be looked up soon; prefetches its slots.
    pub(super) fn ask_for(&self, key: Key) -> u64 {
        let hash = self.hash(key.words);
        let at = self.home(hash);
        // A slot may lie across two cache lines. If there are no slots yet, prefetching does nothing.
        prefetch_index(&self.slots, at);
        prefetch_index(&self.slots, at.wrapping_add(1));
        hash
    }

    /// Makes sure that `more` further keys have a slot.
    pub(super) fn reserve(&mut self, more: usize) {
        if let Some(size) = self.too_small(more) {
            self.move_to(vec![Slot::FREE; size]);
        }
    }

    /// The same for a table that grows with the data.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge).
    pub(super) fn try_reserve(&mut self, more: usize) -> Result<()> {
        if let Some(size) = self.too_small(more) {
            self.move_to(filled(Slot::FREE, size)?);
        }
        Ok(())
    }

    /// The number of slots for `more` further keys, if there are too few.
    fn too_small(&self, more: usize) -> Option<usize> {
        let needed = (self.taken + more) * 8 / 5;
        (needed >= self.slots.len()).then(|| (needed + 1).next_power_of_two().max(SLOTS))
    }

    /// Moves all keys to free slots.
    fn move_to(&mut self, slots: Vec<Slot>) {
        let old = std::mem::replace(&mut self.slots, slots);
        for slot in old.into_iter().filter(|slot| !slot.is_free()) {
            let mut at = self.home(self.hash(slot.words));
            while !self.slots[at].is_free() {
                at = self.after(at);
            }
            self.slots[at] = slot;
        }
    }

    /// The number of a key, for which there must be a free slot. It becomes `next` if `same` confirms no
    /// number of an equal key.
    pub(super) fn number(&mut self, key: Key, hash: u64, next: u32, same: impl Fn(u32) -> bool) -> u32 {
        let mut at = self.home(hash);
        loop {
            let slot = self.slots[at];
            if slot.words == key.words && slot.length == key.length && !slot.is_free() && same(slot.number) {
                return slot.number;
            }
            if slot.is_free() {
                self.slots[at] = Slot { words: key.words, length: key.length, number: next };
                self.taken += 1;
                return next;
            }
            at = self.after(at);
        }
    }

    /// The key of an id that is not short.
    pub(super) fn long_key(&self, id: &[u8]) -> Key {
        Key { words: [self.hasher.hash_one(id), 0], length: id.len() as u32 }
    }

    fn hash(&self, [first, last]: [u64; 2]) -> u64 {
        self.hasher.hash_one((first, last))
    }

    /// The slot where the search for a key begins.
    fn home(&self, hash: u64) -> usize {
        hash as usize & self.slots.len().wrapping_sub(1)
    }

    /// The slot where the search continues.
    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }
}

impl Slot {
    const FREE: Self = Self { words: [0; 2], length: u32::MAX, number: 0 };

    fn is_free(self) -> bool {
        self.length == Self::FREE.length
    }
}

impl Key {
    /// The key of an id if it is short.
    pub(super) fn short(id: &[u8]) -> Option<Self> {
        let words = if id.len() > SHORT {
            return None;
        } else if let (Some(first), Some(last)) = (id.first_chunk::<8>(), id.last_chunk::<8>()) {
            [first, last].map(|bytes| u64::from_le_bytes(*bytes))
        } else if let (Some(first), Some(last)) = (id.first_chunk::<4>(), id.last_chunk::<4>()) {
            [first, last].map(|bytes| u32::from_le_bytes(*bytes).into())
        } else {
            let byte = |at: usize| id.get(at).map_or(0, |&byte| u64::from(byte) << (8 * at));
            [byte(0) | byte(1) | byte(2), 0]
        };
        Some(Self { words, length: id.len() as u32 })
    }

    /// Appends the bytes of a short id.
    pub(super) fn append_to(self, arena: &mut Vec<u8>) {
        let [first, last] = self.words.map(u64::to_le_bytes);
        let length = self.length as usize;
        let mut bytes = [0; SHORT];
        bytes[..8].copy_from_slice(&first);
        match length {
            8.. => bytes[length - 8..length].copy_from_slice(&last),
            4.. => bytes[length - 4..length].copy_from_slice(&last[..4]),
            _ => {}
        }
        arena.extend_from_slice(&bytes[..length]);
    }
}
