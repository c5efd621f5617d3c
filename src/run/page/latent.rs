//! Latent factors: what users differ by most, and the items at both ends of it.

use super::cells::item;
use super::{Section, Sources};
use crate::model::{Model, PrincipalAxis};
use maud::{Markup, html};

/// Axes that are shown.
const AXES: usize = 6;

/// Items at each end.
const ENDS: usize = 7;

/// An item is shown only with so many ratings, if there are enough of such: of others little is known.
const ENOUGH: u32 = 50;

pub(super) fn section(sources: &Sources) -> Option<Section> {
    let model = sources.model?;
    let draw = model.draws.last()?;
    let axes = draw.principal_axes(AXES);
    let shown = shown(sources, model);
    if axes.is_empty() || shown.len() < 2 {
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
            @for (n, axis) in axes.iter().enumerate() { (markup(sources, model, n, axis, &shown)) }
        }
    };
    Some(Section::new("factors", "Latent factors", content))
}

/// The items that enough is known of.
fn shown(sources: &Sources, model: &Model) -> Vec<u32> {
    let all = 0..model.items.len() as u32;
    if sources.rated.is_empty() {
        return all.collect();
    }
    let popularity = sources.popularity();
    let known =
        |least: u32| all.clone().filter(|&item| popularity[item as usize] >= least).collect::<Vec<u32>>();
    let many = known(ENOUGH);
    if many.len() >= 4 * ENDS {
        return many;
    }
    let mut sorted: Vec<u32> = popularity.iter().copied().filter(|&count| count > 0).collect();
    sorted.sort_unstable();
    known(sorted.get(sorted.len() / 2).copied().unwrap_or(0))
}

fn markup(sources: &Sources, model: &Model, n: usize, axis: &PrincipalAxis, shown: &[u32]) -> Markup {
    let mut sorted = shown.to_vec();
    sorted.sort_by(|a, b| axis.items[*b as usize].total_cmp(&axis.items[*a as usize]).then(a.cmp(b)));
    let ends = ENDS.min(sorted.len() / 2);
    let largest = [sorted[0], sorted[sorted.len() - 1]].map(|item| axis.items[item as usize].abs());
    let largest = largest.into_iter().fold(1e-9, f32::max);
    let list = |class: &str, name: &str, items: &mut dyn Iterator<Item = &u32>| {
        html! {
            div class=(class) {
                h4 { (name) }
                ol {
                    @for number in items {
                        @let effect = axis.items[*number as usize];
                        li {
                            bdi { (item(sources, &model.items, *number)) } " "
                            span.effect style=(format!("--part:{:.0}%", 100.0 * effect.abs() / largest)) { (format!("{effect:+.2}")) }
                        }
                    }
                }
            }
        }
    };
    html! {
        article.axis {
            h3 { "Factor " (n + 1) }
            p { "Changes a rating by " (format!("{:.2}", axis.strength)) " in the root mean square." }
            div.ends {
                (list("positive", "One end", &mut sorted.iter().take(ends)))
                (list("negative", "The other", &mut sorted.iter().rev().take(ends)))
            }
        }
    }
}
