//! A heat map: in each column, how a whole is spread over the rows.

use super::figure::Frame;
use super::key::{Key, dot};
use super::place::at;
use super::{Axis, Drawing};
use maud::html;

/// Columns of cells, each with a typical value.
#[derive(Debug, Clone)]
pub(crate) struct Heat {
    /// The axis of the columns, with a position for each.
    pub(crate) x: Axis,
    /// The axis of the rows.
    pub(crate) y: Axis,
    /// The part of each column's whole that is in each of its cells, from the bottom; cells are of equal
    /// height and fill the range of `y`.
    pub(crate) columns: Vec<Vec<f64>>,
    /// For each column, a typical value, and the value it ought to have.
    pub(crate) points: Vec<(f64, f64)>,
    /// The names of the points, and of the bars where they ought to be.
    pub(crate) names: (&'static str, &'static str),
}

impl Heat {
    /// Draws it.
    pub(crate) fn draw(&self) -> Drawing {
        let frame = Frame { x: &self.x, y: &self.y };
        let (low, high) = self.y.range;
        let largest = self.columns.iter().flatten().copied().fold(1e-9, f64::max);
        let content = html! {
            (frame.markup())
            @for (n, column) in self.columns.iter().enumerate() {
                @let (left, right) = (frame.across(n as f64 - 0.48), frame.across(n as f64 + 0.48));
                @let step = (high - low) / column.len() as f64;
                @for (row, part) in column.iter().enumerate().filter(|(_, part)| **part > 0.002 * largest) {
                    @let (from, to) = (frame.up(low + step * row as f64), frame.up(low + step * (row + 1) as f64));
                    rect.cell x=(at(left)) y=(at(to)) width=(at(right - left)) height=(at(from - to))
                        fill-opacity=(format!("{:.2}", (part / largest).powf(0.7).max(0.02))) {}
                }
            }
            @for (n, (found, right)) in self.points.iter().enumerate() {
                @let (left, end) = (at(frame.across(n as f64 - 0.48)), at(frame.across(n as f64 + 0.48)));
                @let y = at(frame.up(*right));
                line.ought x1=(left) x2=(end) y1=(y) y2=(y) {}
                @if found.is_finite() {
                    (dot("s1", (frame.across(n as f64), frame.up(*found)), 4.5))
                }
            }
        };
        let legend = [
            (Key::Dot("s1"), self.names.0),
            (Key::Rule("ought"), self.names.1),
            (Key::Area("cell"), "predictions; the stronger, the more"),
        ];
        let legend = legend.map(|(key, name)| (key, name.to_owned())).into();
        Drawing { size: Frame::SIZE, content, legend }
    }
}
