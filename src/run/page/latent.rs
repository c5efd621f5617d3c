//! Latent factors: the directions in which users differ most, with the items at both ends.

use super::Sources;
use super::cells::item;
use super::section::Section;
use crate::model::{AxisEnds, Model};
use maud::{Markup, html};

/// Number of axes shown.
const AXES: usize = 6;

/// Number of items shown at each end.
const ENDS: usize = 7;

/// The part of the longest bar that the number in it takes, in percent; no bar is shorter.
const TEXT: f32 = 52.0;

/// A weaker axis would be shown as 0.00.
const LEAST: f64 = 0.005;

pub(super) fn section(sources: &Sources) -> Option<Section> {
    let model = sources.for_ratings()?;
    let mut axes = model.axis_ends(sources.rated, AXES, ENDS);
    axes.retain(|axis| axis.strength >= LEAST);
    if axes.is_empty() {
        return None;
    }
    let content = html! {
        p {
            "The directions in which users differ most, the strongest first, with the items at both ends; named by nobody, found \
            in the ratings. A number says by how much a user one standard deviation to that side rates the item higher than \
            the average user does, in rating units"
            @if model.draws.len() > 1 { ", by the last of " (model.draws.len()) " draws" }
            "."
        }
        div.axes {
            @for (n, axis) in axes.iter().enumerate() { (markup(sources, model, n, axis)) }
        }
    };
    Some(Section::new("factors", "Latent factors", content))
}

fn markup(sources: &Sources, model: &Model, n: usize, axis: &AxisEnds) -> Markup {
    let farthest = axis.positive.iter().chain(&axis.negative).map(|(_, effect)| effect.abs());
    let largest = farthest.fold(1e-9, f32::max);
    let list = |class: &str, name: &str, items: &[(u32, f32)]| {
        html! {
            div class=(class) {
                h4 { (name) }
                ol {
                    @for &(number, effect) in items {
                        li {
                            bdi { (item(sources, &model.items, number)) } " "
                            span.effect style=(format!("--part:{:.0}%", TEXT + (100.0 - TEXT) * effect.abs() / largest)) { (format!("{effect:+.2}")) }
                        }
                    }
                }
            }
        }
    };
    html! {
        article.axis {
            h3 { "Factor " (n + 1) }
            p {
                @if let (Some(&(plus, _)), Some(&(minus, _))) = (axis.positive.first(), axis.negative.first()) {
                    "From " bdi { (item(sources, &model.items, plus)) } " to " bdi { (item(sources, &model.items, minus)) } "; "
                }
                "changes a rating by " (format!("{:.2}", axis.strength)) " in the root mean square."
            }
            div.ends {
                (list("positive", "Plus", &axis.positive))
                (list("negative", "Minus", &axis.negative))
            }
        }
    }
}
