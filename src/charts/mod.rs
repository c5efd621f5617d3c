//! Charts as inline SVG, each with a caption, a description and the numbers as a table; every string is
//! escaped.
//!
//! Colours and fonts are those of the page around them: marks have the classes `s0`, `s1`, .. by series.

mod axis;
mod bars;
mod figure;
mod heat;
mod key;
mod lines;
mod place;
mod ranges;
mod table;

pub(crate) use axis::Axis;
pub(crate) use bars::{Bar, Bars};
pub(crate) use figure::{Drawing, Figure, figures};
pub(crate) use heat::Heat;
pub(crate) use lines::{Lines, Mark, Series};
pub(crate) use ranges::{Range, Ranges, Row};
pub(crate) use table::Table;
