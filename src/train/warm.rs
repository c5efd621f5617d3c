//! A start from another model: what it knows keeps its factors, and what is new begins as an average row does
//! (docs/maths.md, "Warm start").

use super::choices::{Algorithm, Regularization, Start, Views};
use super::engine::Engine;
use super::method::Method;
use super::problem::Problem;
use super::row::Update;
use super::row::sgd::RowState;
use super::settings::Settings;
use super::state::{SideState, State};
use crate::math::Matrix;
use crate::model::{Belief, DrawSide, Factors, Model};
use crate::ratings::{At, IdMap, Scale, Side, Sides};
use crate::{Error, Result};
use std::mem::take;

/// A model to begin from, in the numbers of the ratings to train on. Of several draws it is the last one.
#[derive(Debug, Clone)]
pub struct WarmStart {
    draw: Factors,
    /// The model's row of each user and of each item, where it has one.
    known: Sides<Vec<Option<u32>>>,
    /// How it was trained, if it says so.
    made: Option<Settings>,
    /// For how many epochs.
    epochs: usize,
}

/// What a model's rows were centred by (`train::finish`).
struct Centre {
    mean: Vec<f64>,
    bias: f64,
}

/// The settings that a model says it was trained with.
fn made(model: &Model) -> Option<Settings> {
    model.about.settings()
}

/// Settings for training from a model: what they leave open is as in the model, if it is of the same algorithm. So there
/// is no race.
///
/// # Errors
/// [`Error::Usage`] if they ask for fewer factors than the model has.
pub fn settled(settings: &Settings, model: &Model) -> Result<Settings> {
    let mut settled = settings.clone();
    let has = model.draws.first().map_or(0, |draw| draw.users.columns());
    let asked = *settled.factors.get_or_insert(has);
    if asked < has {
        return Err(Error::Usage(format!(
            "--factors is {asked}, and the model to begin from has {has}, none of which can be left out; \
             name {has} or more, or train without it"
        )));
    }
    match made(model).filter(|made| made.algorithm == settings.algorithm) {
        Some(made) => {
            settled.power = settled.power.or(made.power);
            settled.start = settled.start.or(made.start);
            if settled.regularization == Regularization::Auto {
                settled.regularization = made.regularization;
            }
            if settled.views == Views::Auto {
                settled.views = made.views;
            }
        }
        // Only for the algorithm that trained it is known where its factors lay.
        None if settled.algorithm == Algorithm::Sgd => settled.start = settled.start.or(Some(Start::Centred)),
        None => {}
    }
    settled.check()?;
    Ok(settled)
}

impl WarmStart {
    /// Begins from a model to train on ratings with these ids.
    ///
    /// # Errors
    /// [`Error::Usage`] if the model knows none of them, or its factors say nothing.
    pub fn new(model: &Model, users: &IdMap, items: &IdMap) -> Result<Self> {
        let made = made(model);
        let epochs = model.about.metrics().and_then(|metrics| metrics.epochs()).unwrap_or(1);
        let known = Sides { users: users.rows_in(&model.users), items: items.rows_in(&model.items) };
        if known.iter().flatten().all(Option::is_none) {
            let why = "the model to begin from knows none of these users and items; train without it";
            return Err(Error::Usage(why.into()));
        }
        let draw = model.draws.last().filter(|draw| draw.scale > 0.0);
        let Some(draw) = draw.cloned() else {
            return Err(Error::Usage("the model to begin from has a scale of 0; train without it".into()));
        };
        Ok(Self { draw, known, made, epochs })
    }

    /// How many of the users, and of the items, it knows.
    pub fn known(&self) -> Sides<usize> {
        self.known.as_ref().map(|rows| rows.iter().flatten().count())
    }

    /// Whether the algorithm of `method` trained it.
    fn is_of(&self, method: &Method) -> bool {
        let algorithm = match method {
            Method::Sgd(_) => Algorithm::Sgd,
            Method::Als(_) => Algorithm::Als,
            Method::Bayes(_) => Algorithm::Bayes,
        };
        self.made.as_ref().is_some_and(|made| made.algorithm == algorithm)
    }

    /// How precise ratings are, in standard units of `scale`, if the model is one of `bayes`.
    pub(super) fn precision(&self, scale: Scale) -> Option<f64> {
        let made = self.made.as_ref().filter(|made| made.algorithm == Algorithm::Bayes);
        let fold_in = made.and(self.draw.fold_in.as_ref())?;
        Some(f64::from(fold_in.precision) / self.stretch(scale).powi(2))
    }

