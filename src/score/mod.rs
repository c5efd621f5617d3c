//! Scores of a model: single ones, tiles of users x items, the best items of a user, how sure the model is, and what is
//! alike.

mod best;
mod block;
mod deviation;
mod similar;
mod top;
mod walk;

pub use block::{predict, score, score_block};
pub use deviation::{Noise, deviation, deviation_block, needs_draws};
pub use similar::similar;
pub use top::{TopOptions, top_items};
