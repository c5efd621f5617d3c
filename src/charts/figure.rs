//! A chart with its caption, for every reader: title and description for screen readers, a legend, the table
//! behind it.

use super::key::Key;
use super::place::at;
use super::{Axis, Table};
use maud::{Markup, Render, html};
use std::borrow::Cow;

/// A drawing.
#[derive(Debug, Clone)]
pub(crate) struct Drawing {
    /// Width and height of the coordinates.
    pub(crate) size: (f64, f64),
    /// The contents.
    pub(crate) content: Markup,
    /// How each series looks, and its name.
    pub(crate) legend: Vec<(Key, String)>,
}

/// A chart with its texts and its table.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// A name for links, of letters, digits and `-`, used once on a page.
    pub(crate) id: Cow<'static, str>,
    /// The title of the chart.
    pub(crate) title: String,
    /// A description of the chart, in words.
    pub(crate) description: String,
    /// The chart.
    pub(crate) drawing: Drawing,
    /// The numbers of the chart.
    pub(crate) table: Table,
}

/// Figures side by side. A single one has its numbers beside it, so that it fills the width.
pub(crate) fn figures<'a>(all: impl IntoIterator<Item = &'a Figure>) -> Markup {
    let all: Vec<&Figure> = all.into_iter().collect();
    let is_single = all.len() == 1;
    html! {
        div class=(if is_single { "figures single" } else { "figures" }) {
            @for figure in all { (figure.markup(is_single)) }
        }
    }
}

impl Render for Figure {
    fn render(&self) -> Markup {
        self.markup(false)
    }
}

impl Figure {
    /// The figure, with its table open or folded.
    fn markup(&self, is_open: bool) -> Markup {
        let Self { id, title, description, drawing, table } = self;
        let (width, height) = drawing.size;
        let label = format!("{id}-title {id}-description");
        html! {
            figure id=(id) {
                figcaption {
                    h3 { (title) }
                    p { (description) }
                }
                svg viewBox=(format!("0 0 {width} {height}")) role="img" aria-labelledby=(label) {
                    title id=(format!("{id}-title")) { (title) }
                    desc id=(format!("{id}-description")) { (description) " The table below has the numbers." }
                    (drawing.content)
                }
                @if !drawing.legend.is_empty() {
                    ul.legend {
                        @for (key, name) in &drawing.legend { li { (key) (name) } }
                    }
                }
                details open[is_open] {
                    summary { "The numbers" }
                    (table)
                }
            }
        }
    }
}

/// The width of a letter on a phone, where letters are drawn largest, and the least distance between words.
const LETTER: f64 = 7.8;
const GAP: f64 = 6.0;

/// The frame of a chart with two axes; gives the coordinates of values.
pub(super) struct Frame<'a> {
    pub(super) x: &'a Axis,
    pub(super) y: &'a Axis,
}

impl Frame<'_> {
    pub(super) const SIZE: (f64, f64) = (460.0, 294.0);
    const LEFT: f64 = 52.0;
    const RIGHT: f64 = 446.0;
    pub(super) const TOP: f64 = 30.0;
    pub(super) const BOTTOM: f64 = 244.0;

    pub(super) fn across(&self, value: f64) -> f64 {
        self.x.place(value, (Self::LEFT, Self::RIGHT))
    }

    pub(super) fn up(&self, value: f64) -> f64 {
        self.y.place(value, (Self::BOTTOM, Self::TOP))
    }

    /// Whether the labels under the axis would run together in one row.
    fn is_crowded(&self) -> bool {
        let ticks = &self.x.ticks;
        let longest = ticks.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0);
        let gap = |pair: &[(f64, String)]| self.across(pair[1].0) - self.across(pair[0].0);
        let narrowest = ticks.windows(2).map(gap).fold(f64::INFINITY, f64::min);
        LETTER * longest as f64 + GAP > narrowest
    }

    /// Lines, numbers and labels of both axes.
    pub(super) fn markup(&self) -> Markup {
        let (left, right, bottom) = (at(Self::LEFT), at(Self::RIGHT), at(Self::BOTTOM));
        let second = if self.is_crowded() { 14.0 } else { 0.0 };
        html! {
            g.grid {
                @for (value, text) in &self.y.ticks {
                    @let y = at(self.up(*value));
                    line x1=(left) x2=(right) y1=(y) y2=(y) {}
                    text x=(at(Self::LEFT - 8.0)) y=(at(self.up(*value) + 4.0)) text-anchor="end" { (text) }
                }
            }
            g.axis {
                line x1=(left) x2=(right) y1=(bottom) y2=(bottom) {}
                @for (n, (value, text)) in self.x.ticks.iter().enumerate() {
                    @let y = Self::BOTTOM + 17.0 + if n % 2 == 1 { second } else { 0.0 };
                    text x=(at(self.across(*value))) y=(at(y)) text-anchor="middle" { (text) }
                }
                text.label x="4" y="14" { (self.y.label) }
                text.label x=(at(f64::midpoint(Self::LEFT, Self::RIGHT))) y=(at(Self::BOTTOM + 38.0 + 0.8 * second)) text-anchor="middle" {
                    (self.x.label)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_lie_in_two_rows() {
        let rows = |names: &[&str]| {
            let x = Axis::names("x", &names.iter().map(|&name| name.to_owned()).collect::<Vec<String>>());
            let frame = Frame { x: &x, y: &Axis::numbers("y", [0.0, 1.0]) };
            let text = frame.markup().into_string();
            [17.0, 31.0].map(|row| text.matches(&format!("y=\"{}\"", at(Frame::BOTTOM + row))).count())
        };
        assert_eq!(rows(&["1", "2", "3"]), [3, 0]);
        assert_eq!(rows(&["0–200", "201–371", "372–578", "580–842", "844–1233", "1235–3065"]), [3, 3]);
        assert_eq!(rows(&["alone"]), [1, 0]);
    }
}
