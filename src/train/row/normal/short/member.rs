//! The input of the solution of short rows.

use crate::ratings::CellSlice;
use crate::train::row::normal::fixed::FixedSide;

/// The fixed side in the coordinates of a sweep.
#[derive(Debug, Clone, Copy)]
pub struct ShortSide<'a> {
    /// Its rows and their implicit features.
    pub fixed: FixedSide<'a>,
    /// The last numbers of the rows; none where these are what a rating depends on the bias by.
    pub ends: &'a [f32],
    /// The last numbers of the implicit features; none where all are zero.
    pub implicit_ends: &'a [f32],
}

/// A row to solve for.
#[derive(Debug, Clone, Copy)]
pub struct ShortMember<'a> {
    /// The ratings, each with a row of the fixed side.
    pub ratings: CellSlice<'a>,
    /// The row's place in the sweep.
    pub entry: usize,
    /// The row's number.
    pub number: u32,
    /// The place of the row among the factors and states.
    pub place: usize,
    /// The precision of the row's ratings relative to those of other rows.
    pub weight: f32,
}
