//! What a model file is called, and what its metadata says about its format.

/// The name of the model in a run directory.
pub const FILE_NAME: &str = "model.safetensors";

/// The version of the file format that is written, and the only one that is read.
pub(super) const FORMAT_VERSION: &str = "1";

/// The value of the metadata key `format`.
pub(super) const FORMAT: &str = "mfgpu";
