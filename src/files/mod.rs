//! All that the program asks of a file system: files that are written whole or not at all, the destinations
//! of tables, inputs that may not change while they are read, and the program's own files.

mod atomic;
mod disk;
#[cfg(all(debug_assertions, unix))]
mod faults;
#[cfg(not(all(debug_assertions, unix)))]
#[path = "faults_disabled.rs"]
mod faults;
mod file;
mod free_space;
mod identity;
mod partial;
mod scratch;
mod sink;

pub use atomic::AtomicFile;
pub(crate) use atomic::Contents;
pub use disk::{entries, found, length, make_directories, make_directory, metadata, remove_empty_directory};
pub(crate) use disk::{remove_file, rename, sync_directory};
pub use file::{File, read, read_own, read_own_text, read_text};
pub(crate) use file::{own_read, own_write, refuse};
pub use free_space::free_space;
pub(crate) use identity::below;
pub use identity::{Identity, same_file};
pub use partial::PARTIAL;
pub(crate) use partial::{is_partial, sweep};
pub use scratch::Scratch;
pub use sink::Sink;
