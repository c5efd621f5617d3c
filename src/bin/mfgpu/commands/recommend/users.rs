//! The users of lists.

use crate::show::talk::{count, say};
use crate::steps::fold_in::New;
use mfgpu::model::Model;
use mfgpu::output::User;

/// The new users.
pub(super) fn added<'a>(model: &'a Model, new: &New) -> Vec<User<'a>> {
    if new.added.users == 0 {
        say("note: no user is new, so there is nothing to list; name users with --users");
    }
    User::all(model).split_off(model.users.len() - new.added.users)
}

/// The users of these ids that the model knows; reports how many it does not know.
pub(super) fn known<'a>(model: &'a Model, ids: &'a [Vec<u8>]) -> Vec<User<'a>> {
    let users: Vec<User> =
        ids.iter().map(|id| User::find(model, id)).filter(|user| user.row.is_some()).collect();
    let unknown = ids.len() - users.len();
    if unknown > 0 {
        say(&format!(
            "note: the model does not know {}, who cannot be listed",
            count(unknown as u64, "user")
        ));
    }
    users
}
