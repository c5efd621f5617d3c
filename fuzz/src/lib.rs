//! What is fuzzed, for the targets in `fuzz_targets`.

pub mod sequence;
pub mod targets;
