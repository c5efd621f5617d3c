//! Folds in users and items that a model does not contain, from their ratings alone. One sweep updates all
//! new rows against the fixed other side (docs/maths.md, "Fold-in").

mod both;
mod implicit;
mod known;

use crate::math::philox::{Purpose, key};
use crate::math::{Matrix, products};
use crate::model::{Belief, DrawSide, Factors, FoldIn, Model, NewDraw, NewRows};
use crate::ratings::{At, Dataset, Ratings, Scale, Shape, Side, Sides};
use crate::train::algorithm::{ROW_FREEDOM, shared, unobserved_share};
use crate::train::engine::{Engine, OpenEngine};
use crate::train::problem::Problem;
use crate::train::row::normal::{Form, Forms, Noise, Numbers, Quadratic, Solver};
use crate::train::row::{Target, Update};
use crate::train::state::{SideState, State};
use crate::{Error, Result};
pub use both::{Added, add_new};
use implicit::{Implicit, Raters};
use known::usable;
use std::sync::Arc;

/// The result of folding in.
#[derive(Debug, Clone)]
pub struct Folded {
    /// The new rows, for [`Model::add`].
    pub rows: NewRows,
    /// The number of ratings of rows of that side that the model already contains. They are not used.
    pub known: usize,
    /// The number of ratings between a new row and a row of the other side that the model does not contain.
    /// They are not used.
    pub unknown: usize,
}

/// Folds in the users (or the items, as `side` says) of `new` that the model does not contain, from their
/// ratings of rows that it contains. For each draw of the model a new row is the one that training would have
/// computed with all other rows fixed. The model itself does not change. If there is no such row, no engine
/// is opened. If the model keeps no ratings, implicit features take no part. A model of several draws has
/// noisy rows, so a new row is drawn, too; `seed` is the seed of that noise.
///
/// # Errors
/// [`Error::Usage`] if the model has no prior for new rows, [`Error::Diverged`] if ratings are so large that
/// the rows are not finite, and those of the engine.
pub fn fold_in(
    model: &Model,
    new: &Dataset,
    side: Side,
    open: &mut OpenEngine<'_>,
    seed: u64,
) -> Result<Folded> {
    if !model.draws.iter().all(|draw| draw.fold_in.is_some() && draw.users.columns() > 0) {
        let why = "the model does not say how users and items are added to it, since an older version or another \
                   program made it; train it again with this version";
        return Err(Error::Usage(why.into()));
    }
    let (ids, ratings, [known, unknown]) = usable(model, new, side);
    let draws = if ids.is_empty() {
        vec![
            NewDraw { factors: Matrix::zeros(0, model.draws[0].users.columns()), ..NewDraw::default() };
            model.draws.len()
        ]
    } else {
        Folding { model, side, count: ids.len(), ratings: &ratings, seed }.draws(open)?
    };
    Ok(Folded { rows: NewRows { side, ids, draws, ratings }, known, unknown })
}

/// The input of one fold-in.
struct Folding<'a> {
    model: &'a Model,
    side: Side,
    /// The number of new rows.
    count: usize,
    ratings: &'a Ratings,
    seed: u64,
}

