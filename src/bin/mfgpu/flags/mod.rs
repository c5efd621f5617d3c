//! Flags that belong to no command alone: structs of clap arguments, and how they are laid over settings.

pub(crate) mod evaluation;
pub(crate) mod input;
pub(crate) mod output;
pub(crate) mod settings;
pub(crate) mod train;
