//! The input of an engine: staged ratings, held-out ratings and test ratings.

use crate::comm::Share;
use crate::model::Rated;
use crate::ratings::{Kept, Ratings, Scale, Sides, Staged};
use std::ops::Range;
use std::sync::OnceLock;

/// The smallest number of held-out ratings that anything is decided by.
pub(super) const ENOUGH_HELD_OUT: usize = 30;

/// The ratings of a set that an engine measures are those of whole parts of this many.
pub(super) const PART: usize = 8192;

/// A set of ratings that are not trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// The validation ratings.
    HeldOut,
    /// The test ratings.
    Test,
}

/// Ratings ready for an engine, in training positions and standard units.
#[derive(Debug, Default)]
pub struct Problem {
    /// The ratings to train on.
    pub staged: Staged,
    /// The held-out validation ratings.
    pub held_out: Ratings,
    /// The test ratings. The model is measured on them during training, but nothing is decided by them.
    pub test: Ratings,
    /// The smallest and largest rating in standard units. Predictions are clipped to them before they are
    /// measured.
    pub range: (f32, f32),
    /// For a criterion of lists: the users and items of the relevant ratings of each [`Set`], in training
    /// positions. The items may be without ratings to train on.
    pub relevant: [Vec<(u32, u32)>; 2],
    /// The mean weight of a preference, in the units of the ratings; 1 where ratings are no preferences.
    pub mean_weight: f32,
    /// The rank of several that the ratings to train on are for.
    pub share: Share,
    /// For a criterion of lists: what the users that are measured on a [`Set`] were trained on, once it was read.
    pub seen: [OnceLock<Rated>; 2],
}

impl Problem {
    /// Stages `kept` and translates `held_out`; `size` is the number of users and items of both. Held-out
    /// ratings of users or items that do not occur in `kept` say nothing about training and are left out.
    pub fn new<'a>(
        kept: impl Into<Kept<'a>>,
        held_out: &Ratings,
        size: impl Into<Sides<usize>>,
        scale: Scale,
        (stages, seed): (usize, u64),
    ) -> Self {
        let size = size.into();
        let stages = stages.min(size.users).max(1);
        Self::of(Staged::build(kept, size, stages, scale, seed), held_out, scale)
    }

    /// As [`new`](Self::new), for ratings that are staged.
    pub(super) fn of(staged: Staged, held_out: &Ratings, scale: Scale) -> Self {
        let held_out = translated(held_out, &staged, scale);
        let range = (scale.standard(scale.low), scale.standard(scale.high));
        Self {
            staged,
            held_out,
            test: Ratings::default(),
            range,
            relevant: Default::default(),
            mean_weight: scale.deviation as f32,
            share: Share::ALL,
            seen: Default::default(),
        }
    }

    /// The same problem with test ratings, numbered as the ratings that it was made of.
    #[must_use]
    pub fn with_test(self, test: &Ratings, scale: Scale) -> Self {
        Self { test: translated(test, &self.staged, scale), ..self }
    }

    /// The same problem with the relevant ratings among `held_out` and `test`, numbered as the ratings that it was
    /// made of: those from `from` on of users that occur in training.
    #[must_use]
    pub fn with_relevant(self, held_out: &Ratings, test: Option<&Ratings>, from: f32) -> Self {
        let Staged { position, activity, .. } = &self.staged;
        let pairs = |ratings: &Ratings| -> Vec<(u32, u32)> {
            let relevant = ratings.iter().filter(|(.., value)| *value >= from);
            let placed = relevant
                .map(|(user, item, _)| (position.users[user as usize], position.items[item as usize]));
            placed.filter(|(user, _)| activity.users[*user as usize] > 0).collect()
        };
        Self { relevant: [pairs(held_out), test.map(pairs).unwrap_or_default()], ..self }
    }

    /// The problem of one rank of several, with the ratings to train on of that rank's rows alone.
    #[must_use]
    pub(super) fn of_rank(&self, share: Share) -> Self {
        let Self { held_out, test, range, relevant, mean_weight, .. } = self;
        let staged =
            if share.is_all() { self.staged.clone() } else { self.staged.only(|row| share.owns(row)) };
        let (held_out, test, relevant) = (held_out.clone(), test.clone(), relevant.clone());
        let seen = Default::default();
        Self { staged, held_out, test, range: *range, relevant, mean_weight: *mean_weight, share, seen }
    }

    /// The ratings of a set that an engine measures: all, or those of its rank.
    pub(super) fn measured(&self, set: Set) -> Range<usize> {
        self.share.slice(self.set(set).len(), PART)
    }

    /// The ratings of a set.
    pub fn set(&self, set: Set) -> &Ratings {
        match set {
            Set::HeldOut => &self.held_out,
            Set::Test => &self.test,
        }
    }
}

/// The ratings whose user and item occur in training, in training positions and standard units.
fn translated(ratings: &Ratings, staged: &Staged, scale: Scale) -> Ratings {
    let mut translated = Ratings::default();
    let Staged { position, activity, .. } = staged;
    for (user, item, value) in ratings.iter() {
        let (user, item) = (position.users[user as usize], position.items[item as usize]);
        if activity.users[user as usize] > 0 && activity.items[item as usize] > 0 {
            translated.push(user, item, scale.standard(value));
        }
    }
    translated
}
