//! The ratings a model was trained on, by user: for leaving out seen items, and for cells with a known
//! rating.

use crate::Result;
use crate::memory::filled;
use crate::ratings::{Codes, Grouping, Ratings, Side, Triples, count, group, starts};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Ratings by user (CSR), items ascending in a row, in 5 bytes per rating if there are at most 256 distinct
/// values. The default is "not kept": it has no rows, and every user counts as having rated nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rated {
    starts: Vec<u64>,
    items: Vec<u32>,
    values: Values,
}

/// The values of the ratings, in the order of the items.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    Plain(Vec<f32>),
    /// `levels[code]`; levels ascend.
    Coded {
        codes: Vec<u8>,
        levels: Vec<f32>,
    },
}

impl Default for Values {
    fn default() -> Self {
        Self::Plain(Vec::new())
    }
}

impl Values {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Plain(values) => values.len(),
            Self::Coded { codes, .. } => codes.len(),
        }
    }

    fn get(&self, at: usize) -> f32 {
        match self {
            Self::Plain(values) => values[at],
            Self::Coded { codes, levels } => levels[codes[at] as usize],
        }
    }
}

impl Values {
    /// Appends `more`, whose levels may differ.
    fn append(&mut self, more: &Self) {
        let added = (0..more.len()).map(|at| more.get(at));
        if let (Self::Coded { codes, levels }, Self::Coded { levels: new, .. }) = (&mut *self, more)
            && let Some(union) = Codes::of(&[&levels[..], new].concat(), |level| level)
        {
            let moved: Vec<u8> = levels.iter().map(|&level| union.code(level)).collect();
            codes.iter_mut().for_each(|code| *code = moved[*code as usize]);
            codes.extend(added.map(|level| union.code(level)));
            *levels = union.known().to_vec();
            return;
        }
        *self = Self::Plain((0..self.len()).map(|at| self.get(at)).chain(added).collect());
    }
}

impl Rated {
    /// Sorts ratings of `users` x `items`. If a user rated an item several times, the last rating counts.
    ///
    /// # Panics
    /// If a rating's user or item is not below `users` or `items`.
    pub fn from_ratings(ratings: &Ratings, users: usize, items: usize) -> Self {
        assert!(ratings.items.par_iter().all(|&item| (item as usize) < items), "an item of {items}");
        let counts = count(&ratings.users, users);
        let twice = AtomicBool::new(false);
        let ways = rayon::current_num_threads();
        let grouping = Grouping { side: Side::User, first: 0, counts: &counts, ways };
        let mut items = vec![0; ratings.len()];
        let values = if let Some(known) = Codes::of(&ratings.values, |value| value) {
            let mut codes = vec![0; ratings.len()];
            let code = |item, value: f32| (item, known.code(value));
            group(ratings, grouping, code, |_, cells| ascend(cells, &twice), (&mut items, &mut codes));
            Values::Coded { codes, levels: known.known().to_vec() }
        } else {
            let mut values = vec![0.0; ratings.len()];
            group(
                ratings,
                grouping,
                |item, value| (item, value),
                |_, cells| ascend(cells, &twice),
                (&mut items, &mut values),
            );
            Values::Plain(values)
        };
        let starts = starts(&counts).into_iter().map(|start| start as u64).collect();
        let rated = Self { starts, items, values };
        if twice.into_inner() { rated.without_earlier() } else { rated }
    }

    /// As [`from_ratings`](Self::from_ratings), for ratings that may be on disk.
    ///
    /// # Errors
    /// Those of reading; [`Error::TooLarge`](crate::Error::TooLarge) if memory is refused.
    ///
    /// # Panics
    /// As [`from_ratings`](Self::from_ratings).
    pub fn over(ratings: &dyn Triples, users: usize, items: usize) -> Result<Self> {
        if let Some(held) = ratings.held() {
            return Ok(Self::from_ratings(held, users, items));
        }
        let mut counts = vec![0_u32; users];
        let mut levels = Some(Codes::none());
        ratings.each(&mut |_, chunk| {
            chunk.users.iter().for_each(|&user| counts[user as usize] += 1);
            levels = levels.take().and_then(|levels| levels.and(chunk.values));
            Ok(())
        })?;
        let known = levels.and_then(|levels| levels.standard(|value| value));
        let starts = starts(&counts);
        let mut items_of = filled(0_u32, ratings.len())?;
        let twice = AtomicBool::new(false);
        let values = if let Some(known) = known {
            let mut codes = filled(0_u8, ratings.len())?;
            fill(ratings, &starts, |value| known.code(value), (&mut items_of, &mut codes))?;
            ascend_rows(&starts, (&mut items_of, &mut codes), &twice);
            Values::Coded { codes, levels: known.known().to_vec() }
        } else {
            let mut values = filled(0_f32, ratings.len())?;
            fill(ratings, &starts, |value| value, (&mut items_of, &mut values))?;
            ascend_rows(&starts, (&mut items_of, &mut values), &twice);
            Values::Plain(values)
        };
        assert!(items_of.par_iter().all(|&item| (item as usize) < items), "an item of {items}");
        let starts = starts.into_iter().map(|start| start as u64).collect();
        let rated = Self { starts, items: items_of, values };
        Ok(if twice.into_inner() { rated.without_earlier() } else { rated })
    }