    /// The length of the model's standard unit.
    fn stretch(&self, scale: Scale) -> f64 {
        f64::from(self.draw.scale) / scale.deviation
    }

    /// The state to begin in. `fresh` is what training begins in without a model, its numbers evenly from `width` around
    /// zero.
    pub(super) fn state(
        &self,
        (fresh, width): (State, f32),
        problem: &Problem,
        scale: Scale,
        method: &Method,
    ) -> State {
        let draw = &self.draw;
        let centres = self.centres(method);
        let common: f64 = centres.users.mean.iter().zip(&centres.items.mean).map(|(p, q)| p * q).sum();
        let constant = common + centres.users.bias + centres.items.bias;
        let stretch = self.stretch(scale);
        // What predictions have in all, and factors and biases do not.
        let rest = (f64::from(draw.mean) - scale.mean) / scale.deviation + f64::from(method.offset())
            - stretch * constant;
        let weighted = matches!(method, Method::Bayes(_));
        // The users' biases take it in.
        let rest = Sides { users: rest, items: 0.0 };
        let mut fresh = fresh;
        Sides::from_fn(|side| {
            let DrawSide { factors, bias, weight } = draw.side(side);
            let weight: &[f32] = if weighted { weight } else { &[] };
            let (known, position) = (&self.known[side], &problem.staged.position[side]);
            let rows = Rows { known, position, factors, bias, weight, stretch, rest: rest[side] };
            rows.over(take(&mut fresh[side]), width, (&centres[side], &centres[side.other()]))
        })
    }

    /// Where the model's rows lay when it was trained. Its beliefs about rows tell, which were centred with them: those of
    /// `sgd` and `als` were around the origin. `bayes` does not care where rows lie.
    fn centres(&self, method: &Method) -> Sides<Centre> {
        let nowhere = || Centre { mean: vec![0.0; self.draw.users.columns()], bias: 0.0 };
        let told = !matches!(method, Method::Bayes(_)) && self.is_of(method);
        let Some(fold_in) = self.draw.fold_in.as_ref().filter(|_| told) else {
            return Sides::from_fn(|_| nowhere());
        };
        let origins = [&fold_in.users, &fold_in.items].map(Belief::mean);
        if !origins.iter().flatten().all(|number| number.is_finite()) {
            return Sides::from_fn(|_| nowhere());
        }
        let means = origins.each_ref().map(|origin| {
            let (_, factors) = origin.split_last().unwrap_or((&0.0, &[]));
            factors.iter().map(|number| -number).collect::<Vec<f64>>()
        });
        let common: f64 = means[0].iter().zip(&means[1]).map(|(p, q)| p * q).sum();
        let bias = origins.map(|origin| -origin.last().unwrap_or(&0.0) - common);
        let [users, items] = means;
        Sides { users: Centre { mean: users, bias: bias[0] }, items: Centre { mean: items, bias: bias[1] } }
    }

    /// Gives each row of `sgd` that the model knows the gradient sums of its training, about: as many times those of one
    /// epoch in which nothing moves as it ran epochs. So it moves by small steps, and new rows by large ones.
    /// Of a model of another algorithm nothing is known of that, and all rows begin with large steps.
    pub(super) fn settle_steps(
        &self,
        engine: &mut dyn Engine,
        problem: &Problem,
        method: &Method,
    ) -> Result<()> {
        let Method::Sgd(sgd) = method else { return Ok(()) };
        if !self.is_of(method) {
            return Ok(());
        }
        for stage in 0..engine.stages() {
            for side in Side::BOTH {
                engine.sweep(At { stage, side }, &Update::Sgd(sgd.still(problem, side)))?;
            }
        }
        for side in Side::BOTH {
            let mut rows = engine.rows(side)?;
            for (known, &position) in self.known[side].iter().zip(&problem.staged.position[side]) {
                let row = &mut rows[position as usize];
                let times = known.map_or(0.0, |_| self.epochs as f32);
                let [factor_sum, bias_sum] =
                    [row.factor_sum, row.bias_sum].map(|sum| 1.0 + times * (sum - 1.0));
                *row = RowState { factor_sum, bias_sum, ..*row };
            }
            engine.set_rows(side, &rows)?;
        }
        Ok(())
    }
}

/// One side of a model, and where its rows go.
struct Rows<'a> {
    known: &'a [Option<u32>],
    position: &'a [u32],
    factors: &'a Matrix,
    bias: &'a [f32],
    /// None where all ratings count alike.
    weight: &'a [f32],
    stretch: f64,
    /// What is added to each bias.
    rest: f64,
}

