//! What an engine trains on: staged ratings, and ratings held out.

use crate::ratings::{Kept, Ratings, Scale, Sides, Staged};

/// With fewer held-out ratings than this nothing can be decided by them.
pub(super) const ENOUGH_HELD_OUT: usize = 30;

/// Ratings that are not learnt from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Those to stop by.
    HeldOut,
    /// Those to measure by.
    Test,
}

/// Ratings ready for an engine, in training numbers and standard units.
#[derive(Debug, Default)]
pub struct Problem {
    /// What is learnt from.
    pub staged: Staged,
    /// What is held out.
    pub held_out: Ratings,
    /// What the model is measured by while it is made; nothing is decided by it.
    pub test: Ratings,
    /// The smallest and largest rating in standard units; predictions that are measured are clipped to them.
    pub range: (f32, f32),
}

impl Problem {
    /// Stages `kept` and translates `held_out`, both numbered for `size`. Held-out ratings of
    /// users or items that `kept` does not know say nothing about training, and are left out.
    pub fn new<'a>(
        kept: impl Into<Kept<'a>>,
        held_out: &Ratings,
        size: impl Into<Sides<usize>>,
        scale: Scale,
        (stages, seed): (usize, u64),
    ) -> Self {
        let size = size.into();
        let stages = stages.min(size.users).max(1);
        let staged = Staged::build(kept, size, stages, scale, seed);
        let held_out = translated(held_out, &staged, scale);
        let range = (scale.standard(scale.low), scale.standard(scale.high));
        Self { staged, held_out, test: Ratings::default(), range }
    }

    /// The same problem with ratings to measure by, numbered as those it was made of.
    #[must_use]
    pub fn with_test(self, test: &Ratings, scale: Scale) -> Self {
        Self { test: translated(test, &self.staged, scale), ..self }
    }

    /// The ratings of a set.
    pub fn set(&self, set: Set) -> &Ratings {
        match set {
            Set::HeldOut => &self.held_out,
            Set::Test => &self.test,
        }
    }
}

/// In training numbers and standard units, those of users and items that training knows.
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
