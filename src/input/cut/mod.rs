//! Cuts files into pieces that are parsed by themselves.

pub(super) mod cutter;
pub(super) mod pieces;
pub(super) mod size;
