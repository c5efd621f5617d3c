//! The view vectors of a model's rows, which it does not keep: they are a function of its factors and of who rated
//! what (docs/maths.md, "Views"). In `f64`, in parts of fixed size, so that the threads do not show.

use crate::math::{Matrix, Square};
use crate::model::{Factors, Model, Rated};
use crate::ratings::Side;
use crate::train::method::view_numbers;
use rayon::prelude::*;
use std::ops::Range;

/// Rows in a partial sum.
const PART: usize = 4096;

/// Who rated what, by the rows that get view vectors.
pub(super) struct Raters<'a> {
    /// The side that explains: the one that new rows are of.
    side: Side,
    rated: &'a Rated,
    /// By item, where its users' numbers start, and these.
    starts: Vec<u64>,
    users: Vec<u32>,
    /// The rows of `side` that have ratings.
    active: Vec<u32>,
    /// Rows of the other side.
    count: usize,
}

/// What there is to say to every new row.
pub(super) struct View {
    /// The view vectors of the other side, in the model's order.
    pub(super) vectors: Matrix,
    /// The sum over them of `z z'` with `z = (view vector, minus the share of the side's rows that rated)`.
    pub(super) product: Square,
    /// The mean of the side.
    pub(super) mean: Vec<f64>,
}

impl<'a> Raters<'a> {
    /// Of the ratings that a model keeps, if it keeps any, for new rows of `side`.
    pub(super) fn of(model: &'a Model, side: Side) -> Option<Self> {
        let (users, items) = (model.users.len(), model.items.len());
        let viewed = model
            .draws
            .iter()
            .filter_map(|draw| draw.fold_in.as_ref())
            .any(|fold_in| fold_in.view_weight > 0.0);
        if model.rated.is_empty() || !viewed {
            return None;
        }
        let rated = &model.rated;
        let mut this =
            Self { side, rated, starts: Vec::new(), users: Vec::new(), active: Vec::new(), count: users };
        if side == Side::User {
            this.count = items;
            this.transpose(users, items);
            this.active = (0..users as u32).filter(|&user| !rated.items(user).is_empty()).collect();
        } else {
            let mut seen = vec![false; items];
            (0..users as u32).flat_map(|user| rated.items(user)).for_each(|&item| seen[item as usize] = true);
            this.active = (0..items as u32).filter(|&item| seen[item as usize]).collect();
        }
        Some(this)
    }

    fn transpose(&mut self, users: usize, items: usize) {
        self.starts = vec![0; items + 1];
        for user in 0..users as u32 {
            self.rated.items(user).iter().for_each(|&item| self.starts[item as usize + 1] += 1);
        }
        (0..items).for_each(|item| self.starts[item + 1] += self.starts[item]);
        let mut next = self.starts.clone();
        self.users = vec![0; self.rated.len()];
        for user in 0..users as u32 {
            for &item in self.rated.items(user) {
                self.users[next[item as usize] as usize] = user;
                next[item as usize] += 1;
            }
        }
    }

    /// The rows of the side that a row of the other side has ratings with.
    fn with(&self, row: usize) -> &[u32] {
        match self.side {
            Side::User => &self.users[self.starts[row] as usize..self.starts[row + 1] as usize],
            Side::Item => self.rated.items(row as u32),
        }
    }

    /// The view vectors that the factors of a draw give.
    pub(super) fn view(&self, draw: &Factors) -> View {
        let own = if self.side == Side::User { &draw.users } else { &draw.items };
        let factors = own.columns();
        let mean = self.mean(own);
        let scatter = summed(factors, 0..self.active.len(), |part, sum| {
            let mut rest = vec![0.0; factors];
            for &row in &self.active[part] {
                let row = own.row(row as usize).iter().zip(&mean);
                rest.iter_mut().zip(row).for_each(|(rest, (&x, mean))| *rest = f64::from(x) - mean);
                sum.add_outer(1.0, &rest);
            }
        });
        let (numbers, mean) = view_numbers(&scatter, &mean, factors);
        let mut vectors = Matrix::zeros(self.count, factors);
        vectors.as_mut_slice().par_chunks_mut(factors).enumerate().for_each(|(row, view)| {
            let with = self.with(row);
            let mut sum: Vec<f64> = mean.iter().map(|mean| -mean * with.len() as f64).collect();
            for &other in with {
                sum.iter_mut().zip(own.row(other as usize)).for_each(|(sum, &x)| *sum += f64::from(x));
            }
            for (n, entry) in view.iter_mut().enumerate() {
                let weights = numbers.matrix.row(n).iter();
                *entry = weights.zip(&sum).map(|(&weight, sum)| f64::from(weight) * sum).sum::<f64>() as f32;
            }
        });
        let product = summed(factors + 1, 0..self.count, |part, sum| {
            let mut z = vec![0.0; factors + 1];
            for row in part {
                z.iter_mut().zip(vectors.row(row)).for_each(|(z, &entry)| *z = f64::from(entry));
                z[factors] = -(self.with(row).len() as f64) / self.active.len() as f64;
                sum.add_outer(1.0, &z);
            }
        });
        View { vectors, product, mean }
    }

