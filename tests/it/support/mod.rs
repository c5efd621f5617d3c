//! Helpers shared by the tests of this binary.

#[cfg(feature = "parquet")]
pub(crate) mod parquet_files;
pub(crate) mod planted;
pub(crate) mod tables;
