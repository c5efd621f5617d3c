//! Scores: single ones, tiles of users x items, the best items of a user and the best users of an item, their
//! uncertainty, and similar items or users.
//!
//! All of this needs only the draws, which are posterior samples of the factors, and takes users and items as
//! row numbers. So it accepts any `AsRef<[Factors]>`: a [`Model`](crate::model::Model), or factors that have
//! no ids yet.

mod best;
mod block;
mod deviation;
#[cfg(feature = "gpu")]
mod device;
#[cfg(not(feature = "gpu"))]
#[path = "device_disabled.rs"]
mod device;
mod form;
mod lists;
mod options;
mod packed;
mod similar;
mod single;
mod tile;
mod top;
mod top_users;

pub use block::ItemBlock;
pub use deviation::{Noise, deviation, deviation_about, needs_draws};
pub use options::TopOptions;
pub use similar::similar;
pub use single::{predict, score};
pub use top::{TopItems, multiplications, top_items};
pub use top_users::TopUsers;
