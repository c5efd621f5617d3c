//! Adds rows to a model: users or items that were not in the training data.

use super::Model;
use crate::math::Matrix;
use crate::ratings::{IdMap, Ratings, Side};

/// New rows of one side.
#[derive(Debug, Clone)]
pub struct NewRows {
    /// Whether they are users or items.
    pub side: Side,
    /// Their ids, none of which the model knows.
    pub ids: IdMap,
    /// The rows in each draw of the model.
    pub draws: Vec<NewDraw>,
    /// The ratings from which they were computed. New rows are numbered from 0, those of the other side as in
    /// the model.
    pub ratings: Ratings,
}

/// New rows in one draw, as in [`Factors`](super::Factors).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewDraw {
    /// One row of factors per new row.
    pub factors: Matrix,
    /// One bias per new row.
    pub bias: Vec<f32>,
    /// The weights of their ratings; empty if the model has none.
    pub weight: Vec<f32>,
}

impl Model {
    /// Appends rows, with their ratings, to those of the model, which stay as they are. A model that kept no
    /// ratings then has only the new ones.
    ///
    /// # Panics
    /// If the model already has an id, or if shapes disagree.
    pub fn add(&mut self, rows: NewRows) {
        let NewRows { side, ids, draws, mut ratings } = rows;
        let known = self.ids_mut(side);
        let first = known.len() as u32;
        for (id, number) in ids.iter().zip(first..) {
            assert_eq!(known.number(id), number, "an id that is there already");
        }
        assert_eq!(self.draws.len(), draws.len(), "as many draws as the model has");
        for (draw, new) in self.draws.iter_mut().zip(draws) {
            assert_eq!(new.bias.len(), ids.len(), "a bias a row");
            draw.append(side, &new.factors, new.bias, new.weight);
        }
        ratings.rows_mut(side).iter_mut().for_each(|row| *row += first);
        self.rated.add(&ratings, self.users.len(), self.items.len());
        if !self.titles.is_empty() {
            self.titles.resize(self.items.len(), None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Factors, Rated};

    fn ids(names: &[&str]) -> IdMap {
        let mut ids = IdMap::new();
        names.iter().for_each(|name| assert!(ids.number(name.as_bytes()) < 9));
        ids
    }

    fn ratings(list: &[(u32, u32, f32)]) -> Ratings {
        let mut ratings = Ratings::default();
        list.iter().for_each(|&(user, item, value)| ratings.push(user, item, value));
        ratings
    }

    fn model() -> Model {
        let draw = Factors {
            users: Matrix::from_vec(2, 1, vec![1.0, 2.0]),
            items: Matrix::from_vec(2, 1, vec![3.0, 4.0]),
            user_bias: vec![0.1, 0.2],
            item_bias: vec![0.3, 0.4],
            ..Factors::default()
        };
        let rated = Rated::from_ratings(&ratings(&[(0, 1, 4.0), (1, 0, 2.0), (1, 1, 5.0)]), 2, 2);
        Model {
            draws: vec![draw],
            users: ids(&["a", "b"]),
            items: ids(&["x", "y"]),
            rated,
            ..Model::default()
        }
    }

    fn new(side: Side, names: &[&str], list: &[(u32, u32, f32)]) -> NewRows {
        let count = names.len();
        let factors = Matrix::from_vec(count, 1, vec![7.0; count]);
        let draws = vec![NewDraw { factors, bias: vec![0.5; count], weight: Vec::new() }];
        NewRows { side, ids: ids(names), draws, ratings: ratings(list) }
    }

    #[test]
    fn users_and_items_are_added_behind() {
        let mut model = model();
        model.add(new(Side::User, &["c", "d"], &[(1, 1, 3.5), (0, 0, 2.0), (1, 0, 1.0)]));
        model.add(new(Side::Item, &["z"], &[(1, 0, 4.5)]));
        assert_eq!(model.users.get(b"d"), Some(3));
        assert_eq!(model.draws[0].users.as_slice(), [1.0, 2.0, 7.0, 7.0]);
        assert_eq!(model.draws[0].item_bias, [0.3, 0.4, 0.5]);
        let rows: Vec<Vec<(u32, f32)>> = (0..4).map(|user| model.rated.of(user).collect()).collect();
        let expected: [&[(u32, f32)]; 4] =
            [&[(1, 4.0)], &[(0, 2.0), (1, 5.0), (2, 4.5)], &[(0, 2.0)], &[(0, 1.0), (1, 3.5)]];
        assert_eq!(rows, expected);
    }

    #[test]
    fn ratings_of_other_values_and_of_very_many_are_kept() {
        for count in [3, 300_u32] {
            let mut model = model();
            let list: Vec<(u32, u32, f32)> = (0..count).map(|n| (n, n % 2, 1.0 + n as f32 / 64.0)).collect();
            let names: Vec<String> = (0..count).map(|n| format!("n{n}")).collect();
            let mut rows = new(Side::User, &[], &list);
            names.iter().for_each(|name| assert!(rows.ids.number(name.as_bytes()) < count));
            let draw = &mut rows.draws[0];
            (draw.factors, draw.bias) = (Matrix::zeros(count as usize, 1), vec![0.0; count as usize]);
            model.add(rows);
            assert_eq!(model.rated.of(1).collect::<Vec<_>>(), [(0, 2.0), (1, 5.0)], "{count}");
            assert!(
                list.iter().all(|&(n, item, value)| model.rated.get(n + 2, item) == Some(value)),
                "{count}"
            );
        }
    }

    #[test]
    fn a_model_without_ratings_keeps_those_of_new_rows() {
        let mut model = Model { rated: Rated::default(), ..model() };
        model.add(new(Side::User, &["c"], &[(0, 1, 3.0)]));
        assert_eq!(
            (model.rated.users(), model.rated.items(0), model.rated.get(2, 1)),
            (3, &[][..], Some(3.0))
        );
    }

    #[test]
    #[should_panic(expected = "there already")]
    fn a_known_id_is_refused() {
        model().add(new(Side::Item, &["y"], &[]));
    }
}
