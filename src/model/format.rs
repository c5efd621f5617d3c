//! The name of a model file, and the metadata that describe its format.

/// The name of the model in a run directory.
pub const FILE_NAME: &str = "model.safetensors";

/// The name of the model of lists beside it.
pub const LISTS_FILE_NAME: &str = "lists.safetensors";

/// The version of the file format that is written; no other one is read.
pub(super) const FORMAT_VERSION: &str = "1";

/// The value of the metadata key `format`.
pub(super) const FORMAT: &str = "mfgpu";
