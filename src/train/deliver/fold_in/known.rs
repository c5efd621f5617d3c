//! Selects the ratings of a data set that can fold rows into a model.

use crate::model::Model;
use crate::ratings::{Dataset, IdMap, Ratings, Side};

/// Selects the rows of `side` that the model does not contain and that have a rating with a row that it
/// contains. Returns their ids, by first occurrence, and these ratings, numbered from 0 for new rows and as
/// in the model for the others. The two counts are the ratings of rows of `side` that the model contains, and
/// those of new rows with a row that it does not contain.
pub(super) fn usable(model: &Model, new: &Dataset, side: Side) -> (IdMap, Ratings, [usize; 2]) {
    let (users, items) = (new.users.rows_in(&model.users), new.items.rows_in(&model.items));
    let (mut ids, mut ratings, mut unused) = (IdMap::new(), Ratings::default(), [0; 2]);
    for (user, item, value) in new.ratings.iter() {
        let found = (users[user as usize], items[item as usize]);
        match (side, found) {
            (Side::User, (None, Some(known))) => ratings.push(ids.number(new.users.id(user)), known, value),
            (Side::Item, (Some(known), None)) => ratings.push(known, ids.number(new.items.id(item)), value),
            (Side::User, (Some(_), _)) | (Side::Item, (_, Some(_))) => unused[0] += 1,
            _ => unused[1] += 1,
        }
    }
    (ids, ratings, unused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(list: &[(&str, &str)]) -> Dataset {
        let mut dataset = Dataset::default();
        for (number, (user, item)) in list.iter().enumerate() {
            let user = dataset.users.number(user.as_bytes());
            let item = dataset.items.number(item.as_bytes());
            dataset.ratings.push(user, item, number as f32);
        }
        dataset
    }

    #[test]
    fn each_rating_is_used_once_or_counted() {
        let known = dataset(&[("a", "x"), ("b", "y")]);
        let model = Model { users: known.users, items: known.items, ..Model::default() };
        let new = dataset(&[("n", "z"), ("n", "y"), ("a", "z"), ("m", "x"), ("b", "y"), ("n", "x")]);
        let (ids, ratings, unused) = usable(&model, &new, Side::User);
        assert!(ids.iter().eq([b"n", b"m"]));
        assert!(ratings.iter().eq([(0, 1, 1.0), (1, 0, 3.0), (0, 0, 5.0)]));
        assert_eq!(unused, [2, 1]);
        let (ids, ratings, unused) = usable(&model, &new, Side::Item);
        assert!(ids.iter().eq([b"z"]));
        assert!(ratings.iter().eq([(0, 0, 2.0)]));
        assert_eq!(unused, [4, 1]);
    }
}
