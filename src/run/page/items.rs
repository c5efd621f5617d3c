//! Items: what the model holds to be like the best known ones, and which items fill the lists of all users.
//! Both show whether lists are more than noise and more than hits.

use super::Sources;
use super::cells::{item, percent};
use super::section::Section;
use crate::charts::Table;
use crate::human::thousands;
use crate::model::Model;
use crate::ratings::Side;
use crate::score::{TopOptions, multiplications, similar_among, top_items};
use maud::{Markup, html};
use std::cmp::Reverse;

/// Number of items whose neighbours are shown, how many of them at once, and the number of neighbours of
/// each.
const KNOWN: usize = 20;
const AT_ONCE: usize = 6;
const NEIGHBOURS: usize = 5;

/// Number of items shown that are listed most often, and the length of the lists.
const OFTEN: usize = 10;
const LENGTH: usize = 10;

/// An item is known to few if fewer of its users than this part of all rated it, or at most so many.
const FEW: f64 = 0.01;
const LEAST_FEW: u32 = 5;

/// An item that is in more than this part of the lists is in many.
const MANY: f64 = 0.25;

/// Lists are made for at most so many users; for fewer, down to the second number, if more multiplications
/// than the third would be needed.
const USERS: u64 = 2000;
const LEAST_USERS: u64 = 100;
const WORK: u64 = 100_000_000_000;

pub(super) fn section(sources: &Sources) -> Option<Section> {
    let model = sources.for_lists()?;
    let popularity = sources.popularity();
    // The best known items first.
    let mut sorted: Vec<u32> = (0..popularity.len() as u32).collect();
    sorted.sort_by_key(|&item| (Reverse(popularity[item as usize]), item));
    sorted.retain(|&item| popularity[item as usize] > 0);
    if sorted.is_empty() {
        return None;
    }
    let content = html! {
        h3 { "What is like what" }
        p {
            "The best known items, each with the items most like it by their factors: 1 is the same taste, 0 is none \
            in common."
        }
        (neighbours(sources, model, &sorted[..sorted.len().min(KNOWN)]))
        h3 { "What is listed most" }
        (often(sources, model, &popularity))
    };
    Some(Section::new("items", "Items", content))
}

fn neighbours(sources: &Sources, model: &Model, known: &[u32]) -> Markup {
    let listed = sources.listed();
    let found = similar_among(model, Side::Item, known, NEIGHBOURS, listed.as_deref());
    let all: Vec<(u32, Vec<(u32, f32)>)> = known.iter().copied().zip(found).collect();
    let (first, rest) = all.split_at(all.len().min(AT_ONCE));
    let cards = |some: &[(u32, Vec<(u32, f32)>)]| {
        html! { div.items { @for (number, others) in some { (card(sources, model, *number, others)) } } }
    };
    html! {
        (cards(first))
        @if !rest.is_empty() {
            details.more {
                summary { (rest.len()) " more" }
                (cards(rest))
            }
        }
    }
}

/// An item with its neighbours.
fn card(sources: &Sources, model: &Model, number: u32, others: &[(u32, f32)]) -> Markup {
    html! {
        article {
            h4 { bdi { (item(sources, &model.items, number)) } }
            ol {
                @for (other, cosine) in others {
                    li {
                        bdi { (item(sources, &model.items, *other)) } " "
                        span.score { (format!("{cosine:.2}")) }
                    }
                }
            }
        }
    }
}

/// The items that are in most lists.
fn often(sources: &Sources, model: &Model, popularity: &[u32]) -> Markup {
    let users = users(sources, model);
    let allowed = sources.listed();
    let (exclude, allowed) = (Some(sources.rated), allowed.as_deref());
    let options = TopOptions { count: LENGTH, exclude, allowed, ..TopOptions::default() };
    let mut listed = vec![0_u64; popularity.len()];
    for (item, _) in top_items(model, &users, &options).into_iter().flatten() {
        listed[item as usize] += 1;
    }
    let mut sorted: Vec<u32> = (0..listed.len() as u32).filter(|&item| listed[item as usize] > 0).collect();
    sorted.sort_by_key(|&item| (Reverse(listed[item as usize]), item));
    let mut table = Table::new(["item", "in lists", "of all lists", "its ratings", "rank by ratings"]);
    for &number in sorted.iter().take(OFTEN) {
        let ratings = popularity[number as usize];
        let rank = 1 + popularity.iter().filter(|&&other| other > ratings).count();
        table.row([
            item(sources, &model.items, number),
            thousands(listed[number as usize]),
            percent(listed[number as usize] as f64 / users.len() as f64),
            thousands(ratings.into()),
            thousands(rank as u64),
        ]);
    }
    let part = sorted.len() as f64 / listed.len().max(1) as f64;
    let few = ((FEW * sources.rated.users() as f64) as u32).max(LEAST_FEW);
    let unknown = |number: &&u32| {
        popularity[**number as usize] <= few && listed[**number as usize] as f64 > MANY * users.len() as f64
    };
    html! {
        @for &number in sorted.iter().filter(unknown) {
            p.warning {
                "“" bdi { (item(sources, &model.items, number)) } "” is in "
                (percent(listed[number as usize] as f64 / users.len() as f64)) " of the lists, and only "
                (thousands(popularity[number as usize].into())) " ratings speak for it: that is noise rather than taste. "
                "A larger --min-ratings of recommend keeps such items out; a model of lists (--objective both) or a higher "
                "--regularization does not rate them so high."
            }
        }
        p {
            "Lists of " (LENGTH) " for " (thousands(users.len() as u64)) " users, evenly spread over all, hold "
            (thousands(sorted.len() as u64)) " different items, " (percent(part)) " of the catalogue. These are in most \
            lists. If they were just the first by ratings, everyone would be shown hits; if they had hardly any \
            ratings, lists would be noise."
        }
        (table)
    }
}

/// Users with ratings, evenly spread over all of them.
fn users(sources: &Sources, model: &Model) -> Vec<u32> {
    let all: Vec<u32> =
        (0..sources.rated.users() as u32).filter(|&user| !sources.rated.items(user).is_empty()).collect();
    let affordable = WORK / multiplications(model, 1).max(1);
    spread(&all, affordable.clamp(LEAST_USERS, USERS) as usize)
}

/// At most `most` of some numbers, evenly spread.
fn spread(all: &[u32], most: usize) -> Vec<u32> {
    let count = all.len().min(most);
    (0..count).map(|n| all[n * all.len() / count]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_are_evenly_spread() {
        let all: Vec<u32> = (0..10).collect();
        assert_eq!(spread(&all, 4), [0, 2, 5, 7]);
        assert_eq!((spread(&all, 10), spread(&all, 99)), (all.clone(), all.clone()));
        assert!(spread(&[], 4).is_empty() && spread(&all, 0).is_empty());
    }
}
