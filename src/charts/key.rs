//! The marks of series: each has a colour, a pattern of its line and a shape of its dots, so that nobody has
//! to tell colours apart; and how they look in a legend.

use super::place::at;
use maud::{Markup, Render, html};

/// How a part of a chart looks in the legend; its class gives the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// A line with dots.
    Line(&'static str),
    /// A dot.
    Dot(&'static str),
    /// A filled area.
    Area(&'static str),
    /// A line that marks a value.
    Rule(&'static str),
}

/// The dot of a series.
pub(super) fn dot(class: &str, (x, y): (f64, f64), radius: f64) -> Markup {
    let name = format!("dot {class}");
    // Shapes of about the same area.
    match class {
        "s1" => {
            let half = 0.88 * radius;
            html! {
                rect class=(name) x=(at(x - half)) y=(at(y - half)) width=(at(2.0 * half)) height=(at(2.0 * half)) {}
            }
        }
        "s2" => polygon(&name, (x, y), &[(0.0, -1.3), (1.2, 0.9), (-1.2, 0.9)], radius),
        "s3" => polygon(&name, (x, y), &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)], radius),
        _ => html! { circle class=(name) cx=(at(x)) cy=(at(y)) r=(at(radius)) {} },
    }
}

fn polygon(class: &str, (x, y): (f64, f64), corners: &[(f64, f64)], radius: f64) -> Markup {
    let points: Vec<String> = corners
        .iter()
        .map(|(across, down)| format!("{},{}", at(x + radius * across), at(y + radius * down)))
        .collect();
    html! { polygon class=(class) points=(points.join(" ")) {} }
}

impl Render for Key {
    fn render(&self) -> Markup {
        html! {
            svg.key viewBox="0 0 30 12" aria-hidden="true" {
                @match self {
                    Self::Line(class) => {
                        line class=(format!("line {class}")) x1="1" x2="29" y1="6" y2="6" {}
                        (dot(class, (15.0, 6.0), 3.5))
                    }
                    Self::Dot(class) => (dot(class, (15.0, 6.0), 4.5)),
                    Self::Area(class) => rect class=(class) x="4" y="1" width="22" height="10" {},
                    Self::Rule(class) => line class=(class) x1="4" x2="26" y1="6" y2="6" {},
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_differ_in_more_than_colour() {
        let shapes = ["s0", "s1", "s2", "s3"]
            .map(|class| dot(class, (10.0, 10.0), 4.0).into_string().replace(class, ""));
        for (n, shape) in shapes.iter().enumerate() {
            assert!(!shapes[..n].contains(shape), "{shape}");
        }
    }
}