impl Folding<'_> {
    fn draws(&self, open: &mut OpenEngine<'_>) -> Result<Vec<NewDraw>> {
        let first = &self.model.draws[0];
        let problem = Arc::new(self.problem(first));
        // Implicit features exist for item rows only.
        let raters = Raters::of(self.model).filter(|_| self.side == Side::Item);
        let mut engine: Option<Box<dyn Engine>> = None;
        let mut draws = Vec::with_capacity(self.model.draws.len());
        for (number, draw) in self.model.draws.iter().enumerate() {
            let state = self.state(draw, &problem);
            let engine = match &mut engine {
                Some(engine) => {
                    engine.restore(&state)?;
                    engine
                }
                closed => closed.insert(open(Arc::clone(&problem), &state)?),
            };
            drop(state);
            let Some(fold_in) = &draw.fold_in else { continue };
            let implicit =
                raters.as_ref().filter(|_| fold_in.implicit_weight > 0.0).map(|raters| raters.implicit(draw));
            draws.push(self.draw(&mut **engine, &problem, (number, draw, fold_in), implicit)?);
        }
        Ok(draws)
    }

    /// The ratings of the new rows, in the standard units of a draw.
    fn problem(&self, draw: &Factors) -> Problem {
        let (low, high) = self.model.range;
        let units = Scale {
            mean: draw.mean.into(),
            deviation: draw.scale.into(),
            low,
            high,
            shape: Shape::Linear,
            dislikes_below: None,
        };
        let scale = self.model.about.weights().unwrap_or(units);
        let size = Sides::with(self.side, self.count, self.model.ids(self.side.other()).len());
        // The order of the ratings only affects rounding, so it needs no seed; the seed is for the noise
        // alone.
        Problem::new(self.ratings, &Ratings::default(), size, scale, (1, 0))
    }

    /// A state with zero rows on the new side, and a draw's rows on the other side at the problem's
    /// positions.
    fn state(&self, draw: &Factors, problem: &Problem) -> State {
        let other = self.side.other();
        let DrawSide { factors, bias, weight } = draw.side(other);
        // Ratings are in the units of the first draw. Another draw can have another mean and another standard
        // unit.
        let first = &self.model.draws[0];
        let stretch = draw.scale / first.scale;
        let start = (draw.mean - first.mean) / first.scale;
        let mut fixed = SideState::zeros(factors.rows(), factors.columns());
        for (number, &position) in problem.staged.position[other].iter().enumerate() {
            let row = fixed.factors.row_mut(position as usize);
            row.iter_mut().zip(factors.row(number)).for_each(|(own, factor)| *own = stretch * factor);
            let state = &mut fixed.rows[position as usize];
            state.bias = start + stretch * bias[number];
            state.set_weight(weight.get(number).copied().unwrap_or(1.0));
        }
        Sides::with(self.side, SideState::zeros(self.count, factors.columns()), fixed)
    }

    /// The share of all pairs in the equations of every new row.
    fn unobserved(&self, draw: &Factors, fold_in: &FoldIn) -> Quadratic {
        let fixed = draw.side(self.side.other()).factors;
        let regularization = fold_in.side(self.side).precision.get(0, 0) as f32;
        // Users without ratings took no part in training.
        let without = if self.side == Side::Item { &draw.origin[..] } else { &[] };
        let weights = (fold_in.unobserved_weight, regularization);
        unobserved_share(&products(fixed, without), fixed.columns(), weights, fixed.rows())
    }

    /// Computes the new rows of one draw. The engine holds the rows of its other side.
    fn draw(
        &self,
        engine: &mut dyn Engine,
        problem: &Problem,
        (number, draw, fold_in): (usize, &Factors, &FoldIn),
        implicit: Option<Implicit>,
    ) -> Result<NewDraw> {
        let factors = draw.users.columns();
        let side = self.side;
        let weighted = !draw.side(side).weight.is_empty();
        let position = &problem.staged.position[side];
        let (implicit_weight, shared) = match implicit {
            Some(Implicit { vectors, product, mean }) => {
                engine.set_implicit(Side::User, &at_positions(&vectors, &problem.staged.position.users))?;
                (fold_in.implicit_weight, shared(&product, &mean, fold_in.implicit_weight))
            }
            None if fold_in.unobserved_weight > 0.0 => (0.0, self.unobserved(draw, fold_in)),
            None => (0.0, Quadratic::none(factors)),
        };
        let stretch = draw.scale / self.model.draws[0].scale;
        let target = if fold_in.unobserved_weight > 0.0 { Target::Preference } else { Target::Value };
        // The rows of a model of draws are drawn as every version has drawn them.
        let is_drawn = self.model.draws.len() > 1;
        let forms = if is_drawn { Forms::only(Form::Long) } else { Forms::of(Solver::Exact, factors, true) };
        let numbers = Numbers {
            target,
            forms,
            steps: 0,
            precision: fold_in.precision / (stretch * stretch),
            prior: prior(fold_in.side(side)),
            power: fold_in.power,
            shared,
            implicit_weight,
            noise: None,
            measure: weighted,
        };
        if weighted {
            engine.sweep(At { stage: 0, side }, &Update::Normal(numbers.clone()))?;
            let mut rows = engine.row_states(side)?;
            for (row, &activity) in rows.iter_mut().zip(&problem.staged.activity[side]) {
                let expected = ROW_FREEDOM + f64::from(numbers.precision * row.weighted_loss());
                row.set_weight(((ROW_FREEDOM + f64::from(activity)) / expected) as f32);
            }
            engine.set_row_states(side, &rows)?;
        }
        let noise =
            Noise { key: key(self.seed, Purpose::FoldIn), draw: number as u32, side: side.index() as u32 };
        let noise = is_drawn.then_some(noise);
        let numbers = Numbers { noise, measure: false, ..numbers };
        engine.sweep(At { stage: 0, side }, &Update::Normal(numbers))?;
        let folded = engine.state()?.into_side(side);
        let mut new = NewDraw { factors: Matrix::zeros(self.count, factors), ..NewDraw::default() };
        for (row, &position) in position.iter().enumerate() {
            new.factors.row_mut(row).copy_from_slice(folded.factors.row(position as usize));
            new.bias.push(folded.rows[position as usize].bias);
            if weighted {
                new.weight.push(folded.rows[position as usize].weight());
            }
        }
        let numbers = new.factors.as_slice().iter().chain(&new.bias).chain(&new.weight);
        if numbers.into_iter().all(|number| number.is_finite()) {
            Ok(new)
        } else {
            let why = "folding in gave numbers that are not finite; are there ratings far outside the model's range?";
            Err(Error::Diverged(why.into()))
        }
    }
}

