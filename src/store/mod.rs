//! Ratings on disk: files that `mfgpu prepare` makes, and what does not fit memory during a run.

mod block;
mod on_disk;
mod set;
mod spill;
mod stored;

pub use on_disk::OnDisk;
pub use set::{Contents, Set, is_set};
pub use spill::Spill;
pub use stored::{Room, Stored};
