//! Ids of any bytes, numbered in order of first appearance; all their bytes are in one arena.

use crate::Result;
use crate::memory::attempt;
use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// A two-way map between ids (any bytes) and dense numbers `0..len`, in order of first appearance.
#[derive(Debug, Clone, Default)]
pub struct IdMap {
    arena: Vec<u8>,
    ends: Vec<u64>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl IdMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rebuilds a map from its [`parts`](Self::parts). `None` if the ends descend or do not reach the arena's
    /// end, if an id occurs twice, or if there are more than 2^32 ids.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) if memory is refused.
    pub fn from_parts(arena: Vec<u8>, ends: Vec<u64>) -> Result<Option<Self>> {
        let rising = ends.is_sorted() && ends.last().copied().unwrap_or(0) == arena.len() as u64;
        let Some(count) = u32::try_from(ends.len()).ok().filter(|_| rising) else { return Ok(None) };
        let mut map = Self { arena, ends, table: HashTable::new(), hasher: DefaultHashBuilder::default() };
        let (arena, ends, hasher) = (&map.arena, &map.ends, &map.hasher);
        // A slot is a number and a byte.
        attempt(5 * ends.len(), || map.table.try_reserve(ends.len(), |_| 0))?;
        for number in 0..count {
            let id = id_of(arena, ends, number);
            let entry = map.table.entry(
                hasher.hash_one(id),
                |&other| id_of(arena, ends, other) == id,
                |&other| hasher.hash_one(id_of(arena, ends, other)),
            );
            let Entry::Vacant(free) = entry else { return Ok(None) };
            free.insert(number);
        }
        Ok(Some(map))
    }

    /// The number of ids.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no ids.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The id with this number.
    ///
    /// # Panics
    /// If there is no such number.
    pub fn id(&self, number: u32) -> &[u8] {
        id_of(&self.arena, &self.ends, number)
    }

    /// The number of an id, if it is in the map.
    pub fn get(&self, id: &[u8]) -> Option<u32> {
        let hash = self.hasher.hash_one(id);
        self.table.find(hash, |&number| self.id(number) == id).copied()
    }

    /// For each id of this map, in order, its number in `other`.
    pub fn rows_in(&self, other: &Self) -> Vec<Option<u32>> {
        self.iter().map(|id| other.get(id)).collect()
    }

    /// The number of an id. A new id is given the next free number.
    ///
    /// # Panics
    /// If there are more than 2^32 ids.
    pub fn number(&mut self, id: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(id);
        let (arena, ends, hasher) = (&mut self.arena, &mut self.ends, &self.hasher);
        let entry = self.table.entry(
            hash,
            |&number| id_of(arena, ends, number) == id,
            |&number| hasher.hash_one(id_of(arena, ends, number)),
        );
        match entry {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let number = u32::try_from(ends.len()).expect("more than 2^32 ids");
                new.insert(number);
                arena.extend_from_slice(id);
                ends.push(arena.len() as u64);
                number
            }
        }
    }

    /// All ids in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let id = &self.arena[start..end as usize];
            start = end as usize;
            id
        })
    }

    /// The arena and the end of each id in it, as a model file stores them.
    pub fn parts(&self) -> (&[u8], &[u64]) {
        (&self.arena, &self.ends)
    }
}

/// The id of a number. All ids lie one after another in `arena`, and end at `ends`.
pub(crate) fn id_of<'a>(arena: &'a [u8], ends: &[u64], number: u32) -> &'a [u8] {
    let number = number as usize;
    let start = if number == 0 { 0 } else { ends[number - 1] as usize };
    &arena[start..ends[number] as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_first_sight_and_back() {
        let mut map = IdMap::new();
        let ids: [&[u8]; 4] = [b"b", b"", b"\xff\0,\"", b"a"];
        for (number, id) in ids.iter().enumerate() {
            assert_eq!(map.number(id), number as u32);
            assert_eq!(map.number(id), number as u32);
        }
        assert_eq!(map.get(b"c"), None);
        assert!(map.iter().eq(ids));
        let (arena, ends) = map.parts();
        let again = IdMap::from_parts(arena.to_vec(), ends.to_vec()).unwrap().unwrap();
        assert!(again.iter().eq(ids));
        assert_eq!(again.get(b"a"), Some(3));
    }

    #[test]
    fn damaged_parts_are_refused() {
        let parts = |arena: &[u8], ends: &[u64]| IdMap::from_parts(arena.to_vec(), ends.to_vec()).unwrap();
        assert!(parts(b"", &[]).is_some());
        assert!(parts(b"abc", &[1, 3]).is_some());
        assert!(parts(b"abc", &[1, 2]).is_none(), "bytes left over");
        assert!(parts(b"abc", &[1, 4]).is_none(), "past the end");
        assert!(parts(b"abc", &[2, 1, 3]).is_none(), "falling");
        assert!(parts(b"aa", &[1, 2]).is_none(), "an id twice");
        assert!(parts(b"a", &[]).is_none(), "no ids for the bytes");
    }
}