/// A belief in the form that sweeps read.
fn prior(belief: &Belief) -> Quadratic {
    let pull = belief.pull.iter().map(|&pull| pull as f32).collect();
    Quadratic { matrix: belief.precision.to_matrix(), pull }
}

/// Rows of the model, moved to the problem's positions.
fn at_positions(rows: &Matrix, position: &[u32]) -> Matrix {
    let mut moved = Matrix::zeros(rows.rows(), rows.columns());
    for (row, &position) in position.iter().enumerate() {
        moved.row_mut(position as usize).copy_from_slice(rows.row(row));
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Square;
    use crate::train::engine::cpu::CpuEngine;

    fn dataset(list: &[(&str, &str, f32)]) -> Dataset {
        let mut dataset = Dataset::default();
        for &(user, item, value) in list {
            let (user, item) = (dataset.users.number(user.as_bytes()), dataset.items.number(item.as_bytes()));
            dataset.ratings.push(user, item, value);
        }
        dataset
    }

    /// Two items with one factor each, in different directions; the second is rated half as precisely.
    fn model(mean: f32, weights: bool) -> Model {
        let known = dataset(&[("a", "x", 3.0), ("a", "y", 3.0)]);
        let mut precision = Square::diagonal(3, 1.0);
        // A prior this precise makes the bias zero.
        *precision.at(2, 2) = 1e9;
        let belief = Belief::new(precision, vec![0.0; 3]);
        let draw = Factors {
            origin: Vec::new(),
            users: Matrix::zeros(1, 2),
            items: Matrix::from_vec(2, 2, vec![1.0, 0.0, 0.0, 2.0]),
            user_bias: vec![0.0],
            item_bias: vec![0.5, 0.0],
            mean,
            scale: 2.0,
            user_weight: if weights { vec![1.0] } else { Vec::new() },
            item_weight: if weights { vec![1.0, 0.5] } else { Vec::new() },
            fold_in: Some(FoldIn {
                unobserved_weight: 0.0,
                precision: 2.0,
                power: 1.0,
                implicit_weight: 0.0,
                users: belief.clone(),
                items: belief,
            }),
        };
        Model {
            draws: vec![draw],
            users: known.users,
            items: known.items,
            range: (1.0, 5.0),
            ..Model::default()
        }
    }

    fn folded(model: &Model) -> Vec<NewDraw> {
        let new = dataset(&[("n", "x", 6.0), ("n", "y", 5.0)]);
        let mut open = |problem, state: &_| Ok(Box::new(CpuEngine::new(problem, state)) as _);
        fold_in(model, &new, Side::User, &mut open, 1).unwrap().rows.draws
    }

    /// In standard units the ratings are 1.5, of which .5 is the item's bias, and 1. The prior counts twice,
    /// as there are two ratings: `(2 + 2) p = 2 * 1` and `(2 + 2 * 4) p = 2 * 2 * 1`.
    #[test]
    fn a_user_by_hand() {
        let draws = folded(&model(3.0, false));
        let expected = [0.5, 0.4];
        assert!(draws[0].factors.row(0).iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{draws:?}");
        assert!(draws[0].weight.is_empty());
    }

    /// The second factor now solves `(2 + .5 * 2 * 4) p = .5 * 2 * 2 * 1`, so it is 1/3. The errors are .5
    /// and 1/3, the weighted loss is `.25 + .5 / 9`, and the weight is `(20 + 2) / (20 + 2 * loss)`. With
    /// this weight both are solved again.
    #[test]
    fn a_weighted_user_by_hand() {
        let draws = folded(&model(3.0, true));
        let weight = 22.0 / (20.0 + 2.0 * (0.25 + 0.5 / 9.0));
        let expected = [2.0 * weight / (2.0 + 2.0 * weight), 2.0 * weight / (2.0 + 4.0 * weight)];
        assert!((draws[0].weight[0] - weight).abs() < 1e-5, "{draws:?}");
        assert!(draws[0].factors.row(0).iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{draws:?}");
    }

    /// A draw with another mean and another scale gives the same rows as it does alone, up to the noise of
    /// several draws.
    #[test]
    fn draws_have_units_of_their_own() {
        let mut both = model(3.0, false);
        let mut other = model(2.0, false).draws.remove(0);
        other.scale = 1.0;
        let alone = folded(&Model { draws: vec![other.clone()], ..both.clone() });
        // A precision so high that the noise does not show.
        let precise = |draw: &mut Factors| draw.fold_in.as_mut().unwrap().precision = 1e9;
        both.draws.push(other);
        both.draws.iter_mut().for_each(precise);
        let draws = folded(&both);
        let expected = [3.5, 1.5];
        assert!(draws[1].factors.row(0).iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-3), "{draws:?}");
        assert!((alone[0].factors.row(0)[0] - 3.5 / 2.0).abs() < 1e-5, "{alone:?}");
    }
}