    /// Keeps only the last of several ratings of one item in a row, which are adjacent.
    fn without_earlier(self) -> Self {
        let Self { starts, items, values } = self;
        let mut kept = Vec::with_capacity(items.len());
        let mut kept_starts = vec![0];
        for row in starts.windows(2) {
            let row = row[0] as usize..row[1] as usize;
            kept.extend(row.clone().filter(|&at| at + 1 == row.end || items[at + 1] != items[at]));
            kept_starts.push(kept.len() as u64);
        }
        let plain: Vec<f32> = kept.iter().map(|&at| values.get(at)).collect();
        let values = match Codes::of(&plain, |value| value) {
            Some(known) => Values::Coded {
                codes: plain.iter().map(|&value| known.code(value)).collect(),
                levels: known.known().to_vec(),
            },
            None => Values::Plain(plain),
        };
        Self { starts: kept_starts, items: kept.iter().map(|&at| items[at]).collect(), values }
    }

    /// Adds ratings of `users` x `items`, which must not be fewer than before. A new rating replaces an old
    /// one of the same cell. Rows after the last one are appended without touching earlier ones.
    ///
    /// # Panics
    /// As [`from_ratings`](Self::from_ratings).
    pub fn add(&mut self, ratings: &Ratings, users: usize, items: usize) {
        let more = Self::from_ratings(ratings, users, items);
        if !self.is_kept() {
            *self = more;
            return;
        }
        let old = self.users();
        if more.starts[old] > 0 {
            let all = |user| self.of(user).map(move |(item, value)| (user, item, value));
            let mut both = Ratings::default();
            for (user, item, value) in (0..old as u32).flat_map(all).chain(ratings.iter()) {
                both.push(user, item, value);
            }
            *self = Self::from_ratings(&both, users, items);
            return;
        }
        let before = self.len() as u64;
        self.starts.extend(more.starts[old + 1..].iter().map(|start| before + start));
        self.items.extend_from_slice(&more.items);
        self.values.append(&more.values);
    }

    /// Assembles the parts of a model file, or returns why they do not fit together.
    pub(super) fn from_parts(
        starts: Vec<u64>,
        items: Vec<u32>,
        values: Values,
        shape: (usize, usize),
    ) -> std::result::Result<Self, String> {
        let (users, columns) = shape;
        let count = items.len();
        if starts.len() != users + 1 || starts[0] != 0 || starts[users] != count as u64 {
            return Err(format!("rated_starts: expected {} numbers from 0 to {count}", users + 1));
        }
        if values.len() != count {
            return Err(format!("{} rated values, expected {count}", values.len()));
        }
        if starts.windows(2).any(|pair| pair[0] > pair[1] || pair[1] > count as u64) {
            return Err("rated_starts: the numbers do not ascend".into());
        }
        let rated = Self { starts, items, values };
        for user in 0..users {
            let row = rated.items(user as u32);
            if row.windows(2).any(|pair| pair[0] >= pair[1]) {
                return Err(format!("rated_items: the items of row {user} do not ascend"));
            }
            if row.last().is_some_and(|&last| last as usize >= columns) {
                return Err(format!("rated_items: row {user} has an item outside 0..{columns}"));
            }
        }
        let numbers = match &rated.values {
            Values::Plain(values) => values,
            Values::Coded { codes, levels } => {
                if codes.iter().any(|&code| code as usize >= levels.len()) {
                    return Err(format!("rated_values: a code outside 0..{}", levels.len()));
                }
                levels
            }
        };
        if numbers.iter().any(|value| !value.is_finite()) {
            return Err("rated_values: found a number that is not finite".into());
        }
        Ok(rated)
    }

