//! Why an item is in a user's list. The row of a user of a model of lists solves `A p = sum over j of w_j t_j
//! q_j` over the rated items, with weight `w` and target `t`. So the score of an item is a sum of one part
//! for each of them, `w_j t_j q' A^-1 q_j` (Hu, Koren, Volinsky 2008, section 5).

use crate::math::{Square, products};
use crate::model::{Factors, FoldIn, Model, Rated};
use crate::ratings::Scale;
use crate::{Error, Result};

/// A model of lists, prepared for explanations.
#[derive(Debug)]
pub struct Explain<'a> {
    draw: &'a Factors,
    rated: &'a Rated,
    weights: Scale,
    /// What all pairs, rated or not, contribute to the equations of every user.
    shared: Square,
    regularization: f64,
    power: f64,
}

impl<'a> Explain<'a> {
    /// Prepares explanations by the ratings `rated`, from which the rows of users were computed.
    ///
    /// # Errors
    /// [`Error::Usage`] as in [`needs_lists`], which the feature `what` needs, and if there are no ratings.
    pub fn new(model: &'a Model, rated: &'a Rated, what: &str) -> Result<Self> {
        let (draw, fold_in, weights) = needs_lists(model, what)?;
        if rated.is_empty() {
            let why = "needs the ratings of the users, and the model kept none";
            return Err(Error::Usage(format!("{what} {why}")));
        }
        let unobserved = f64::from(fold_in.unobserved_weight);
        let regularization = fold_in.users.precision.get(0, 0);
        let ridge = unobserved * regularization * draw.items.rows() as f64;
        let mut shared = Square::diagonal(draw.items.columns(), ridge);
        shared.add(unobserved, &products(&draw.items, &[]));
        Ok(Self { draw, rated, weights, shared, regularization, power: fold_in.power.into() })
    }

    /// For each of `items`, the at most `most` items that the user rated and that add most to the score,
    /// largest part first; equal parts in the order of the items' numbers. Items that take from the score are
    /// left out.
    ///
    /// # Panics
    /// If an item is not a row of the model.
    pub fn of(&self, user: u32, items: &[u32], most: usize) -> Vec<Vec<(u32, f64)>> {
        let mut found = self.parts(user, items);
        for parts in &mut found {
            parts.retain(|&(_, part)| part > 0.0);
            parts.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            parts.truncate(most);
        }
        found
    }

    /// The parts of each score. Those of disliked items are zero and not in the list.
    fn parts(&self, user: u32, items: &[u32]) -> Vec<Vec<(u32, f64)>> {
        let weight = |(item, value)| (item, f64::from(self.weights.standard(value)));
        let rated: Vec<(u32, f64)> = self.rated.of(user).map(weight).collect();
        let lower = self.equations(&rated).cholesky();
        let scale = f64::from(self.draw.scale);
        let parts = |&item: &u32| {
            let solved = lower.solve_transposed(lower.solve(self.row(item).collect()));
            let part = |other: u32| self.row(other).zip(&solved).map(|(a, b)| a * b).sum::<f64>();
            let liked = rated.iter().filter(|(_, weight)| *weight > 0.0);
            liked.map(|&(other, weight)| (other, scale * weight * part(other))).collect()
        };
        items.iter().map(parts).collect()
    }

    /// The matrix `A` of a user who rated these items; a negative weight is that of a dislike.
    fn equations(&self, rated: &[(u32, f64)]) -> Square {
        let mut matrix = self.shared.clone();
        let size = matrix.size();
        let own = self.regularization * (rated.len().max(1) as f64).powf(self.power);
        (0..size).for_each(|n| *matrix.at(n, n) += own);
        let mut row = vec![0.0; size];
        for &(item, weight) in rated {
            row.iter_mut().zip(self.row(item)).for_each(|(to, number)| *to = number);
            matrix.add_outer(weight.abs(), &row);
        }
        matrix
    }

