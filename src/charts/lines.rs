//! Lines: how one or several numbers depend on another.

use super::figure::Frame;
use super::key::{Key, dot};
use super::place::at;
use super::{Axis, Drawing};
use maud::html;

/// Lines with at most this many points have dots.
const DOTS: usize = 24;

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// Its name in the legend.
    pub(crate) name: String,
    /// Its class, which gives its colour: `s0`, `s1`, ..
    pub(crate) class: &'static str,
    /// Its points from left to right; points that are not finite are left out.
    pub(crate) points: Vec<(f64, f64)>,
}

/// A point with something written at it.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// Where.
    pub(crate) at: (f64, f64),
    /// What.
    pub(crate) text: String,
}

/// A chart of lines.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    /// To the right.
    pub(crate) x: Axis,
    /// Upwards.
    pub(crate) y: Axis,
    /// The lines.
    pub(crate) series: Vec<Series>,
    /// Points that matter.
    pub(crate) marks: Vec<Mark>,
    /// Whether a line shows where both axes have the same number.
    pub(crate) diagonal: bool,
}

impl Lines {
    /// Draws them.
    pub(crate) fn draw(&self) -> Drawing {
        let frame = Frame { x: &self.x, y: &self.y };
        let place = |(x, y): (f64, f64)| (at(frame.across(x)), at(frame.up(y)));
        let (low, high) = (self.x.range.0.max(self.y.range.0), self.x.range.1.min(self.y.range.1));
        let shown = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
            points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
        };
        let content = html! {
            (frame.markup())
            @if self.diagonal && low < high {
                @let ((x1, y1), (x2, y2)) = (place((low, low)), place((high, high)));
                line.diagonal x1=(x1) y1=(y1) x2=(x2) y2=(y2) {}
            }
            @for series in &self.series {
                @let points = shown(&series.points);
                @let path: Vec<String> = points.iter().map(|point| { let (x, y) = place(*point); format!("{x},{y}") }).collect();
                polyline class=(format!("line {}", series.class)) points=(path.join(" ")) {}
                @if points.len() <= DOTS {
                    @for (x, y) in &points { (dot(series.class, (frame.across(*x), frame.up(*y)), 3.5)) }
                }
            }
            @for mark in &self.marks {
                @let (x, y) = place(mark.at);
                @let left = frame.across(mark.at.0) > 300.0;
                line.guide x1=(x) x2=(x) y1=(at(Frame::TOP - 4.0)) y2=(at(Frame::BOTTOM)) {}
                circle.mark cx=(x) cy=(y) r="6" {}
                // Above the lines, to the right of the name of the axis.
                text.mark x=(at(frame.across(mark.at.0).max(if left { 0.0 } else { 90.0 }))) y=(at(Frame::TOP - 10.0))
                    text-anchor=(if left { "end" } else { "start" }) { (mark.text) }
            }
        };
        let legend =
            self.series.iter().map(|series| (Key::Line(series.class), series.name.clone())).collect();
        Drawing { size: Frame::SIZE, content, legend }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_number_is_left_out() {
        let points = vec![(1.0, 0.5), (2.0, f64::NAN), (3.0, 1.0)];
        let series = vec![Series { name: "<model>".into(), class: "s0", points }];
        let lines = Lines {
            x: Axis::counts("epoch & more", 1, 3),
            y: Axis::numbers("RMSE", [0.5, 1.0]),
            series,
            marks: vec![Mark { at: (3.0, 1.0), text: "<b>".into() }],
            diagonal: false,
        };
        let text = lines.draw().content.into_string();
        assert!(!text.contains("NaN") && text.matches("<circle").count() == 3, "{text}");
        assert!(
            text.contains("epoch &amp; more") && text.contains("&lt;b&gt;") && !text.contains("<b>"),
            "{text}"
        );
    }
}