    /// Starts (one more than users), items, values.
    pub(super) fn parts(&self) -> (&[u64], &[u32], &Values) {
        (&self.starts, &self.items, &self.values)
    }

    /// Whether ratings were kept, even if there are none.
    pub fn is_kept(&self) -> bool {
        !self.starts.is_empty()
    }

    /// The number of users with a row; 0 if nothing was kept.
    pub fn users(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The number of ratings that are kept.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are no ratings.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn range(&self, user: u32) -> std::ops::Range<usize> {
        let user = user as usize;
        if user < self.users() { self.starts[user] as usize..self.starts[user + 1] as usize } else { 0..0 }
    }

    /// The items that a user rated, ascending; empty for a user without a row.
    pub fn items(&self, user: u32) -> &[u32] {
        &self.items[self.range(user)]
    }

    /// The number of ratings of each of `items` items.
    ///
    /// # Panics
    /// If an item is not below `items`.
    pub fn popularity(&self, items: usize) -> Vec<u32> {
        count(&self.items, items)
    }

    /// The distinct values with the number of ratings of each. If there are too many values, each rating
    /// comes on its own.
    pub fn counted(&self) -> Box<dyn Iterator<Item = (f32, u64)> + '_> {
        match &self.values {
            Values::Coded { codes, levels } => {
                let counts = codes.par_chunks(1 << 20).map(|codes| {
                    let mut counts = vec![0_u64; levels.len()];
                    codes.iter().for_each(|&code| counts[code as usize] += 1);
                    counts
                });
                let sum = |mut one: Vec<u64>, other: Vec<u64>| {
                    one.iter_mut().zip(&other).for_each(|(one, other)| *one += other);
                    one
                };
                let counts = counts.reduce(|| vec![0; levels.len()], sum);
                Box::new(levels.iter().copied().zip(counts).filter(|(_, count)| *count > 0))
            }
            Values::Plain(values) => Box::new(values.iter().map(|&value| (value, 1))),
        }
    }

    /// The ratings of a user as `(item, rating)`, items ascending.
    pub fn of(&self, user: u32) -> impl ExactSizeIterator<Item = (u32, f32)> + '_ {
        self.range(user).map(|at| (self.items[at], self.values.get(at)))
    }

    /// The rating of an item by a user, if there is one.
    pub fn get(&self, user: u32, item: u32) -> Option<f32> {
        let at = self.items(user).binary_search(&item).ok()?;
        Some(self.values.get(self.range(user).start + at))
    }
}

/// Puts every rating into the row of its user, in their order.
fn fill<T: Copy>(
    ratings: &dyn Triples,
    starts: &[usize],
    cell: impl Fn(f32) -> T,
    (items, values): (&mut [u32], &mut [T]),
) -> Result<()> {
    let mut next = starts.to_vec();
    ratings.each(&mut |_, chunk| {
        for (user, item, value) in chunk.iter() {
            let next = &mut next[user as usize];
            (items[*next], values[*next]) = (item, cell(value));
            *next += 1;
        }
        Ok(())
    })
}

/// Sorts all rows by item.
fn ascend_rows<T: Copy + Send>(starts: &[usize], into: (&mut [u32], &mut [T]), twice: &AtomicBool) {
    let (mut rows, mut rest) = (Vec::with_capacity(starts.len()), into);
    for row in starts.windows(2) {
        let count = row[1] - row[0];
        let (items, values) = (rest.0.split_at_mut(count), rest.1.split_at_mut(count));
        rows.push((items.0, values.0));
        rest = (items.1, values.1);
    }
    rows.into_par_iter().for_each(|(items, values)| {
        let mut cells: Vec<(u32, T)> = items.iter().copied().zip(values.iter().copied()).collect();
        ascend(&mut cells, twice);
        for ((item, value), cell) in items.iter_mut().zip(values).zip(cells) {
            (*item, *value) = cell;
        }
    });
}

/// Sorts a row by item, keeping the order of ratings of one item; sets `twice` if an item has several.
fn ascend<T>(cells: &mut [(u32, T)], twice: &AtomicBool) {
    cells.sort_by_key(|cell| cell.0);
    if cells.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        twice.store(true, Relaxed);
    }
}
