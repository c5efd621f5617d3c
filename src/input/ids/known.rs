//! Dictionaries that outlive pieces. Each serves pieces in file order, so an id that it knows was merged
//! before, and a piece only contributes the ids that are new to its dictionary.

use super::dictionary::{Dictionary, News};
use crate::Result;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A dictionary with more ids is not kept for the next piece, which bounds the memory of a thread's
/// dictionaries: some 10 MB each. Together with the ids that may wait for their lookup, this many fill the
/// quarter of a million slots of a table.
const MOST: usize = (5 << 15) - 256;

/// The dictionaries of some pieces.
#[derive(Debug, Default)]
pub(in crate::input) struct Known {
    place: usize,
    /// The number of the last of the pieces.
    piece: usize,
    pub(in crate::input) users: Dictionary,
    pub(in crate::input) items: Dictionary,
}

/// The ids that are new with a piece.
#[derive(Debug)]
pub(in crate::input) struct NewIds {
    /// The number of the dictionaries that they were new to.
    pub(in crate::input) place: usize,
    pub(in crate::input) users: News,
    pub(in crate::input) items: News,
}

/// The dictionaries that are not in use.
#[derive(Debug, Default)]
pub(in crate::input) struct Shelf(Mutex<Idle>);

#[derive(Debug, Default)]
struct Idle {
    known: Vec<Known>,
    /// How many there are in all, with those in use.
    made: usize,
}

impl Shelf {
    /// Dictionaries for piece number `piece`, which have only served earlier pieces.
    pub(in crate::input) fn take(&self, piece: usize) -> Known {
        let mut idle = self.idle();
        // The one that was given back last is likely to be in the caches of this thread.
        if let Some(at) = idle.known.iter().rposition(|known| known.piece < piece) {
            return Known { piece, ..idle.known.remove(at) };
        }
        idle.made += 1;
        Known { place: idle.made - 1, piece, ..Known::default() }
    }

    /// Takes dictionaries back after a piece was read, and returns the ids that were new.
    pub(in crate::input) fn give_back(&self, mut known: Known) -> NewIds {
        let found = NewIds { place: known.place, users: known.users.news(), items: known.items.news() };
        for dictionary in [&mut known.users, &mut known.items] {
            if dictionary.len() > MOST {
                *dictionary = Dictionary::default();
            }
        }
        self.idle().known.push(known);
        found
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number that each id of a dictionary has among all ids, by its number in the dictionary.
#[derive(Debug, Default)]
pub(in crate::input) struct Numbers {
    pub(in crate::input) users: Vec<u32>,
    pub(in crate::input) items: Vec<u32>,
}

impl Numbers {
    /// Adds the new ids of a piece to `users` and `items`, and their numbers to these.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) if memory is refused.
    pub(in crate::input) fn add(
        &mut self,
        found: &NewIds,
        users: &mut Dictionary,
        items: &mut Dictionary,
    ) -> Result<()> {
        renumber(&found.users, users, &mut self.users)?;
        renumber(&found.items, items, &mut self.items)
    }
}

fn renumber(news: &News, all: &mut Dictionary, numbers: &mut Vec<u32>) -> Result<()> {
    all.reserve(news)?;
    // There are more numbers if the dictionary was replaced by an empty one.
    numbers.truncate(news.first);
    news.iter().for_each(|id| all.add(id, numbers));
    all.catch_up(numbers);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of two threads, which take dictionaries in turn and end in another order.
    #[test]
    fn pieces_of_a_dictionary_follow_each_other() {
        let shelf = Shelf::default();
        let (first, second) = (shelf.take(0), shelf.take(1));
        assert_eq!((first.place, second.place), (0, 1));
        shelf.give_back(second);
        shelf.give_back(first);
        assert_eq!(shelf.take(1).place, 0, "the other one has served this piece");
        assert_eq!(shelf.take(1).place, 2);
        assert_eq!(shelf.take(2).place, 1);
    }

    /// Every piece has ids that it shares with those before, and dictionaries begin anew between some.
    #[test]
    fn numbers_as_one_dictionary_does() {
        let shelf = Shelf::default();
        let (mut all, mut one) = (<[Dictionary; 2]>::default(), Dictionary::default());
        let (mut translations, mut expected) = (<[Numbers; 2]>::default(), Vec::new());
        let mut began_anew = false;
        for piece in 0..8 {
            let other = (piece % 3 == 0).then(|| shelf.take(piece));
            let mut known = shelf.take(piece);
            let mut own = Vec::new();
            for n in 0..MOST / 3 {
                let id = ((piece * MOST / 5 + n) * 7919 % (2 * MOST)).to_string();
                known.users.add(id.as_bytes(), &mut own);
                one.add(id.as_bytes(), &mut expected);
            }
            known.users.catch_up(&mut own);
            let found = shelf.give_back(known);
            other.map(|other| shelf.give_back(other));
            let [users, items] = &mut all;
            began_anew |= found.users.first < translations[found.place].users.len();
            translations[found.place].add(&found, users, items).unwrap();
            one.catch_up(&mut expected);
            let numbers = own.iter().map(|&number| translations[found.place].users[number as usize]);
            assert!(numbers.eq(expected.drain(..)), "piece {piece}");
        }
        assert!(began_anew);
    }
}
