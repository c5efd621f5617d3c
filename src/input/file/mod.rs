//! Files of ratings: which they are, and their bytes.

mod arrays;
pub(super) mod directory;
mod foreign;
pub(super) mod open;
mod utf16;
