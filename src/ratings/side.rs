//! The two sides of a ratings table, a pair of values for them, and a side of a stage.

use serde::{Deserialize, Serialize};
use std::ops::{Index, IndexMut};

/// The two sides of a ratings table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The rows of the table: the users, who rate.
    User,
    /// The columns of the table: the items, which are rated.
    Item,
}

impl Side {
    /// Both sides, users first.
    pub const BOTH: [Self; 2] = [Self::User, Self::Item];

    /// The other side, which is fixed while this one moves.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::User => Self::Item,
            Self::Item => Self::User,
        }
    }

    /// 0 for users, 1 for items.
    pub fn index(self) -> usize {
        self as usize
    }

    /// `user` or `item`.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Item => "item",
        }
    }
}

/// A side of a stage: the unit that one sweep updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The stage, from 0.
    pub stage: usize,
    /// The side that moves.
    pub side: Side,
}

/// One value for each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sides<T> {
    /// The value for the users.
    pub users: T,
    /// The value for the items.
    pub items: T,
}

impl<T> Sides<T> {
    /// Calls `make` for each side, users first.
    pub fn from_fn(mut make: impl FnMut(Side) -> T) -> Self {
        let users = make(Side::User);
        Self { users, items: make(Side::Item) }
    }

    /// As [`from_fn`](Self::from_fn), but stops at the first error.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn try_from_fn<E>(mut make: impl FnMut(Side) -> Result<T, E>) -> Result<Self, E> {
        let users = make(Side::User)?;
        Ok(Self { users, items: make(Side::Item)? })
    }

    /// References to both.
    pub fn as_ref(&self) -> Sides<&T> {
        Sides { users: &self.users, items: &self.items }
    }

    /// Mutable references to both.
    pub fn as_mut(&mut self) -> Sides<&mut T> {
        Sides { users: &mut self.users, items: &mut self.items }
    }

    /// Applies `make` to each value, users first.
    pub fn map<U>(self, mut make: impl FnMut(T) -> U) -> Sides<U> {
        let users = make(self.users);
        Sides { users, items: make(self.items) }
    }

    /// Pairs each value with that of `other`.
    pub fn zip<U>(self, other: Sides<U>) -> Sides<(T, U)> {
        Sides { users: (self.users, other.users), items: (self.items, other.items) }
    }

    /// Users, then items.
    pub fn into_array(self) -> [T; 2] {
        [self.users, self.items]
    }

    /// Both by reference, users first.
    pub fn iter(&self) -> std::array::IntoIter<&T, 2> {
        self.as_ref().into_array().into_iter()
    }

    /// Both by mutable reference, users first.
    pub fn iter_mut(&mut self) -> std::array::IntoIter<&mut T, 2> {
        self.as_mut().into_array().into_iter()
    }

    /// The value for `side`.
    pub fn into_side(self, side: Side) -> T {
        match side {
            Side::User => self.users,
            Side::Item => self.items,
        }
    }

    /// The value for `side`, which moves, and the value for the other side, which is fixed.
    pub fn moving(&mut self, side: Side) -> (&mut T, &T) {
        match side {
            Side::User => (&mut self.users, &self.items),
            Side::Item => (&mut self.items, &self.users),
        }
    }

    /// A pair with `own` for `side` and `other` for the other side.
    pub fn with(side: Side, own: T, other: T) -> Self {
        match side {
            Side::User => Self { users: own, items: other },
            Side::Item => Self { users: other, items: own },
        }
    }
}

impl<T> IntoIterator for Sides<T> {
    type Item = T;
    type IntoIter = std::array::IntoIter<T, 2>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_array().into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Sides<T> {
    type Item = &'a T;
    type IntoIter = std::array::IntoIter<&'a T, 2>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Sides<T> {
    type Item = &'a mut T;
    type IntoIter = std::array::IntoIter<&'a mut T, 2>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T> Index<Side> for Sides<T> {
    type Output = T;

    fn index(&self, side: Side) -> &T {
        match side {
            Side::User => &self.users,
            Side::Item => &self.items,
        }
    }
}

impl<T> IndexMut<Side> for Sides<T> {
    fn index_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::User => &mut self.users,
            Side::Item => &mut self.items,
        }
    }
}

impl<T> From<(T, T)> for Sides<T> {
    fn from((users, items): (T, T)) -> Self {
        Self { users, items }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_an_index() {
        let mut sides = Sides::from((1, 2));
        assert_eq!(Side::BOTH.map(|side| sides[side]), [1, 2]);
        assert_eq!(Side::BOTH.map(Side::index), [0, 1]);
        sides[Side::Item] = 5;
        let (own, fixed) = sides.moving(Side::Item);
        *own += *fixed;
        assert_eq!(sides, Sides { users: 1, items: 6 });
        assert_eq!(Sides::with(Side::Item, 6, 1), sides);
        assert_eq!(sides.zip(sides.map(|n| 2 * n)), Sides { users: (1, 2), items: (6, 12) });
        assert_eq!(Sides::from_fn(|side| side.other().name()).into_array(), ["item", "user"]);
        let mut asked = Vec::new();
        let failed: Result<Sides<u8>, Side> = Sides::try_from_fn(|side| {
            asked.push(side);
            Err(side)
        });
        assert_eq!((failed, asked), (Err(Side::User), vec![Side::User]));
    }
}
