//! The ratings whose items are left out of lists.

use crate::flags::paths::{Content, Reads, reads};
use crate::show::talk::{count, say};
use crate::signals;
use crate::steps::fold_in::New;
use clap::{Args, ValueHint::AnyPath};
use mfgpu::Result;
use mfgpu::input::{ReadOptions, read_ratings};
use mfgpu::model::{Model, Rated};

/// What a user has seen.
#[derive(Debug, Args)]
pub(super) struct SeenArguments {
    /// List what a user has rated, too
    #[arg(long)]
    pub(super) include_seen: bool,
    /// Ratings whose items are left out, in place of those kept in the model
    #[arg(long, value_name = "FILE", value_parser = reads(Content::Ratings), value_hint = AnyPath)]
    pub(super) ratings: Option<Reads>,
}

impl SeenArguments {
    /// The ratings whose items are left out of lists, if they are not those of the model. `kept` says whether
    /// the model came with ratings, `named` whether the users of the lists are named one by one.
    pub(super) fn read(
        &self,
        model: &Model,
        (kept, named): (bool, bool),
        new: Option<&New>,
        options: &ReadOptions,
    ) -> Result<Option<Rated>> {
        let known = new.map_or(0, |new| new.added.known);
        if known > 0 {
            let but = if self.include_seen { "" } else { " but for leaving out their items" };
            let ratings = count(known as u64, "rating");
            say(&format!(
                "note: not used{but}: {ratings} of users and items that the model knows; train again to use them"
            ));
        }
        if self.include_seen {
            return Ok(None);
        }
        let (users, items) = (model.users.len(), model.items.len());
        let mut seen = None;
        if let Some(path) = &self.ratings {
            let (data, _) = read_ratings(&[path.to_path_buf()], options, &mut signals::check)?;
            seen = Some(Rated::from_ratings(&data.among(&model.users, &model.items).0, users, items));
        } else if !kept && (new.is_none() || named) {
            say("note: the model kept no ratings, so lists may hold what was seen; name them with --ratings");
        }
        // When all new ratings were folded in, they are already in the model.
        if let Some(new) = new.filter(|_| known > 0 || self.ratings.is_some()) {
            let (more, _) = new.data.among(&model.users, &model.items);
            seen.get_or_insert_with(|| model.rated.clone()).add(&more, users, items);
        }
        Ok(seen)
    }
}
