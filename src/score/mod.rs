//! Scores: single ones, tiles of users x items, the best items of a user and the best users of an item, their
//! uncertainty, similar items or users, and why an item is in a list.
//!
//! All but the last needs only the draws, which are posterior samples of the factors, and takes users and
//! items as row numbers. So it accepts any `AsRef<[Factors]>`: a [`Model`](crate::model::Model), or factors
//! that have no ids yet.

mod best;
mod block;
mod deviation;
#[cfg(feature = "gpu")]
mod device;
#[cfg(not(feature = "gpu"))]
#[path = "device_disabled.rs"]
mod device;
mod explain;
mod form;
mod lists;
mod options;
mod packed;
mod similar;
mod single;
mod tile;
mod top;
mod top_users;
mod vectors;

pub use block::ItemBlock;
pub use deviation::{Noise, deviation, deviation_about, needs_draws};
pub use explain::{Explain, needs_lists};
pub use options::{TopOptions, least_score};
pub use similar::{similar, similar_among};
pub use single::{predict, score};
pub use top::{TopItems, multiplications, top_items};
pub use top_users::TopUsers;
pub use vectors::SearchVectors;
