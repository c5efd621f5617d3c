//! Files that are written whole or not at all, and the destinations of tables.

mod atomic;
mod remove;
mod room;
mod sink;

pub use atomic::{AtomicFile, PARTIAL};
pub(crate) use remove::remove_directory;
pub use room::room;
pub use sink::Sink;