    /// The factors of an item.
    fn row(&self, item: u32) -> impl Iterator<Item = f64> {
        self.draw.items.row(item as usize).iter().map(|&number| f64::from(number))
    }
}

/// Checks that a model is one of lists, which the feature `what` needs. Returns its factors, the parameters
/// of its equations, and how it weighs ratings.
///
/// # Errors
/// [`Error::Usage`] if it is a model of ratings, or does not say how it weighs them.
pub fn needs_lists<'a>(model: &'a Model, what: &str) -> Result<(&'a Factors, &'a FoldIn, Scale)> {
    let of_lists = |draw: &'a Factors| {
        let fold_in = draw.fold_in.as_ref().filter(|fold_in| fold_in.unobserved_weight > 0.0)?;
        (draw.items.columns() > 0).then_some((draw, fold_in))
    };
    let why = match (model.draws.first().and_then(of_lists), model.about.weights()) {
        (Some((draw, fold_in)), Some(weights)) => return Ok((draw, fold_in, weights)),
        (Some(_), None) => "needs the weights of ratings, which the model does not say",
        (None, _) => "needs a model of lists: train with `training.algorithm = ials`",
    };
    Err(Error::Usage(format!("{what} {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Matrix;
    use crate::model::{About, Belief};
    use crate::ratings::{Ratings, Shape};
    use crate::score::score;
    use serde_json::json;

    /// A model of lists with one user, whose ratings weigh as much as their values; those below 1 are
    /// dislikes. His row solves his equations.
    fn model(
        items: Matrix,
        values: &[(u32, f32)],
        power: f32,
        unobserved: f32,
        regularization: f64,
    ) -> Model {
        let size = items.columns();
        let belief = Belief::new(Square::diagonal(size + 1, regularization), vec![0.0; size + 1]);
        let fold_in = FoldIn {
            precision: 1.0,
            power,
            implicit_weight: 0.0,
            unobserved_weight: unobserved,
            users: belief.clone(),
            items: belief,
        };
        let mut ratings = Ratings::default();
        values.iter().for_each(|&(item, value)| ratings.push(0, item, value));
        let weights = Scale {
            mean: 0.0,
            deviation: 1.0,
            low: 0.0,
            high: 9.0,
            shape: Shape::Linear,
            dislikes_below: Some(1.0),
        };
        let unobserved = f64::from(unobserved);
        let count = values.len() as f64;
        let ridge = regularization * (count.powf(power.into()) + unobserved * items.rows() as f64);
        let (mut matrix, mut sum) = (Square::diagonal(size, ridge), vec![0.0; size]);
        for item in 0..items.rows() {
            let row: Vec<f64> = items.row(item).iter().map(|&number| number.into()).collect();
            matrix.add_outer(unobserved, &row);
            let Some(&(_, value)) = values.iter().find(|(rated, _)| *rated as usize == item) else {
                continue;
            };
            let (weight, target) = if value < 1.0 { (1.0, 0.0) } else { (f64::from(value), 1.0) };
            matrix.add_outer(weight, &row);
            sum.iter_mut().zip(&row).for_each(|(sum, number)| *sum += weight * target * number);
        }
        let user: Vec<f32> = matrix.inverse().times(&sum).into_iter().map(|number| number as f32).collect();
        let rated = Rated::from_ratings(&ratings, 1, items.rows());
        let draw = Factors {
            users: Matrix::from_vec(1, size, user),
            user_bias: vec![0.0],
            item_bias: vec![0.0; items.rows()],
            items,
            scale: 1.0,
            origin: vec![0.0; size],
            fold_in: Some(fold_in),
            ..Factors::default()
        };
        let about = About::from(json!({})).with_weights(&weights);
        Model { draws: vec![draw], rated, about, ..Model::default() }
    }

    fn near(found: &[(u32, f64)], expected: &[(u32, f64)]) -> bool {
        found.len() == expected.len()
            && found.iter().zip(expected).all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() < 1e-12)
    }

    /// `A = .5 (1 + 4 + 9) + 1 * 1 + 2 * 4 + .25 (2 + .5 * 3) = 16.875`. The dislike of the third item adds
    /// 9.
    #[test]
    fn parts_by_hand() {
        let items = || Matrix::from_vec(3, 1, vec![1.0, 2.0, 3.0]);
        let liked = model(items(), &[(0, 1.0), (1, 2.0)], 1.0, 0.5, 0.25);
        let explain = Explain::new(&liked, &liked.rated, "this").unwrap();
        let found = explain.of(0, &[2, 0], 5);
        assert!(near(&found[0], &[(1, 12.0 / 16.875), (0, 3.0 / 16.875)]), "{found:?}");
        assert!(near(&found[1], &[(1, 4.0 / 16.875), (0, 1.0 / 16.875)]), "{found:?}");
        assert_eq!(explain.of(0, &[2], 1), [[found[0][0]]]);
        assert!(explain.of(0, &[2], 0)[0].is_empty());
        let disliked = model(items(), &[(0, 1.0), (1, 2.0), (2, 0.5)], 0.0, 0.5, 0.25);
        let found = Explain::new(&disliked, &disliked.rated, "this").unwrap().of(0, &[2], 5);
        let matrix = 7.0 + 9.0 + 9.0 + 0.25 * 2.5;
        assert!(near(&found[0], &[(1, 12.0 / matrix), (0, 3.0 / matrix)]), "{found:?}");
    }

    #[test]
    fn the_parts_add_up_to_the_score() {
        let number = |n: u32| (n * 7919 % 1013) as f32 / 1013.0 - 0.4;
        let items = Matrix::from_vec(30, 5, (0..150).map(number).collect());
        let values: Vec<(u32, f32)> = (0..30).step_by(3).map(|item| (item, (item % 5) as f32)).collect();
        let model = model(items, &values, 0.5, 0.1, 0.02);
        let explain = Explain::new(&model, &model.rated, "this").unwrap();
        let all: Vec<u32> = (0..30).collect();
        let (parts, best) = (explain.parts(0, &all), explain.of(0, &all, 3));
        assert!(parts.iter().flatten().any(|(_, part)| *part < 0.0), "some speak against an item");
        for (&item, (parts, best)) in all.iter().zip(parts.iter().zip(&best)) {
            let sum: f64 = parts.iter().map(|(_, part)| part).sum();
            let expected = f64::from(score(&model, Some(0), Some(item)));
            assert!((sum - expected).abs() < 1e-5, "item {item}: {sum} {expected}");
            assert!(best.iter().all(|best| best.1 > 0.0 && parts.contains(best)) && best.len() <= 3);
            assert!(best.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{best:?}");
            let smallest = best.last().map_or(0.0, |last| last.1);
            let above = parts.iter().filter(|(_, part)| *part > smallest).count();
            assert_eq!(above, best.len().saturating_sub(1), "the largest ones");
        }
    }

    #[test]
    fn only_lists_with_ratings_are_explained() {
        let mut model = model(Matrix::from_vec(2, 1, vec![1.0, 2.0]), &[(0, 1.0)], 1.0, 0.5, 0.25);
        let says = |model: &Model, rated: &Rated| match Explain::new(model, rated, "this") {
            Err(Error::Usage(why)) => why,
            other => format!("{other:?}"),
        };
        assert!(Explain::new(&model, &model.rated, "this").is_ok());
        assert!(says(&model, &Rated::default()).contains("kept none"));
        let weighed = std::mem::take(&mut model.about);
        assert!(says(&model, &model.rated).contains("the weights of ratings"));
        model.about = weighed;
        model.draws[0].fold_in.as_mut().unwrap().unobserved_weight = 0.0;
        assert!(says(&model, &model.rated).starts_with("this needs a model of lists"));
    }
}
