//! What an engine trains on: staged ratings, and ratings held out.

use crate::ratings::{Ratings, Scale, Staged};

/// Ratings ready for an engine, in training numbers and standard units.
#[derive(Debug, Default)]
pub struct Problem {
    /// What is learnt from.
    pub staged: Staged,
    /// What is held out.
    pub held_out: Ratings,
    /// The smallest and largest rating in standard units; held-out predictions are clipped to them.
    pub range: (f32, f32),
}

impl Problem {
    /// Stages `kept` and translates `held_out`, both numbered for `size` = users x items. Held-out ratings of
    /// users or items that `kept` does not know say nothing about training, and are left out.
    pub fn new(
        kept: &Ratings,
        held_out: &Ratings,
        size: (usize, usize),
        scale: Scale,
        (stages, seed): (usize, u64),
    ) -> Self {
        let stages = stages.min(size.0).max(1);
        let staged = Staged::build(kept, size, stages, scale, seed);
        let mut translated = Ratings::default();
        for (user, item, value) in held_out.iter() {
            let (user, item) = (staged.user_place[user as usize], staged.item_place[item as usize]);
            if staged.user_activity[user as usize] > 0 && staged.item_activity[item as usize] > 0 {
                translated.push(user, item, scale.standard(value));
            }
        }
        let range = (scale.standard(scale.low), scale.standard(scale.high));
        Self { staged, held_out: translated, range }
    }
}
