//! Gives ids dense numbers: the ids of some pieces have a dictionary of their own, and the ids of all pieces
//! have one while files are read.

use super::table::{Key, Table};
use crate::error::{Error, Result};
use crate::memory::reserve;
use crate::ratings::{IdMap, id_of};

/// Ids that are looked up together: the memory of each is prefetched while the others are read.
const TOGETHER: usize = 128;

/// Ids (any bytes) and their dense numbers `0..len`, in order of first sight. Faster than an [`IdMap`] for
/// many ids one after the other, but larger.
#[derive(Debug, Default)]
pub(in crate::input) struct Dictionary {
    arena: Vec<u8>,
    ends: Vec<u64>,
    table: Table,
    /// Short ids that wait for their lookup, with their hashes.
    waiting: Vec<(Key, u64)>,
    /// The number of ids that `news` has returned so far.
    told: usize,
}

/// The ids that were new to a dictionary since the last call of `news`.
#[derive(Debug)]
pub(in crate::input) struct News {
    /// The number of the first of them.
    pub(in crate::input) first: usize,
    arena: Vec<u8>,
    ends: Vec<u64>,
}

impl Dictionary {
    /// Appends the id's number to `numbers`, in call order; a new id gets the next free number. Lookups are
    /// batched: the number may only be appended by a later `add` or by `catch_up`.
    pub(in crate::input) fn add(&mut self, id: &[u8], numbers: &mut Vec<u32>) {
        let Some(key) = Key::short(id) else { return self.add_long(id, numbers) };
        let hash = match self.waiting.last() {
            // Files are often sorted.
            Some(&(other, hash)) if other == key => hash,
            _ => self.table.ask_for(key),
        };
        self.waiting.push((key, hash));
        if self.waiting.len() == TOGETHER {
            self.catch_up(numbers);
        }
    }

    /// As [`add`](Self::add), for a long id, which is looked up at once.
    fn add_long(&mut self, id: &[u8], numbers: &mut Vec<u32>) {
        self.catch_up(numbers);
        let Self { arena, ends, table, .. } = self;
        let key = table.long_key(id);
        let hash = table.ask_for(key);
        table.reserve(1);
        let next = ends.len() as u32;
        let number = table.number(key, hash, next, |number| id_of(arena, ends, number) == id);
        if number == next {
            arena.extend_from_slice(id);
            ends.push(arena.len() as u64);
        }
        numbers.push(number);
    }

    /// Appends the numbers of the ids that still wait for their lookup.
    pub(in crate::input) fn catch_up(&mut self, numbers: &mut Vec<u32>) {
        let Self { arena, ends, table, waiting, .. } = self;
        table.reserve(waiting.len());
        let mut last = None;
        for (key, hash) in waiting.drain(..) {
            let number = match last {
                Some((other, number)) if other == key => number,
                _ => table.number(key, hash, ends.len() as u32, |_| true),
            };
            if number as usize == ends.len() {
                key.append_to(arena);
                ends.push(arena.len() as u64);
            }
            numbers.push(number);
            last = Some((key, number));
        }
    }

    /// Makes room for the ids of another dictionary.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub(in crate::input) fn reserve(&mut self, news: &News) -> Result<()> {
        reserve(&mut self.arena, news.arena.len())?;
        reserve(&mut self.ends, news.ends.len())?;
        self.table.try_reserve(news.ends.len())
    }

    /// How many ids there are.
    pub(in crate::input) fn len(&self) -> usize {
        self.ends.len()
    }

    /// An [`IdMap`] with the same ids and numbers.
    ///
    /// # Errors
    /// [`Error::Bug`] if an id has two numbers, [`Error::TooLarge`] if memory is refused.
    pub(in crate::input) fn into_map(self) -> Result<IdMap> {
        let Self { mut arena, mut ends, table, .. } = self;
        drop(table);
        arena.shrink_to_fit();
        ends.shrink_to_fit();
        IdMap::from_parts(arena, ends)?.ok_or_else(|| Error::Bug("an id has two numbers".into()))
    }

    /// The ids that were added since the last call.
    pub(in crate::input) fn news(&mut self) -> News {
        let first = std::mem::replace(&mut self.told, self.ends.len());
        let start = first.checked_sub(1).map_or(0, |before| self.ends[before]);
        let ends = self.ends[first..].iter().map(|end| end - start).collect();
        News { first, arena: self.arena[start as usize..].to_vec(), ends }
    }
}

impl News {
    /// The ids in the order of their numbers.
    pub(in crate::input) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len() as u32).map(|number| id_of(&self.arena, &self.ends, number))
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
            let mut news = Vec::new();
            for part in ids.chunks(500) {
                part.iter().for_each(|id| dictionary.add(id, &mut numbers));
                dictionary.catch_up(&mut numbers);
                news.push(dictionary.news());
            }
            prop_assert_eq!(numbers, ids.iter().map(|id| map.number(id)).collect::<Vec<_>>());
            prop_assert!(news.iter().flat_map(News::iter).eq(map.iter()));
            prop_assert_eq!(dictionary.len(), map.len());
            let same = dictionary.into_map().unwrap();
            prop_assert!(same.iter().eq(map.iter()) && map.iter().all(|id| same.get(id) == map.get(id)));
        }
    }
}
