//! Ratings that can be trained on: those in memory, and those on disk.

use super::{Draw, Kept, Ratings, Scale, Sides, Staged, Triples, marked, part};
use crate::Result;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// How ratings are prepared for training.
pub struct Staging<'a> {
    /// The number of users and of items.
    pub size: Sides<usize>,
    /// The number of groups of users.
    pub stages: usize,
    /// The map to standard units.
    pub scale: Scale,
    /// Decides the groups and the order of the ratings of a row.
    pub seed: u64,
    /// The rows whose ratings are wanted, by training number; all if there are no others.
    pub own: Option<&'a (dyn Fn(u32) -> bool + Sync)>,
}

/// Ratings that can be trained on, wherever they are.
pub trait Trainable: Triples {
    /// Prepares the ratings for training, without those that are left out.
    ///
    /// # Errors
    /// Those of reading and of writing.
    fn staged(&self, left_out: LeftOut, how: &Staging) -> Result<Staged>;

    /// Splits the ratings by their marks into those that stay and those that are marked.
    ///
    /// # Errors
    /// Those of reading and of writing.
    fn parted(&self, marks: &[bool]) -> Result<(Arc<dyn Trainable>, Ratings)>;
}

impl Trainable for Ratings {
    fn staged(&self, left_out: LeftOut, how: &Staging) -> Result<Staged> {
        let marks = left_out.marks(0..self.len());
        let Staging { size, stages, scale, seed, own } = *how;
        let staged = Staged::build(Kept::without(self, &marks), size, stages, scale, seed);
        Ok(match own {
            Some(own) => staged.only(own),
            None => staged,
        })
    }

    fn parted(&self, marks: &[bool]) -> Result<(Arc<dyn Trainable>, Ratings)> {
        let (kept, taken) = part(self, marks);
        Ok((Arc::new(kept), taken))
    }
}

/// Which ratings are left out, by their positions.
#[derive(Debug, Clone, Copy)]
pub enum LeftOut<'a> {
    /// None.
    Nothing,
    /// A random part.
    Random(Draw),
    /// Those that are marked; there is one mark for each rating.
    Marked(&'a [bool]),
}

impl<'a> LeftOut<'a> {
    /// One mark for each of these ratings, or no marks if none is left out.
    pub(super) fn marks(self, places: Range<usize>) -> Cow<'a, [bool]> {
        match self {
            Self::Nothing => Cow::Borrowed(&[]),
            Self::Random(draw) => Cow::Owned(draw.marks(places)),
            Self::Marked(marks) => Cow::Borrowed(&marks[places]),
        }
    }

    /// The ratings that are left out.
    ///
    /// # Errors
    /// Those of reading.
    pub fn of(self, ratings: &dyn Triples) -> Result<Ratings> {
        if let (Some(held), Self::Marked(marks)) = (ratings.held(), self) {
            return Ok(marked(held, marks));
        }
        let mut chosen = Ratings::default();
        ratings.each(&mut |first, chunk| {
            let marks = self.marks(first..first + chunk.len());
            for ((user, item, value), _) in chunk.iter().zip(&*marks).filter(|(_, mark)| **mark) {
                chosen.push(user, item, value);
            }
            Ok(())
        })?;
        Ok(chosen)
    }
}
