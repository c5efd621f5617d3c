//! Numbers in rows for comparison, each with its confidence interval.

use super::key::{Key, dot};
use super::place::at;
use super::{Axis, Drawing};
use maud::html;

/// One number.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    /// Its class, which gives its colour.
    pub(crate) class: &'static str,
    /// The number; one that is not finite is left out.
    pub(crate) value: f64,
    /// The interval, where there is one.
    pub(crate) interval: Option<[f64; 2]>,
}

/// A row of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Its name.
    pub(crate) name: String,
    /// One number, or several to compare.
    pub(crate) ranges: Vec<Range>,
}

/// A row for each thing that is compared.
#[derive(Debug, Clone)]
pub(crate) struct Ranges {
    /// The axis of the numbers.
    pub(crate) x: Axis,
    /// From the top.
    pub(crate) rows: Vec<Row>,
    /// The class and the name of each number of a row, where rows have several.
    pub(crate) names: Vec<(&'static str, String)>,
    /// Whether numbers are written with their sign.
    pub(crate) signed: bool,
}

impl Row {
    /// The numbers of all rows and the ends of their intervals.
    pub(crate) fn ends(rows: &[Self]) -> impl Iterator<Item = f64> {
        let ranges = rows.iter().flat_map(|row| &row.ranges);
        ranges.flat_map(|range| range.interval.into_iter().flatten().chain([range.value]))
    }
}

impl Ranges {
    const WIDTH: f64 = 460.0;
    const ENDS: (f64, f64) = (14.0, 446.0);
    const ROW: f64 = 46.0;
    /// The distance between the numbers of a row.
    const APART: f64 = 11.0;

    /// Draws them.
    pub(crate) fn draw(&self) -> Drawing {
        let across = |value: f64| self.x.place(value, Self::ENDS);
        let most = self.rows.iter().map(|row| row.ranges.len()).max().unwrap_or(1);
        let height = Self::ROW + Self::APART * most.saturating_sub(1) as f64;
        let bottom = height * self.rows.len() as f64 + 8.0;
        let written = |value: f64| if self.signed { format!("{value:+.4}") } else { format!("{value:.4}") };
        let (low, high) = self.x.range;
        let content = html! {
            g.grid {
                @for (value, text) in &self.x.ticks {
                    @let x = at(across(*value));
                    line x1=(x) x2=(x) y1="4" y2=(at(bottom)) {}
                    text x=(x) y=(at(bottom + 17.0)) text-anchor="middle" { (text) }
                }
            }
            @if self.signed && low <= 0.0 && high >= 0.0 {
                @let x = at(across(0.0));
                line.zero x1=(x) x2=(x) y1="4" y2=(at(bottom)) {}
            }
            g.axis {
                text.label x=(at(Self::WIDTH / 2.0)) y=(at(bottom + 38.0)) text-anchor="middle" { (self.x.label) }
            }
            @for (n, row) in self.rows.iter().enumerate() {
                @let top = height * n as f64;
                text.name x="4" y=(at(top + 18.0)) { (row.name) }
                text.value x=(at(Self::WIDTH - 4.0)) y=(at(top + 18.0)) text-anchor="end" {
                    @for (n, range) in row.ranges.iter().enumerate() {
                        @if n > 0 { " · " }
                        tspan class=[(row.ranges.len() > 1).then_some(range.class)] { (written(range.value)) }
                    }
                }
                @for (n, range) in row.ranges.iter().enumerate().filter(|(_, range)| range.value.is_finite()) {
                    @let y = top + 33.0 + Self::APART * n as f64;
                    @if let Some([low, high]) = range.interval {
                        line class=(format!("whisker {}", range.class)) x1=(at(across(low))) x2=(at(across(high)))
                            y1=(at(y)) y2=(at(y)) {}
                    }
                    (dot(range.class, (across(range.value), y), 5.0))
                }
            }
        };
        let legend = self.names.iter().map(|(class, name)| (Key::Dot(class), name.clone())).collect();
        Drawing { size: (Self::WIDTH, bottom + 46.0), content, legend }
    }
}
