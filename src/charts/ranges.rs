//! Numbers in rows for comparison, each with its confidence interval.

use super::figure::at;
use super::{Axis, Drawing};
use maud::html;

/// One number.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    /// Its name.
    pub(crate) name: String,
    /// Its class, which gives its colour.
    pub(crate) class: &'static str,
    /// The number.
    pub(crate) value: f64,
    /// The interval, where there is one.
    pub(crate) interval: Option<[f64; 2]>,
}

/// A row for each number.
#[derive(Debug, Clone)]
pub(crate) struct Ranges {
    /// The axis of the numbers.
    pub(crate) x: Axis,
    /// From the top.
    pub(crate) rows: Vec<Range>,
}

impl Ranges {
    const WIDTH: f64 = 460.0;
    const ENDS: (f64, f64) = (14.0, 446.0);
    const ROW: f64 = 46.0;

    /// Draws them.
    pub(crate) fn draw(&self) -> Drawing {
        let across = |value: f64| self.x.place(value, Self::ENDS);
        let bottom = Self::ROW * self.rows.len() as f64 + 8.0;
        let content = html! {
            g.grid {
                @for (value, text) in &self.x.ticks {
                    @let x = at(across(*value));
                    line x1=(x) x2=(x) y1="4" y2=(at(bottom)) {}
                    text x=(x) y=(at(bottom + 17.0)) text-anchor="middle" { (text) }
                }
            }
            g.axis {
                text.label x=(at(Self::WIDTH / 2.0)) y=(at(bottom + 38.0)) text-anchor="middle" { (self.x.label) }
            }
            @for (n, row) in self.rows.iter().enumerate() {
                @let y = at(Self::ROW * n as f64 + 33.0);
                text.name x="4" y=(at(Self::ROW * n as f64 + 18.0)) { (row.name) }
                text.value x=(at(Self::WIDTH - 4.0)) y=(at(Self::ROW * n as f64 + 18.0)) text-anchor="end" {
                    (format!("{:.4}", row.value))
                }
                @if let Some([low, high]) = row.interval {
                    line class=(format!("whisker {}", row.class)) x1=(at(across(low))) x2=(at(across(high))) y1=(y) y2=(y) {}
                }
                circle class=(format!("dot {}", row.class)) cx=(at(across(row.value))) cy=(y) r="5" {}
            }
        };
        Drawing { size: (Self::WIDTH, bottom + 46.0), content, legend: Vec::new() }
    }
}
