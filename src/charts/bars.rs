//! Upright bars, for counts.

use super::figure::Frame;
use super::place::at;
use super::{Axis, Drawing};
use maud::html;

/// One bar.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    /// Its label on the axis.
    pub(crate) name: String,
    /// How high it is, from 0 up.
    pub(crate) value: f64,
    /// Its tooltip.
    pub(crate) note: String,
}

/// A chart of bars.
#[derive(Debug, Clone)]
pub(crate) struct Bars {
    /// The label of the x axis.
    pub(crate) x: String,
    /// The axis of their heights.
    pub(crate) y: Axis,
    /// From left to right.
    pub(crate) all: Vec<Bar>,
}

impl Bars {
    /// Draws them.
    pub(crate) fn draw(&self) -> Drawing {
        let names: Vec<String> = self.all.iter().map(|bar| bar.name.clone()).collect();
        let x = Axis::names(&self.x, &names);
        let frame = Frame { x: &x, y: &self.y };
        let content = html! {
            (frame.markup())
            @for (n, bar) in self.all.iter().enumerate() {
                @let (left, right) = (frame.across(n as f64 - 0.4), frame.across(n as f64 + 0.4));
                @let top = frame.up(bar.value);
                rect.bar x=(at(left)) y=(at(top)) width=(at(right - left)) height=(at(Frame::BOTTOM - top)) rx="2" {
                    title { (bar.note) }
                }
            }
        };
        Drawing { size: Frame::SIZE, content, legend: Vec::new() }
    }
}
