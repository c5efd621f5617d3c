//! What several tests of this binary use.

#[cfg(feature = "parquet")]
pub(crate) mod parquet_files;
pub(crate) mod planted;
pub(crate) mod tables;
