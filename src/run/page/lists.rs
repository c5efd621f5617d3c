//! Example lists: a few users, from busy to quiet, the items they rated highest, and their recommendations.

use super::Sources;
use super::cells::item;
use super::section::Section;
use super::text::name;
use crate::human::thousands;
use crate::model::Model;
use crate::score::{Noise, TopOptions, deviation, needs_draws, top_items};
use maud::{Markup, html};

/// The example users, as fractions of all users sorted by their number of ratings.
const PLACES: [f64; 6] = [0.99, 0.9, 0.7, 0.5, 0.3, 0.1];

/// Number of highest-rated items shown per user.
const LIKED: usize = 5;

/// Number of recommended items shown per user.
const LENGTH: usize = 10;

pub(super) fn section(sources: &Sources) -> Option<Section> {
    let model = sources.model?;
    let users = users(sources);
    if users.is_empty() {
        return None;
    }
    let options = TopOptions { count: LENGTH, exclude: Some(sources.rated), ..TopOptions::default() };
    let lists = top_items(model, &users, &options);
    let popularity = sources.popularity();
    let content = html! {
        p { "A few users, from busy to quiet: what they rated highest, and the best items that they have not rated." }
        div.users {
            @for (user, list) in users.iter().zip(&lists) { (markup(sources, model, (*user, list), &popularity)) }
        }
    };
    Some(Section::new("lists", "Example lists", content))
}

/// Users at given positions in the order by activity.
fn users(sources: &Sources) -> Vec<u32> {
    let rated = sources.rated;
    let mut sorted: Vec<u32> =
        (0..rated.users() as u32).filter(|&user| !rated.items(user).is_empty()).collect();
    sorted.sort_by_key(|&user| (sources.activity(user), user));
    let mut chosen: Vec<u32> = PLACES
        .iter()
        .filter_map(|place| {
            sorted.get(((sorted.len() as f64 * place) as usize).min(sorted.len().saturating_sub(1)))
        })
        .copied()
        .collect();
    chosen.dedup();
    chosen
}

fn markup(
    sources: &Sources,
    model: &Model,
    (user, list): (u32, &[(u32, f32)]),
    popularity: &[u32],
) -> Markup {
    let mut liked: Vec<(u32, f32)> = sources.rated.of(user).collect();
    liked.sort_by(|a, b| b.1.total_cmp(&a.1).then(popularity[b.0 as usize].cmp(&popularity[a.0 as usize])));
    let sure = needs_draws(model, Noise::With, "").is_ok();
    let ratings = thousands(liked.len() as u64);
    html! {
        article.user {
            h3 { "User " bdi { (name(model.users.id(user))) } }
            p { (ratings) (if liked.len() == 1 { " rating" } else { " ratings" }) }
            h4 { "Rated highest" }
            ol {
                @for (number, rating) in liked.iter().take(LIKED) {
                    li { bdi { (item(sources, &model.items, *number)) } " " span.score { (rating) } }
                }
            }
            h4 { "Recommended" }
            ol {
                @for (number, score) in list {
                    li {
                        bdi { (item(sources, &model.items, *number)) } " "
                        span.score {
                            (format!("{score:.2}"))
                            @if sure { small { (format!(" ± {:.2}", deviation(model, Some(user), Some(*number), Noise::With))) } }
                        }
                    }
                }
            }
        }
    }
}
