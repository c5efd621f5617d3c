//! The ratings a model was trained on, by user: for leaving seen items out and for cells that are known.

use crate::ratings::Ratings;
use rayon::prelude::*;

/// Ratings by user (CSR), items ascending in a row, at 5 bytes a rating when there are at most 256 different
/// values. The default is "not kept": it has no rows, and every user counts as having rated nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rated {
    starts: Vec<u64>,
    items: Vec<u32>,
    values: Values,
}

/// The ratings themselves, in the order of the items.
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
    /// Adds `more` behind; its levels may be others.
    fn append(&mut self, more: &Self) {
        let added = (0..more.len()).map(|at| more.get(at));
        if let (Self::Coded { codes, levels }, Self::Coded { levels: new, .. }) = (&mut *self, more) {
            let mut union: Vec<f32> = levels.iter().chain(new).copied().collect();
            union.sort_by(f32::total_cmp);
            union.dedup_by_key(|level| level.to_bits());
            if union.len() <= 256 {
                let code = |level: &f32| {
                    union.binary_search_by(|other| other.total_cmp(level)).map_or(0, |at| at as u8)
                };
                let moved: Vec<u8> = levels.iter().map(code).collect();
                codes.iter_mut().for_each(|code| *code = moved[*code as usize]);
                codes.extend(added.map(|level| code(&level)));
                *levels = union;
                return;
            }
        }
        *self = Self::Plain((0..self.len()).map(|at| self.get(at)).chain(added).collect());
    }
}

impl Rated {
    /// Sorts ratings of `users` x `items`. Of several ratings of one item by one user the last counts.
    ///
    /// # Panics
    /// If a rating's user or item is not below `users` or `items`.
    pub fn from_ratings(ratings: &Ratings, users: usize, items: usize) -> Self {
        let mut starts = vec![0_u64; users + 1];
        for &user in &ratings.users {
            starts[user as usize + 1] += 1;
        }
        for user in 0..users {
            starts[user + 1] += starts[user];
        }
        let mut next = starts.clone();
        let mut cells = vec![(0_u32, 0_f32); ratings.len()];
        for (user, item, value) in ratings.iter() {
            assert!((item as usize) < items, "item {item} of {items}");
            let at = &mut next[user as usize];
            cells[*at as usize] = (item, value);
            *at += 1;
        }
        drop(next);

        let mut rows = Vec::with_capacity(users);
        let mut rest = cells.as_mut_slice();
        for user in 0..users {
            let (row, tail) = rest.split_at_mut((starts[user + 1] - starts[user]) as usize);
            rows.push(row);
            rest = tail;
        }
        // A stable sort, so that the last of equal items is the last in file order.
        rows.par_iter_mut().for_each(|row| row.sort_by_key(|cell| cell.0));

        let mut kept_items = Vec::with_capacity(ratings.len());
        let mut values = Vec::with_capacity(ratings.len());
        let mut kept_starts = Vec::with_capacity(users + 1);
        kept_starts.push(0);
        for row in rows {
            for (at, &(item, value)) in row.iter().enumerate() {
                if row.get(at + 1).is_none_or(|next| next.0 != item) {
                    kept_items.push(item);
                    values.push(value);
                }
            }
            kept_starts.push(kept_items.len() as u64);
        }
        drop(cells);
        Self { starts: kept_starts, items: kept_items, values: coded(values) }
    }

    /// Adds ratings of `users` x `items`, which are no fewer than before. Where one is there already, the new one counts.
    /// Rows behind the last one are added without touching those before.
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

    /// Puts the parts of a model file together, or says why they do not fit.
    pub(super) fn from_parts(
        starts: Vec<u64>,
        items: Vec<u32>,
        values: Values,
        shape: (usize, usize),
    ) -> Result<Self, String> {
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

    /// Whether ratings were kept, be they none.
    pub fn is_kept(&self) -> bool {
        !self.starts.is_empty()
    }

    /// How many users have a row; 0 if nothing was kept.
    pub fn users(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// How many ratings are kept.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is no rating.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn range(&self, user: u32) -> std::ops::Range<usize> {
        let user = user as usize;
        if user < self.users() { self.starts[user] as usize..self.starts[user + 1] as usize } else { 0..0 }
    }

    /// The items a user rated, ascending; none for a user without a row.
    pub fn items(&self, user: u32) -> &[u32] {
        &self.items[self.range(user)]
    }

    /// How many ratings each of `items` items has.
    ///
    /// # Panics
    /// If an item is not below `items`.
    pub fn popularity(&self, items: usize) -> Vec<u32> {
        let mut counts = vec![0; items];
        self.items.iter().for_each(|&item| counts[item as usize] += 1);
        counts
    }

    /// What a user rated, as `(item, rating)`, items ascending.
    pub fn of(&self, user: u32) -> impl ExactSizeIterator<Item = (u32, f32)> + '_ {
        self.range(user).map(|at| (self.items[at], self.values.get(at)))
    }

    /// What a user gave an item, if he rated it.
    pub fn get(&self, user: u32, item: u32) -> Option<f32> {
        let at = self.items(user).binary_search(&item).ok()?;
        Some(self.values.get(self.range(user).start + at))
    }
}

/// Codes of a byte each, if 256 levels suffice. Levels are told apart by their bits.
fn coded(values: Vec<f32>) -> Values {
    let mut levels: Vec<f32> = Vec::new();
    for value in &values {
        if let Err(at) = levels.binary_search_by(|level| level.total_cmp(value)) {
            if levels.len() == 256 {
                return Values::Plain(values);
            }
            levels.insert(at, *value);
        }
    }
    let code = |value: &f32| levels.binary_search_by(|level| level.total_cmp(value)).map_or(0, |at| at as u8);
    let codes = values.par_iter().map(code).collect();
    Values::Coded { codes, levels }
}
