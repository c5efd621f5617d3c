//! Items by their titles.

use super::Model;

/// How a text stands for items, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchedBy {
    /// The title is the text.
    Title,
    /// The title is the text, but for capital letters and blanks.
    Letters,
    /// The title contains the text, but for capital letters.
    Part,
    /// The title contains all words of the text.
    Words,
}

/// The items that a text stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What they have in common with the text: the best that any item has.
    pub by: MatchedBy,
    /// Their rows, those with the most ratings first.
    pub items: Vec<u32>,
}

impl Model {
    /// The title of an item, if it has one.
    pub fn title(&self, item: u32) -> Option<&str> {
        self.titles.get(item as usize)?.as_deref()
    }

    /// The number of ratings of each item; `None` if the model kept no ratings.
    pub fn ratings_of_items(&self) -> Option<Vec<u32>> {
        self.rated.is_kept().then(|| self.rated.popularity(self.items.len()))
    }

    /// The items whose titles fit a text best; `None` if none does.
    pub fn titled(&self, text: &str) -> Option<Found> {
        let plain = plain(text);
        if plain.is_empty() {
            return None;
        }
        let words: Vec<&str> = plain.split(' ').collect();
        let fits = |title: &str| {
            if title == text {
                return Some(MatchedBy::Title);
            }
            let title = self::plain(title);
            if title == plain {
                Some(MatchedBy::Letters)
            } else if title.contains(&plain) {
                Some(MatchedBy::Part)
            } else {
                words.iter().all(|word| title.contains(word)).then_some(MatchedBy::Words)
            }
        };
        let titles = (0_u32..).zip(&self.titles);
        let found: Vec<(u32, MatchedBy)> =
            titles.filter_map(|(item, title)| Some((item, fits(title.as_deref()?)?))).collect();
        let by = found.iter().map(|(_, by)| *by).min_by_key(|by| *by as u8)?;
        let items = found.into_iter().filter(|(_, other)| *other == by).map(|(item, _)| item).collect();
        Some(Found { by, items: self.most_rated_first(items) })
    }

    /// The items that have all these words in their ids or titles, whatever the case; an item whose id is the
    /// only word is the first, then those with the most ratings.
    pub fn search(&self, words: &[String]) -> Vec<u32> {
        let plain: Vec<String> = words.iter().map(|word| self::plain(word)).collect();
        let has_all = |item: &u32| {
            let id = String::from_utf8_lossy(self.items.id(*item)).to_lowercase();
            let title = self.title(*item).map(self::plain).unwrap_or_default();
            plain.iter().all(|word| id.contains(word) || title.contains(word))
        };
        let mut found = self.most_rated_first((0..self.items.len() as u32).filter(has_all).collect());
        if let [id] = words {
            found.sort_by_key(|&item| self.items.id(item) != id.as_bytes());
        }
        found
    }

    /// Items with the most ratings first, others in their order.
    fn most_rated_first(&self, mut items: Vec<u32>) -> Vec<u32> {
        if let Some(ratings) = self.ratings_of_items() {
            items.sort_by_key(|&item| std::cmp::Reverse(ratings[item as usize]));
        }
        items
    }
}

/// A text in small letters, with one blank between words.
fn plain(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Rated;
    use crate::ratings::{IdMap, Ratings};

    /// Items 10, 11, .. with these titles and numbers of ratings.
    fn model(items: &[(&str, u32)]) -> Model {
        let (mut ids, mut ratings) = (IdMap::new(), Ratings::default());
        for (number, &(_, count)) in (0..).zip(items) {
            assert_eq!(ids.number((number + 10).to_string().as_bytes()), number);
            (0..count).for_each(|user| ratings.push(user, number, 1.0));
        }
        let titles =
            items.iter().map(|(title, _)| (!title.is_empty()).then(|| (*title).to_owned())).collect();
        Model { items: ids, titles, rated: Rated::from_ratings(&ratings, 9, items.len()), ..Model::default() }
    }

    #[test]
    fn a_title_is_found_as_exactly_as_it_is_given() {
        let model = model(&[
            ("Toy Story 2 (1999)", 3),
            ("Toy Story (1995)", 5),
            ("TOY STORY (1995)", 1),
            ("", 9),
            ("Story of a Toy, The", 2),
            ("Heat", 4),
        ]);
        let found = |text: &str| model.titled(text).map(|found| (found.by, found.items));
        assert_eq!(found("Toy Story (1995)"), Some((MatchedBy::Title, vec![1])));
        assert_eq!(found("toy  story (1995)"), Some((MatchedBy::Letters, vec![1, 2])));
        assert_eq!(found("toy story"), Some((MatchedBy::Part, vec![1, 0, 2])));
        assert_eq!(found("toy the"), Some((MatchedBy::Words, vec![4])));
        assert_eq!((found("heat 2"), found(" "), found("")), (None, None, None));
    }

    #[test]
    fn words_are_searched_in_ids_and_titles() {
        let model = model(&[("Toy Story 11", 1), ("Heat", 1), ("Story", 2), ("", 7)]);
        let found = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            model.search(&words)
        };
        assert_eq!(found(&["story"]), [2, 0]);
        assert_eq!(found(&["STORY", "toy"]), [0]);
        assert_eq!(found(&["11"]), [1, 0], "the id is first");
        assert_eq!(found(&["13"]), [3]);
        assert_eq!(found(&["none"]), [0; 0]);
    }
}
