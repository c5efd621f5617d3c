//! Scores of a model: single ones, tiles of users x items, and the best items of a user.

mod block;
mod top;

pub use block::{predict, score, score_block};
pub use top::{TopOptions, top_items};
