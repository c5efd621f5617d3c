//! Datasets for users of the library: from files or from memory.

use super::duplicates;
use super::gather::Gathered;
use super::options::{Duplicates, ReadOptions};
use super::read_ratings;
use super::value::field::show;
use crate::ratings::{Dataset, Feedback, Id, is_rating};
use crate::{Error, Result};
use std::path::Path;

impl Dataset {
    /// Reads a file of ratings, or all files of a directory; layout and columns are detected.
    ///
    /// # Errors
    /// [`Error::Input`] with `file:line` for rows that cannot be read and for files without ratings,
    /// [`Error::Read`] for files that cannot be read.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        Self::read_with(&[path], &ReadOptions::default())
    }

    /// Reads several files, one after the other, as the options say.
    ///
    /// # Errors
    /// As [`read`](Self::read); [`Error::Usage`] for columns that do not exist.
    pub fn read_with(paths: &[impl AsRef<Path>], options: &ReadOptions) -> Result<Self> {
        let paths: Vec<_> = paths.iter().map(|path| path.as_ref().to_owned()).collect();
        Ok(read_ratings(&paths, options, &mut |_, _| Ok(()))?.0)
    }

    /// Collects ratings `(user, item, rating)` from memory: 12 bytes each, and the ids. If a user rated an
    /// item several times, the last rating counts.
    ///
    /// ```
    /// use mfgpu::Dataset;
    ///
    /// let named = Dataset::from_triples([("ann", "tea", 5.0), ("ann", "ham", 1.0), ("bob", "tea", 4.0)])?;
    /// assert_eq!((named.users.len(), named.items.len(), named.ratings.len()), (2, 2, 3));
    /// let numbered = Dataset::from_triples((0..9_u32).map(|n| (n % 3, n / 3, f64::from(n))))?;
    /// assert_eq!(numbered.ratings.len(), 9);
    /// # Ok::<(), mfgpu::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Input`] if there are none, or if one is not finite or beyond 1e30; [`Error::TooLarge`] if there are 2^32 or
    /// more.
    pub fn from_triples<User: Id, Item: Id, Rating: Into<f64>>(
        triples: impl IntoIterator<Item = (User, Item, Rating)>,
    ) -> Result<Self> {
        let mut gathered = Gathered::default();
        let data = &mut gathered.dataset;
        let (mut user_id, mut item_id) = (Vec::new(), Vec::new());
        for (user, item, rating) in triples {
            user_id.clear();
            item_id.clear();
            user.append_to(&mut user_id);
            item.append_to(&mut item_id);
            let value = rating.into() as f32;
            if !is_rating(value) {
                let (number, user, item) = (data.ratings.len() + 1, show(&user_id), show(&item_id));
                return Err(Error::Input(format!(
                    "rating {number}, of item `{item}` by user `{user}`, is {value}, expected a number from -1e30 to 1e30"
                )));
            }
            data.ratings.push(data.users.number(&user_id), data.items.number(&item_id), value);
        }
        if data.ratings.is_empty() {
            return Err(Error::Input("there are no ratings, expected one at least".into()));
        }
        duplicates::merge(&mut gathered, Duplicates::of(Feedback::Ratings))?;
        Ok(gathered.dataset)
    }

    /// As [`from_triples`](Self::from_triples), from a column of users, one of items, and one of ratings.
    ///
    /// # Errors
    /// As [`from_triples`](Self::from_triples); [`Error::Usage`] if the columns differ in length.
    pub fn from_columns(
        users: &[impl Id],
        items: &[impl Id],
        ratings: &[impl Copy + Into<f64>],
    ) -> Result<Self> {
        let lengths = [users.len(), items.len(), ratings.len()];
        if lengths != [ratings.len(); 3] {
            let [users, items, ratings] = lengths;
            return Err(Error::Usage(format!(
                "users has {users} rows, items {items}, and ratings {ratings}; expected as many of each"
            )));
        }
        let pairs = users.iter().zip(items).zip(ratings);
        Self::from_triples(pairs.map(|((user, item), rating)| (user, item, *rating)))
    }
}
