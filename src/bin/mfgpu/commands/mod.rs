//! The commands, one file each: the arguments with their help, and their execution.

pub(crate) mod bench;
pub(crate) mod compare;
pub(crate) mod complete;
pub(crate) mod completions;
pub(crate) mod describe;
pub(crate) mod devices;
pub(crate) mod evaluate;
pub(crate) mod export;
pub(crate) mod find;
pub(crate) mod generate;
pub(crate) mod manual;
pub(crate) mod predict;
pub(crate) mod prepare;
pub(crate) mod recommend;
pub(crate) mod report;
pub(crate) mod resume;
pub(crate) mod runs;
pub(crate) mod similar;
pub(crate) mod train;
