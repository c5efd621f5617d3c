//! Which items have enough ratings to be in lists.

use super::{Factors, Model};
use crate::{Error, Result};

/// The smallest number of ratings asked for by default of a model of ratings, but in very thin tables.
const FEW: u32 = 2;

/// The largest number of ratings asked for by default: what ten users say of an item is no accident.
const ENOUGH: u32 = 10;

/// How many times the number asked for by default the median number of ratings is, between these limits.
const PART: u32 = 4;

/// The number of ratings from which an item is in lists, unless something else is asked for. `None` if the
/// model keeps no ratings to count.
///
/// For a model of lists it is 1: an item that nobody rated has no factors. For a model of ratings it is a
/// quarter of the median over the rated items, but at least 2 and at most 10. There a score estimates a
/// rating, whoever gives it, and an item with one rating of five stars has one of the highest estimates:
/// without a limit it is at the top of every list. In `MovieLens` 1M (median about 120) the limit is 10, which
/// an eighth of the films do not reach. In a shop of 20 items with a median of 12 ratings it is 3. So where
/// the median is 2 or more, fewer than half of the rated items are left out.
///
/// Where items that only one user rated have more than half of all ratings, the limit is 1: with 2, hardly
/// anything would be left to list.
pub fn least_ratings(model: &Model) -> Option<u32> {
    let counts = counts(model)?;
    Some(if model.is_of_lists() { 1 } else { limit(counts) })
}

/// A mark for each item that `least` users or more have rated. `None` if the model keeps no ratings to count.
pub fn rated_by(model: &Model, least: u32) -> Option<Vec<bool>> {
    Some(counts(model)?.into_iter().map(|count| count >= least).collect())
}

/// A mark for each item that is in lists unless something else is asked for, by [`least_ratings`]. `None` if
/// the model keeps no ratings to count: then all are.
pub fn listed_by_default(model: &Model) -> Option<Vec<bool>> {
    rated_by(model, least_ratings(model)?)
}

/// A mark for each item that training moved: one that nobody rated has neither factors nor a bias, but in the
/// draws of a chain. That is all that is known of a model which keeps no ratings.
pub fn trained(model: &Model) -> Vec<bool> {
    let moved = |draw: &Factors, item: usize| {
        draw.item_bias.get(item).is_some_and(|bias| *bias != 0.0)
            || draw.items.row(item).iter().any(|number| *number != 0.0)
    };
    (0..model.items.len()).map(|item| model.draws.iter().any(|draw| moved(draw, item))).collect()
}

/// A mark for each item that `asked` users or more have rated, or as many as the model asks for by itself, and how
/// many these are; of a model that came without ratings (`kept` is false) a mark for each that [`trained`] has,
/// which is as if 1 was asked for. `None` if all items may be listed.
///
/// # Errors
/// [`Error::Usage`] if `asked`, which the error calls `what`, needs ratings that the model did not keep.
pub fn listed(
    model: &Model,
    kept: bool,
    (asked, what): (Option<u32>, &str),
) -> Result<Option<(Vec<bool>, u32)>> {
    if !kept && asked.is_none() {
        return Ok(Some((trained(model), 1)));
    }
    let least = asked.or_else(|| least_ratings(model)).unwrap_or_default();
    if least == 0 {
        return Ok(None);
    }
    match rated_by(model, least).filter(|_| kept) {
        Some(marks) => Ok(Some((marks, least))),
        None if asked.is_none() => Ok(None),
        None => {
            let why = "the model kept no ratings, so nobody knows how many users rated an item";
            Err(Error::Usage(format!("{what} {least}: {why}")))
        }
    }
}

/// The number of ratings of each item.
fn counts(model: &Model) -> Option<Vec<u32>> {
    (!model.rated.is_empty()).then(|| model.rated.popularity(model.items.len()))
}

/// The limit of a model of ratings whose items have so many ratings, of which there is at least one.
fn limit(mut counts: Vec<u32>) -> u32 {
    counts.retain(|&count| count > 0);
    let ratings: u64 = counts.iter().map(|&count| u64::from(count)).sum();
    let once = counts.iter().filter(|&&count| count == 1).count() as u64;
    if 2 * once > ratings {
        return 1;
    }
    let middle = counts.len() / 2;
    let (_, median, _) = counts.select_nth_unstable(middle);
    (*median / PART).clamp(FEW, ENOUGH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Matrix;
    use crate::model::Rated;
    use crate::ratings::{IdMap, Ratings};

    /// A model of items with so many ratings, each by other users.
    fn model(counts: &[u32], of_lists: bool) -> Model {
        let (mut ratings, mut items) = (Ratings::default(), IdMap::new());
        for (item, &count) in (0..).zip(counts) {
            assert_eq!(items.number(&[item as u8]), item);
            (0..count).for_each(|user| ratings.push(user, item, 5.0));
        }
        let users = counts.iter().max().map_or(0, |&most| most as usize);
        let rated = Rated::from_ratings(&ratings, users, counts.len());
        let origin = if of_lists { vec![0.5] } else { Vec::new() };
        let draw = Factors { items: Matrix::zeros(counts.len(), 1), origin, ..Factors::default() };
        Model { draws: vec![draw], items, rated, ..Model::default() }
    }

    #[test]
    fn the_limit_follows_the_median() {
        for (counts, expected) in [
            (vec![500, 124, 124, 3, 2], 10),
            (vec![30, 24, 1], 6),
            (vec![12, 12, 13, 2, 30], 3),
            // Most of the items have one rating, but they have few of all ratings.
            (vec![20, 3, 1, 1, 1], 2),
            // More than half of the ratings are of items with one.
            (vec![2, 1, 1, 1], 1),
            (vec![1, 1, 1], 1),
            (vec![2, 2], 2),
            // Items without ratings do not count in the median.
            (vec![0, 0, 0, 0, 40, 40], 10),
        ] {
            assert_eq!(least_ratings(&model(&counts, false)), Some(expected), "{counts:?}");
        }
    }

    #[test]
    fn marks_by_hand() {
        let model_of_ratings = model(&[12, 2, 3, 0, 30, 12], false);
        assert_eq!(listed_by_default(&model_of_ratings), Some(vec![true, false, true, false, true, true]));
        assert_eq!(rated_by(&model_of_ratings, 13), Some(vec![false, false, false, false, true, false]));
        assert_eq!(rated_by(&model_of_ratings, 0), Some(vec![true; 6]));
        let model_of_lists = model(&[12, 2, 1, 0], true);
        assert_eq!(least_ratings(&model_of_lists), Some(1));
        assert_eq!(listed_by_default(&model_of_lists), Some(vec![true, true, true, false]));
    }

    #[test]
    fn what_training_moved_is_known_without_ratings() {
        let draw = Factors {
            items: Matrix::from_vec(4, 2, vec![0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.0, 0.0]),
            item_bias: vec![0.0, 0.0, -0.2, -0.0],
            ..Factors::default()
        };
        let model = Model { draws: vec![draw], ..model(&[1, 1, 1, 1], false) };
        assert_eq!(trained(&model), [false, true, true, false]);
    }

    #[test]
    fn without_ratings_nothing_can_be_counted() {
        let model = Model { rated: Rated::default(), ..model(&[3, 2], false) };
        assert_eq!(
            (least_ratings(&model), rated_by(&model, 2), listed_by_default(&model)),
            (None, None, None)
        );
    }
}
