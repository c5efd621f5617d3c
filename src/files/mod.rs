//! Files that are written whole or not at all, and the destinations of tables.

mod atomic;
mod free_space;
mod identity;
mod remove;
mod sink;

pub use atomic::{AtomicFile, PARTIAL};
pub use free_space::free_space;
pub use identity::{Identity, same_file};
pub(crate) use identity::{below, entries};
pub(crate) use remove::remove_directory;
pub use sink::Sink;
