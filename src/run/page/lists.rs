//! Example lists: a few users, from busy to quiet, the items they rated highest, and their recommendations
//! with the scores that order them and the ratings that are predicted for them.

use super::Sources;
use super::cells::item;
use super::section::Section;
use super::text::name;
use crate::human::thousands;
use crate::model::Model;
use crate::score::{Noise, TopOptions, deviation, needs_draws, predict, top_items};
use maud::{Markup, html};

/// The example users, as fractions of all users sorted by their number of ratings.
const PLACES: [f64; 6] = [0.99, 0.9, 0.7, 0.5, 0.3, 0.1];

/// Number of highest-rated items shown per user.
const LIKED: usize = 5;

/// Number of recommended items shown per user.
const LENGTH: usize = 10;

pub(super) fn section(sources: &Sources) -> Option<Section> {
    let model = sources.for_lists()?;
    let users = users(sources);
    if users.is_empty() {
        return None;
    }
    let allowed = sources.listed();
    let (exclude, allowed) = (Some(sources.rated), allowed.as_deref());
    let options = TopOptions { count: LENGTH, exclude, allowed, ..TopOptions::default() };
    let lists = top_items(model, &users, &options);
    let popularity = sources.popularity();
    let rates = sources.for_ratings().is_some();
    let content = html! {
        p {
            "A few users, from busy to quiet: "
            (if rates { "what they rated highest" } else { "what counts most of theirs" })
            ", and the best items that they have not " (if rates { "rated." } else { "had." })
            @if model.is_of_lists() { " Lists are in the order of a score that is no rating" }
            @if sources.lists.is_some() { "; small beside it is the rating that the user is expected to give" }
            @if model.is_of_lists() { "." }
        }
        div.users {
            @for (user, list) in users.iter().zip(&lists) { (markup(sources, model, (*user, list), &popularity)) }
        }
    };
    Some(Section::new("lists", "What it recommends", content))
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
    let rates = sources.for_ratings().is_some();
    let (one, many) = if rates { (" rating", " ratings") } else { (" item", " items") };
    html! {
        article.user {
            h3 { "User " bdi { (name(model.users.id(user))) } }
            p { (thousands(liked.len() as u64)) (if liked.len() == 1 { one } else { many }) }
            h4 { (if rates { "Rated highest" } else { "Of most weight" }) }
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
                        (scored(sources, model, (user, *number), *score))
                    }
                }
            }
        }
    }
}

/// The score that orders a list. Beside that of a model of lists stands the predicted rating, if there is
/// one.
fn scored(sources: &Sources, model: &Model, (user, item): (u32, u32), score: f32) -> Markup {
    let sure = |model: &Model| {
        let sure = needs_draws(model, Noise::With, "").is_ok();
        sure.then(|| format!(" ± {:.2}", deviation(model, Some(user), Some(item), Noise::With)))
    };
    html! {
        span.score {
            @if model.is_of_lists() {
                (format!("{score:.3}"))
                @if let Some(beside) = sources.for_ratings() {
                    @let predicted = predict(beside, Some(user), Some(item));
                    " " small { (format!("{predicted:.2}")) (sure(beside).unwrap_or_default()) }
                }
            } @else {
                // The score orders items beyond the ends of the scale, too; the rating is on it.
                (format!("{:.2}", score.clamp(model.range.0, model.range.1)))
                @if let Some(sure) = sure(model) { small { (sure) } }
            }
        }
    }
}
