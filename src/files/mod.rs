//! Files that are written whole or not at all, and the places a table can go to.

mod atomic;
mod sink;

pub use atomic::AtomicFile;
pub use sink::Sink;
