//! Ids of any bytes, numbered by first sight; all their bytes lie in one arena.

use hashbrown::HashTable;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// A two-way map between ids (any bytes) and dense numbers `0..len`, in order of first sight.
#[derive(Debug, Clone, Default)]
pub struct IdMap {
    arena: Vec<u8>,
    ends: Vec<u64>,
    table: HashTable<u32>,
    hasher: BuildHasherDefault<DefaultHasher>,
}

impl IdMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many ids there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The id of a number, as it came.
    pub fn id(&self, number: u32) -> &[u8] {
        slice(&self.arena, &self.ends, number)
    }

    /// The number of an id, if it was seen.
    pub fn get(&self, id: &[u8]) -> Option<u32> {
        let hash = self.hasher.hash_one(id);
        self.table.find(hash, |&number| self.id(number) == id).copied()
    }

    /// The number of an id, which is given the next free one if it is new.
    ///
    /// # Panics
    /// If there are more than 2^32 ids.
    pub fn number(&mut self, id: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(id);
        let (arena, ends, hasher) = (&mut self.arena, &mut self.ends, &self.hasher);
        let entry = self.table.entry(
            hash,
            |&number| slice(arena, ends, number) == id,
            |&number| hasher.hash_one(slice(arena, ends, number)),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(known) => *known.get(),
            hashbrown::hash_table::Entry::Vacant(new) => {
                let number = u32::try_from(ends.len()).expect("more than 2^32 ids");
                new.insert(number);
                arena.extend_from_slice(id);
                ends.push(arena.len() as u64);
                number
            }
        }
    }

    /// All ids in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len() as u32).map(|number| self.id(number))
    }

    /// The arena and where each id ends in it, as a model file keeps them.
    pub fn parts(&self) -> (&[u8], &[u64]) {
        (&self.arena, &self.ends)
    }
}

fn slice<'a>(arena: &'a [u8], ends: &[u64], number: u32) -> &'a [u8] {
    let number = number as usize;
    let start = if number == 0 { 0 } else { ends[number - 1] as usize };
    &arena[start..ends[number] as usize]
}
