//! Files that are written whole or not at all, and the places a table can go to.

mod atomic;
mod room;
mod sink;

pub use atomic::{AtomicFile, PARTIAL};
pub use room::room;
pub use sink::Sink;
