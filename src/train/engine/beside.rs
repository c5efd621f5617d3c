//! Engines beside each other: the same epochs of `sgd` on the same problem, in turn, and what came of each.

use super::Engine;
use crate::ratings::Side;
use crate::train::choices::Start;
use crate::train::problem::{Problem, Set};
use crate::train::row::Update;
use crate::train::row::sgd::Numbers;
use crate::{Result, interrupt};
use std::time::Instant;

/// What came of one engine.
#[derive(Debug, Clone, Default)]
pub struct Course {
    /// What it runs on, for people.
    pub device: String,
    /// How long each epoch took; that it is measured by the held-out ratings takes no part in it.
    pub seconds: Vec<f64>,
    /// The RMSE on the held-out ratings after each epoch, in standard units; none if nothing is held out.
    pub held_out: Vec<f64>,
    /// What it predicts for the held-out ratings at the end, in standard units.
    pub predictions: Vec<f32>,
}

impl Course {
    /// The median of all epochs but the first, in which a device warms up; 0 before there is an epoch.
    pub fn epoch_seconds(&self) -> f64 {
        let mut warm =
            self.seconds.get(1..).filter(|warm| !warm.is_empty()).unwrap_or(&self.seconds).to_vec();
        warm.sort_by(f64::total_cmp);
        warm.get(warm.len() / 2).copied().unwrap_or(0.0)
    }

    /// The smallest held-out RMSE.
    pub fn best(&self) -> Option<f64> {
        self.held_out.iter().copied().min_by(f64::total_cmp)
    }

    /// How long all epochs took up to the first whose held-out RMSE is `rmse` or less, if there is one.
    pub fn seconds_to(&self, rmse: f64) -> Option<f64> {
        let epoch = self.held_out.iter().position(|&reached| reached <= rmse)?;
        Some(self.seconds[..=epoch].iter().sum())
    }

    /// How far the predictions of two engines are apart: the root of the mean squared difference.
    pub fn difference(&self, other: &Self) -> f64 {
        let pairs = self.predictions.iter().zip(&other.predictions);
        let sum: f64 = pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
        (sum / self.predictions.len().max(1) as f64).sqrt()
    }
}

/// The settings that all engines share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steps {
    /// See [`Numbers`], and so on.
    pub learning_rate: f32,
    /// Regularization of a row of average activity.
    pub regularization: f32,
    /// How regularization goes with activity.
    pub power: f32,
    /// How many factors the states have that the engines start from, which are those of [`Start::Centred`].
    pub factors: usize,
}

impl Steps {
    /// The update of a side, of which `rows` are trained.
    fn of(&self, problem: &Problem, rows: usize) -> Update {
        Update::Sgd(Numbers {
            learning_rate: self.learning_rate,
            regularization: self.regularization,
            power: self.power,
            mean_activity: problem.staged.ratings as f32 / rows.max(1) as f32,
            offset: Start::Centred.offset(),
            trained: self.factors,
        })
    }

    /// Runs one epoch to its end.
    fn epoch(&self, engine: &mut dyn Engine, problem: &Problem) -> Result<()> {
        let (users, items) =
            (self.of(problem, problem.staged.users()), self.of(problem, problem.staged.items()));
        for stage in 0..engine.stages() {
            engine.sweep(stage, Side::User, &users)?;
            engine.sweep(stage, Side::Item, &items)?;
        }
        engine.loss().map(drop)
    }
}

/// Runs `epochs` epochs on each of `engines`, all of `problem`, an epoch of each in turn. `told` hears of every epoch:
/// the place of the engine and its course so far.
///
/// # Errors
/// If a device failed, or the work was interrupted.
pub fn beside(
    engines: &mut [Box<dyn Engine>],
    problem: &Problem,
    steps: &Steps,
    epochs: usize,
    told: &mut dyn FnMut(usize, &Course),
) -> Result<Vec<Course>> {
    let mut courses: Vec<Course> =
        engines.iter().map(|engine| Course { device: engine.device(), ..Course::default() }).collect();
    let held_out = problem.held_out.len();
    for _ in 0..epochs {
        for (place, (engine, course)) in engines.iter_mut().zip(&mut courses).enumerate() {
            let begun = Instant::now();
            steps.epoch(&mut **engine, problem)?;
            course.seconds.push(begun.elapsed().as_secs_f64());
            if held_out > 0 {
                let sum = engine.squared_error(Set::HeldOut, Start::Centred.offset())?;
                course.held_out.push((sum / held_out as f64).sqrt());
            }
            told(place, course);
            interrupt::check()?;
        }
    }
    for (engine, course) in engines.iter_mut().zip(&mut courses) {
        course.predictions = engine.predictions(Set::HeldOut)?;
    }
    Ok(courses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_a_course() {
        let course = Course {
            seconds: vec![9.0, 1.0, 3.0, 2.0],
            held_out: vec![0.9, 0.7, 0.6, 0.65],
            predictions: vec![1.0, 2.0],
            ..Course::default()
        };
        assert!((course.epoch_seconds() - 2.0).abs() < 1e-12, "the first epoch does not count");
        assert_eq!((course.best(), course.seconds_to(0.7)), (Some(0.6), Some(10.0)));
        assert_eq!((course.seconds_to(0.5), Course::default().best()), (None, None));
        let other = Course { predictions: vec![1.0, 4.0], ..Course::default() };
        assert!((course.difference(&other) - 2_f64.sqrt()).abs() < 1e-12);
    }
}
