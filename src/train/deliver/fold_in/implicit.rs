//! The implicit features of a model's users. The model does not keep them, because they are a function of its
//! items' factors and of who rated what (docs/maths.md, "Implicit features"). They are computed in `f64` in
//! parts of fixed size, so that the result does not depend on the number of threads.

use crate::math::{Matrix, Square, summed};
use crate::model::{Factors, Model, Rated};
use crate::train::algorithm::implicit_numbers;
use rayon::prelude::*;

/// Which users rated which items.
pub(super) struct Raters<'a> {
    rated: &'a Rated,
    /// The items that have ratings.
    items: Vec<u32>,
    /// The number of users.
    users: usize,
}

/// The implicit features that every new item is solved with.
pub(super) struct Implicit {
    /// The implicit feature vectors of the users, in the model's order.
    pub(super) vectors: Matrix,
    /// The sum over the users of `z z'` with `z = (implicit feature vector, minus the share of the items that
    /// they rated)`.
    pub(super) product: Square,
    /// The mean row of the items.
    pub(super) mean: Vec<f64>,
}

impl<'a> Raters<'a> {
    /// The raters of the ratings that a model keeps; `None` if it keeps none or was trained without implicit
    /// features.
    pub(super) fn of(model: &'a Model) -> Option<Self> {
        let with_implicit =
            |draw: &Factors| draw.fold_in.as_ref().is_some_and(|fold_in| fold_in.implicit_weight > 0.0);
        if model.rated.is_empty() || !model.draws.iter().any(with_implicit) {
            return None;
        }
        let (rated, users) = (&model.rated, model.users.len());
        let mut seen = vec![false; model.items.len()];
        (0..users as u32).flat_map(|user| rated.items(user)).for_each(|&item| seen[item as usize] = true);
        let items = (0..).zip(seen).filter(|(_, seen)| *seen).map(|(item, _)| item).collect();
        Some(Self { rated, items, users })
    }

    /// The implicit features of the users under the factors of a draw.
    pub(super) fn implicit(&self, draw: &Factors) -> Implicit {
        let own = &draw.items;
        let factors = own.columns();
        let mean = self.mean(own);
        let scatter = summed(factors, 0..self.items.len(), |part, sum| {
            let mut rest = vec![0.0; factors];
            for &row in &self.items[part] {
                let row = own.row(row as usize).iter().zip(&mean);
                rest.iter_mut().zip(row).for_each(|(rest, (&x, mean))| *rest = f64::from(x) - mean);
                sum.add_outer(1.0, &rest);
            }
        });
        let (numbers, mean) = implicit_numbers(&scatter, &mean, factors);
        let mut vectors = Matrix::zeros(self.users, factors);
        vectors.as_mut_slice().par_chunks_mut(factors).enumerate().for_each(|(row, implicit)| {
            let with = self.rated.items(row as u32);
            let mut sum: Vec<f64> = mean.iter().map(|mean| -mean * with.len() as f64).collect();
            for &other in with {
                sum.iter_mut().zip(own.row(other as usize)).for_each(|(sum, &x)| *sum += f64::from(x));
            }
            for (n, entry) in implicit.iter_mut().enumerate() {
                let weights = numbers.matrix.row(n).iter();
                *entry = weights.zip(&sum).map(|(&weight, sum)| f64::from(weight) * sum).sum::<f64>() as f32;
            }
        });
        let product = summed(factors + 1, 0..self.users, |part, sum| {
            let mut z = vec![0.0; factors + 1];
            for row in part {
                z.iter_mut().zip(vectors.row(row)).for_each(|(z, &entry)| *z = f64::from(entry));
                z[factors] = -(self.rated.items(row as u32).len() as f64) / self.items.len() as f64;
                sum.add_outer(1.0, &z);
            }
        });
        Implicit { vectors, product, mean }
    }

    fn mean(&self, own: &Matrix) -> Vec<f64> {
        let mut mean = vec![0.0; own.columns()];
        for &row in &self.items {
            mean.iter_mut().zip(own.row(row as usize)).for_each(|(sum, &x)| *sum += f64::from(x));
        }
        mean.iter_mut().for_each(|sum| *sum /= self.items.len() as f64);
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Belief, FoldIn};
    use crate::ratings::{IdMap, Ratings};

    fn model() -> Model {
        let belief = Belief::new(Square::diagonal(3, 1.0), vec![0.0; 3]);
        let fold_in = FoldIn {
            precision: 1.0,
            power: 0.0,
            implicit_weight: 0.5,
            unobserved_weight: 0.0,
            users: belief.clone(),
            items: belief,
        };
        let draw = Factors {
            users: Matrix::from_vec(2, 2, vec![0.0, 2.0, 0.0, -2.0]),
            items: Matrix::from_vec(3, 2, vec![2.0, 0.5, 0.0, 0.5, 9.0, 9.0]),
            fold_in: Some(fold_in),
            ..Factors::default()
        };
        let ids = |count: u8| {
            let mut ids = IdMap::new();
            (0..count).for_each(|id| assert_eq!(ids.number(&[id]), u32::from(id)));
            ids
        };
        let mut ratings = Ratings::default();
        [(0, 0), (1, 0), (1, 1)].iter().for_each(|&(user, item)| ratings.push(user, item, 3.0));
        let rated = Rated::from_ratings(&ratings, 2, 3);
        Model { draws: vec![draw], users: ids(2), items: ids(3), rated, ..Model::default() }
    }

    fn near(found: &[f32], expected: &[f32]) -> bool {
        found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6)
    }

    /// Two items of mean `[1, .5]` and scatter `diag(2, 0)`; the third has no ratings.
    #[test]
    fn users_are_explained_by_items_with_ratings() {
        let model = model();
        let implicit = Raters::of(&model).unwrap().implicit(&model.draws[0]);
        assert!(near(&implicit.mean.iter().map(|&mean| mean as f32).collect::<Vec<_>>(), &[1.0, 0.5]));
        assert!(near(implicit.vectors.as_slice(), &[1.0 / 3.0, 0.0, 0.0, 0.0]), "{:?}", implicit.vectors);
        let entries = [(0, 0, 1.0 / 9.0), (0, 1, 0.0), (0, 2, -0.5 / 3.0), (2, 2, 0.25 + 1.0)];
        assert!(
            entries
                .iter()
                .all(|&(row, column, entry)| (implicit.product.get(row, column) - entry).abs() < 1e-6)
        );
    }

    #[test]
    fn a_model_without_ratings_or_views_has_none() {
        let unkept = Model { rated: Rated::default(), ..model() };
        assert!(Raters::of(&unkept).is_none());
        let mut without_implicit = model();
        without_implicit.draws[0].fold_in.as_mut().unwrap().implicit_weight = 0.0;
        assert!(Raters::of(&without_implicit).is_none());
    }
}
