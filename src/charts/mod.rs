//! Charts as inline SVG, each with a caption, a description and the numbers as a table; every string is escaped.
//!
//! Colours and fonts are those of the page around them: marks have the classes `s0`, `s1`, .. by series.

mod axis;
mod bars;
mod figure;
mod heat;
mod lines;
mod ranges;
mod table;

pub use axis::Axis;
pub use bars::{Bar, Bars};
pub use figure::{Drawing, Figure};
pub use heat::Heat;
pub use lines::{Lines, Mark, Series};
pub use ranges::{Range, Ranges};
pub use table::Table;
