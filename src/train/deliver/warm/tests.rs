//! Training that begins from a model has the model's predictions and the model's state.

use super::{WarmStart, filled_from};
use crate::math::Matrix;
use crate::model::{About, Model, TrainingMetrics};
use crate::ratings::{IdMap, Ratings, Scale};
use crate::train::algorithm::Method;
use crate::train::candidate::Candidate;
use crate::train::deliver::checked;
use crate::train::engine::cpu::CpuEngine;
use crate::train::{Algorithm, Choice, Outcome, Problem, Settings, SideState, Start, State, Training, train};
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
        regularization: Choice::Fixed(0.1),
        views: Choice::Fixed(0.0),
        burn_in: 2,
        ..Settings::default()
    }
}

fn trained(settings: &Settings) -> (Model, Scale) {
    let ratings = ratings(1.0);
    let training = Training::new(&ratings, (60, 41));
    let mut open = |problem, state: &_| Ok(Box::new(CpuEngine::new(problem, state)) as Box<_>);
    let outcome = train(training, settings, &mut open, &mut |_| ControlFlow::Continue(())).unwrap();
    let Outcome { draws, settings, scale, .. } = outcome;
    let mut model = Model { draws, range: (scale.low, scale.high), ..Model::default() };
    (0..60_u32).for_each(|user| _ = model.users.number(&user.to_le_bytes()));
    (0..41_u32).for_each(|item| _ = model.items.number(&item.to_le_bytes()));
    let metrics =
        TrainingMetrics { mean: scale.mean, deviation: scale.deviation, ..TrainingMetrics::default() };
    model.about = About::new(&settings, &metrics);
    (model, scale)
}

/// The initial state for ratings of `stretch` times the model's scale. The model contains all ids except
/// `new` users.
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
    method(Algorithm::Sgd, Some(start))
}

fn als() -> Method {
    method(Algorithm::Als, None)
}

fn method(algorithm: Algorithm, start: Option<Start>) -> Method {
    let settings = Settings { algorithm, factors: Some(4), ..Settings::default() };
    Method::new(&Candidate::over(&settings, start, 0.1, 0.0), true, None)
}

const TRAINED: [(Algorithm, Start); 4] = [
    (Algorithm::Sgd, Start::Centred),
    (Algorithm::Sgd, Start::Offset),
    (Algorithm::Als, Start::Centred),
    (Algorithm::Bayes, Start::Centred),
];

/// Whichever algorithm trained the model, whichever continues, on whatever scale: the predictions are the
/// model's.
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
                    // The model has no fifth factor.
                    let product: f32 =
                        (0..4).map(|n| state.users.factors.row(u)[n] * state.items.factors.row(i)[n]).sum();
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

/// The initial state equals the state in which training ended, not only its predictions: it is delivered as
/// the same model.
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
            assert!(mean(&state.users) * mean(&state.items) > 0.01, "the rows are where an offset has them");
        }
        let again = checked(&state, &problem, scale, &method).unwrap();
        let draw = &model.draws[0];
        let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4);
        assert!(near(again.users.as_slice(), draw.users.as_slice()), "{algorithm:?} {start:?}");
        assert!(near(&again.item_bias, &draw.item_bias), "{algorithm:?} {start:?}");
        let [a, b] = [&again, draw].map(|draw| draw.fold_in.as_ref().unwrap().users.mean());
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-3), "{algorithm:?} {start:?}: {a:?} {b:?}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let (mut model, _) = trained(&settings(Algorithm::Als, Start::Centred));
    let fewer = Settings { factors: Some(3), ..settings(Algorithm::Als, Start::Centred) };
    assert_eq!(filled_from(&fewer, &model).unwrap_err().exit_code(), 2);
    let open = Settings {
        factors: None,
        regularization: Choice::Auto,
        algorithm: Algorithm::Als,
        ..Settings::default()
    };
    let made = filled_from(&open, &model).unwrap();
    assert_eq!((made.factors, made.regularization), (Some(4), Choice::Fixed(0.1)));
    let strangers = IdMap::new();
    assert_eq!(WarmStart::new(&model, &strangers, &strangers).unwrap_err().exit_code(), 2);
    model.draws[0].scale = 0.0;
    assert_eq!(WarmStart::new(&model, &model.users, &model.items).unwrap_err().exit_code(), 2);
}

/// A model is brought to the scale of the ratings where its own says nothing of them, and stays as it is
/// elsewhere.
#[test]
fn it_takes_the_units_of_the_ratings() {
    for (algorithm, start) in TRAINED {
        let (model, _) = trained(&settings(algorithm, start));
        let begun = |change: &dyn Fn(f32) -> f32| {
            let mut ratings = ratings(1.0);
            ratings.values.iter_mut().for_each(|value| *value = change(*value));
            let warm = WarmStart::new(&model, &model.users, &model.items).unwrap();
            warm.in_units_of(&model, &ratings).map(|(warm, rescaled)| (warm.units(), rescaled))
        };
        let ((mean, scale), none) = begun(&|value| value).unwrap();
        assert_eq!(none, None);
        assert_eq!(begun(&|value| value + 0.2).unwrap().1, None, "near enough");
        for (times, more) in [(20.0, 0.0), (0.2, 0.0), (1.0, 10.0), (2.0, -100.0)] {
            let (units, rescaled) = begun(&|value| times as f32 * value + more as f32).unwrap();
            let near = |found: f64, expected: f64| (found - expected).abs() < 1e-4 * (1.0 + expected.abs());
            assert!(
                near(units.0, times * mean + more) && near(units.1, times * scale),
                "{algorithm:?} {units:?}"
            );
            let rescaled = rescaled.unwrap();
            let low = f64::from(rescaled.from.low) * times + more;
            assert!(near(rescaled.to.low.into(), low), "{rescaled:?}");
        }
    }
}