impl Rows<'_> {
    /// Puts the rows over fresh ones. Columns that the model does not have stay fresh. Where the model knows no row at all
    /// they begin as ever, else around the average one.
    fn over(&self, mut fresh: SideState, width: f32, (own, other): (&Centre, &Centre)) -> SideState {
        let root = self.stretch.sqrt();
        let none = self.known.iter().all(Option::is_none);
        let shrink = if none { 1.0 } else { Start::Centred.interval(1).1 / width.max(f32::MIN_POSITIVE) };
        for (known, &position) in self.known.iter().zip(self.position) {
            let (row, state) = (fresh.factors.row_mut(position as usize), &mut fresh.rows[position as usize]);
            let mut bias = own.bias;
            if let Some(known) = *known {
                let factors = self.factors.row(known as usize);
                bias += f64::from(self.bias[known as usize]);
                for (column, &factor) in factors.iter().enumerate() {
                    row[column] = (root * (f64::from(factor) + own.mean[column])) as f32;
                    bias -= f64::from(factor) * other.mean[column];
                }
                if let Some(&weight) = self.weight.get(known as usize) {
                    state.factor_sum = weight;
                }
            } else {
                for (value, mean) in row.iter_mut().zip(&own.mean) {
                    *value = shrink * *value + (root * mean) as f32;
                }
            }
            state.bias = (self.stretch * bias + self.rest) as f32;
        }
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{About, TrainingMetrics};
    use crate::ratings::Ratings;
    use crate::train::engine::cpu::CpuEngine;
    use crate::train::finish::finish;
    use crate::train::{HeldOut, Outcome, Training, train};
    use std::ops::ControlFlow;

    fn ratings(stretch: f32) -> Ratings {
        let mut ratings = Ratings::default();
        for number in 0..1500_u32 {
            let (user, item) = (number % 60, number * 7 % 41);
            let value = 3.0 + ((user % 5) as f32 - 2.0) * ((item % 3) as f32 - 1.0) / 2.0 + (user % 2) as f32;
            ratings.push(user, item, stretch * value);
        }
        ratings
    }

    fn settings(algorithm: Algorithm, start: Start) -> Settings {
        Settings {
            algorithm,
            factors: Some(4),
            epochs: Some(6),
            start: (algorithm == Algorithm::Sgd).then_some(start),
            regularization: Regularization::Fixed(0.1),
            views: Views::Weight(0.0),
            burn_in: 2,
            ..Settings::default()
        }
    }

    fn trained(settings: &Settings) -> (Model, Scale) {
        let ratings = ratings(1.0);
        let training = Training {
            ratings: &ratings,
            held_out: HeldOut::Random,
            test: None,
            warm: None,
            size: (60, 41).into(),
        };
        let mut open = |problem, state: &_| Ok(Box::new(CpuEngine::new(problem, state)) as Box<_>);
        let outcome = train(training, settings, &mut open, &mut |_| ControlFlow::Continue(())).unwrap();
        let Outcome { draws, settings, scale, .. } = outcome;
        let mut model = Model { draws, range: (scale.low, scale.high), ..Model::default() };
        (0..60_u32).for_each(|user| _ = model.users.number(&user.to_le_bytes()));
        (0..41_u32).for_each(|item| _ = model.items.number(&item.to_le_bytes()));
        model.about = About::new(&settings, &TrainingMetrics::default());
        (model, scale)
    }

    /// The state to begin in on ratings of `stretch` times the model's, all of whose ids but `new` users it knows.
    fn begun(model: &Model, method: &Method, stretch: f32, new: u32) -> (State, Problem, Scale) {
        let mut users = model.users.clone();
        (0..new).for_each(|user| _ = users.number(&(1000 + user).to_le_bytes()));
        let mut all = ratings(stretch);
        (0..new).for_each(|user| all.push(60 + user, user, 3.0 * stretch));
        let scale = Scale::of(&all);
        let problem = Problem::new(&all, &Ratings::default(), (users.len(), 41), scale, (1, 1));
        let warm = WarmStart::new(model, &users, &model.items).unwrap();
        let fresh = State::start(&problem.staged.position, 5, (-0.1, 0.1), 1);
        (warm.state((fresh, 0.1), &problem, scale, method), problem, scale)
    }

    fn sgd(start: Start) -> Method {
        let (regularization, learning_rate, power) = (0.1, 0.05, 0.3);
        Method::Sgd(super::super::method::Sgd {
            factors: 4,
            start,
            regularization,
            learning_rate,
            power,
            warm: true,
        })
    }

    fn als() -> Method {
        Method::Als(super::super::method::Als { factors: 4, regularization: 0.1, power: 0.5, views: 0.0 })
    }

    const TRAINED: [(Algorithm, Start); 4] = [
        (Algorithm::Sgd, Start::Centred),
        (Algorithm::Sgd, Start::Offset),
        (Algorithm::Als, Start::Centred),
        (Algorithm::Bayes, Start::Centred),
    ];

    /// Whatever trained the model, whatever goes on, on whatever scale: predictions are those of the model.
    #[test]
    fn it_predicts_what_the_model_does() {
        for (algorithm, start) in TRAINED {
            let (model, _) = trained(&settings(algorithm, start));
            let draw = model.draws.last().unwrap();
            for method in [sgd(Start::Centred), sgd(Start::Offset), als()] {
                for (stretch, new) in [(1.0, 0), (20.0, 3)] {
                    let (state, problem, scale) = begun(&model, &method, stretch, new);
                    for (user, item, _) in ratings(1.0).iter() {
                        let (u, i) = (
                            problem.staged.position.users[user as usize] as usize,
                            problem.staged.position.items[item as usize] as usize,
                        );
                        // The fifth factor is new.
                        let product: f32 = (0..4)
                            .map(|n| state.users.factors.row(u)[n] * state.items.factors.row(i)[n])
                            .sum();
                        let found =
                            product + state.users.rows[u].bias + state.items.rows[i].bias - method.offset();
                        let (user, item) = (user as usize, item as usize);
                        let product: f32 =
                            draw.users.row(user).iter().zip(draw.items.row(item)).map(|(p, q)| p * q).sum();
                        let said =
                            draw.mean + draw.scale * (product + draw.user_bias[user] + draw.item_bias[item]);
                        assert!(
                            (found - scale.standard(said)).abs() < 1e-4,
                            "{algorithm:?} {start:?}: {found} {said}"
                        );
                    }
                }
            }
        }
    }

    /// Where training had left off, not only its predictions: the same model is delivered from there.
    #[test]
    fn it_is_the_state_that_training_left() {
        for ((algorithm, start), method) in
            TRAINED.into_iter().zip([sgd(Start::Centred), sgd(Start::Offset), als()])
        {
            let (model, scale) = trained(&settings(algorithm, start));
            let (mut state, problem, _) = begun(&model, &method, 1.0, 0);
            let four = |side: &SideState| {
                let rows = side.factors.as_slice().chunks(5).flat_map(|row| row[..4].to_vec()).collect();
                Matrix::from_vec(side.rows.len(), 4, rows)
            };
            (state.users.factors, state.items.factors) = (four(&state.users), four(&state.items));
            let mean = |side: &SideState| {
                side.factors.as_slice().iter().sum::<f32>() / side.factors.as_slice().len() as f32
            };
            if start == Start::Offset {
                assert!(
                    mean(&state.users) * mean(&state.items) > 0.01,
                    "the rows are where an offset has them"
                );
            }
            let again = finish(&state, &problem, scale, &method);
            let draw = &model.draws[0];
            let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4);
            assert!(near(again.users.as_slice(), draw.users.as_slice()), "{algorithm:?} {start:?}");
            assert!(near(&again.item_bias, &draw.item_bias), "{algorithm:?} {start:?}");
            let [a, b] = [&again, draw].map(|draw| draw.fold_in.as_ref().unwrap().users.mean());
            assert!(
                a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-3),
                "{algorithm:?} {start:?}: {a:?} {b:?}"
            );
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let (mut model, _) = trained(&settings(Algorithm::Als, Start::Centred));
        let fewer = Settings { factors: Some(3), ..settings(Algorithm::Als, Start::Centred) };
        assert_eq!(settled(&fewer, &model).unwrap_err().exit_code(), 2);
        let open = Settings {
            factors: None,
            regularization: Regularization::Auto,
            algorithm: Algorithm::Als,
            ..Settings::default()
        };
        let made = settled(&open, &model).unwrap();
        assert_eq!((made.factors, made.regularization), (Some(4), Regularization::Fixed(0.1)));
        let strangers = IdMap::new();
        assert_eq!(WarmStart::new(&model, &strangers, &strangers).unwrap_err().exit_code(), 2);
        model.draws[0].scale = 0.0;
        assert_eq!(WarmStart::new(&model, &model.users, &model.items).unwrap_err().exit_code(), 2);
    }
}