    fn mean(&self, own: &Matrix) -> Vec<f64> {
        let mut mean = vec![0.0; own.columns()];
        for &row in &self.active {
            mean.iter_mut().zip(own.row(row as usize)).for_each(|(sum, &x)| *sum += f64::from(x));
        }
        mean.iter_mut().for_each(|sum| *sum /= self.active.len() as f64);
        mean
    }
}

/// A sum over a range, made in parts at once and put together in their order.
fn summed(size: usize, range: Range<usize>, add: impl Fn(Range<usize>, &mut Square) + Sync) -> Square {
    let starts: Vec<usize> = range.clone().step_by(PART).collect();
    let parts: Vec<Square> = starts
        .into_par_iter()
        .map(|start| {
            let mut sum = Square::diagonal(size, 0.0);
            add(start..range.end.min(start + PART), &mut sum);
            sum
        })
        .collect();
    let mut total = Square::diagonal(size, 0.0);
    parts.iter().for_each(|part| total.add(1.0, part));
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Belief, FoldIn};
    use crate::ratings::{IdMap, Ratings};

    fn model() -> Model {
        let belief = Belief::new(Square::diagonal(3, 1.0), vec![0.0; 3]);
        let fold_in =
            FoldIn { precision: 1.0, power: 0.0, view_weight: 0.5, users: belief.clone(), items: belief };
        let draw = Factors {
            users: Matrix::from_vec(3, 2, vec![2.0, 0.5, 0.0, 0.5, 9.0, 9.0]),
            items: Matrix::from_vec(2, 2, vec![0.0, 2.0, 0.0, -2.0]),
            fold_in: Some(fold_in),
            ..Factors::default()
        };
        let ids = |count: u8| {
            let mut ids = IdMap::new();
            (0..count).for_each(|id| assert_eq!(ids.number(&[id]), u32::from(id)));
            ids
        };
        let mut ratings = Ratings::default();
        [(0, 0), (0, 1), (1, 1)].iter().for_each(|&(user, item)| ratings.push(user, item, 3.0));
        let rated = Rated::from_ratings(&ratings, 3, 2);
        Model { draws: vec![draw], users: ids(3), items: ids(2), rated, ..Model::default() }
    }

    fn near(found: &[f32], expected: &[f32]) -> bool {
        found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6)
    }

    /// Two users of mean `[1, .5]` and scatter `diag(2, 0)`; the third has no ratings.
    #[test]
    fn items_are_explained_by_users_with_ratings() {
        let model = model();
        let view = Raters::of(&model, Side::User).unwrap().view(&model.draws[0]);
        assert!(near(&view.mean.iter().map(|&mean| mean as f32).collect::<Vec<_>>(), &[1.0, 0.5]));
        assert!(near(view.vectors.as_slice(), &[1.0 / 3.0, 0.0, 0.0, 0.0]), "{:?}", view.vectors);
        let entries = [(0, 0, 1.0 / 9.0), (0, 1, 0.0), (0, 2, -0.5 / 3.0), (2, 2, 0.25 + 1.0)];
        assert!(
            entries.iter().all(|&(row, column, entry)| (view.product.get(row, column) - entry).abs() < 1e-6)
        );
    }

    #[test]
    fn users_are_explained_by_items() {
        let model = model();
        let view = Raters::of(&model, Side::Item).unwrap().view(&model.draws[0]);
        assert!(near(view.vectors.as_slice(), &[0.0, 0.0, 0.0, -2.0 / 9.0, 0.0, 0.0]), "{:?}", view.vectors);
    }

    #[test]
    fn a_model_without_ratings_or_views_has_none() {
        let model = Model { rated: Rated::default(), ..model() };
        assert!(Raters::of(&model, Side::User).is_none());
    }
}
