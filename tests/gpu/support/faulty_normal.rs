//! Engines with one fault each, on top of the CPU engine: a checker of updates by normal equations must
//! detect them.

use mfgpu::Result;
use mfgpu::math::Matrix;
use mfgpu::ratings::{At, Cells, Side, Sides};
use mfgpu::train::engine::{Engine, MomentParts, Moments, Vectors, cpu::CpuEngine};
use mfgpu::train::row::normal::{ImplicitNumbers, Noise, Numbers};
use mfgpu::train::row::{RowState, Update};
use mfgpu::train::{Problem, Set, SideState, State};
use std::ops::Range;
use std::sync::Arc;

/// The fault.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// The numbers of a sweep.
    Numbers(fn(&mut Numbers)),
    /// The numbers for implicit features.
    Implicit(fn(&mut ImplicitNumbers)),
    /// Sums over rows.
    Moments(fn(&mut Moments)),
    /// Predictions of held-out ratings.
    Predictions(fn(&mut [f32])),
    /// The sum of their squared errors.
    HeldOut(fn(f64) -> f64),
    /// The users after a sweep over them.
    Users(fn(&mut State)),
    /// A rating of the last user is missing.
    DroppedRating,
    /// The values of the users' ratings.
    Values(fn(f32) -> f32),
}

/// All faults, with names.
pub(crate) const FAULTS: [(&str, Fault); 20] = [
    ("another precision", Fault::Numbers(|numbers| numbers.precision *= 1.001)),
    ("another power", Fault::Numbers(|numbers| numbers.power += 0.01)),
    ("no implicit", Fault::Numbers(|numbers| numbers.implicit_weight = 0.0)),
    ("a pull more", Fault::Numbers(|numbers| numbers.shared.pull[2] += 0.01)),
    ("a pull of the prior less", Fault::Numbers(|numbers| numbers.prior.pull[9] -= 0.01)),
    ("a wrong belief", Fault::Numbers(|numbers| numbers.prior.matrix.row_mut(1)[1] *= 1.01)),
    ("half of a shared belief", Fault::Numbers(|numbers| numbers.shared.matrix.row_mut(3)[4] = 0.0)),
    ("another draw", Fault::Numbers(|numbers| change(numbers, |noise| noise.draw += 1))),
    ("the draw of the other side", Fault::Numbers(|numbers| change(numbers, |noise| noise.side ^= 1))),
    ("another key", Fault::Numbers(|numbers| change(numbers, |noise| noise.key.swap(0, 1)))),
    ("no noise", Fault::Numbers(|numbers| numbers.noise = None)),
    ("no errors", Fault::Numbers(|numbers| numbers.measure = false)),
    ("another mean of implicit", Fault::Implicit(|numbers| numbers.mean[1] += 0.01)),
    ("a row more in the moments", Fault::Moments(|moments| moments.count += 1.0)),
    ("a moment off", Fault::Moments(|moments| *moments.product.at(2, 9) *= 1.001)),
    ("a prediction off", Fault::Predictions(|predictions| predictions[5] += 1e-3)),
    ("a held-out error off", Fault::HeldOut(|error| error * 1.001)),
    ("a bias off", Fault::Users(|state| state.users.rows[3].bias += 1e-3)),
    ("a weight off", Fault::Users(|state| state.users.rows[3].memory[0] += 1e-3)),
    ("a dropped rating", Fault::DroppedRating),
];

/// All faults of steps towards preferences, with names.
pub(crate) const STEP_FAULTS: [(&str, Fault); 15] = [
    ("no weights", Fault::Values(f32::signum)),
    ("a target of 0", Fault::Values(|value| -value.abs())),
    ("dislikes as likes", Fault::Values(f32::abs)),
    ("no shared matrix", Fault::Numbers(|numbers| numbers.shared.matrix.as_mut_slice().fill(0.0))),
    ("half of a shared belief", Fault::Numbers(|numbers| numbers.shared.matrix.row_mut(3)[4] = 0.0)),
    ("no shared pull", Fault::Numbers(|numbers| numbers.shared.pull.fill(0.0))),
    ("no prior", Fault::Numbers(|numbers| numbers.prior.matrix.as_mut_slice().fill(0.0))),
    ("no pull of the prior", Fault::Numbers(|numbers| numbers.prior.pull.fill(0.0))),
    ("a step less", Fault::Numbers(|numbers| numbers.steps -= 1)),
    ("a step more", Fault::Numbers(|numbers| numbers.steps += 1)),
    ("another precision", Fault::Numbers(|numbers| numbers.precision *= 1.01)),
    ("another power", Fault::Numbers(|numbers| numbers.power += 0.01)),
    ("no errors", Fault::Numbers(|numbers| numbers.measure = false)),
    ("a bias off", Fault::Users(|state| state.users.rows[3].bias += 1e-3)),
    ("a dropped rating", Fault::DroppedRating),
];

fn change(numbers: &mut Numbers, change: fn(&mut Noise)) {
    numbers.noise.iter_mut().for_each(change);
}

/// The CPU engine with one fault.
pub(crate) struct Faulty {
    inner: CpuEngine,
    fault: Fault,
}

impl Faulty {
    pub(crate) fn new(problem: &Problem, state: &State, fault: Fault) -> Self {
        let mut staged = problem.staged.clone();
        if matches!(fault, Fault::DroppedRating) {
            staged = staged.with_changed(0, |Sides { users, .. }| {
                users.ratings = Cells::pairs(users.ratings.part(0..users.ratings.len() - 1).iter());
                let mut starts = users.starts.to_vec();
                *starts.last_mut().expect("a row") -= 1;
                users.starts = starts.into();
            });
        }
        if let Fault::Values(change) = fault {
            staged = staged.with_changed(0, |Sides { users, .. }| {
                let ratings = users.ratings.all();
                users.ratings = Cells::pairs(ratings.iter().map(|(item, value)| (item, change(value))));
            });
        }
        let (held_out, test) = (problem.held_out.clone(), problem.test.clone());
        let problem = Problem { staged, held_out, test, range: problem.range, ..Problem::default() };
        Self { inner: CpuEngine::new(Arc::new(problem), state), fault }
    }
}

impl Engine for Faulty {
    fn device(&self) -> String {
        "faulty".into()
    }

    fn stages(&self) -> usize {
        self.inner.stages()
    }

    fn sweep(&mut self, at: At, update: &Update) -> Result<()> {
        let mut update = update.clone();
        if let (Fault::Numbers(change), Update::Normal(numbers)) = (self.fault, &mut update) {
            change(numbers);
        }
        self.inner.sweep(at, &update)?;
        if let (Fault::Users(change), Side::User) = (self.fault, at.side) {
            let mut state = self.inner.state()?;
            change(&mut state);
            self.inner.restore(&state)?;
        }
        Ok(())
    }

    fn row_states(&mut self, side: Side) -> Result<Vec<RowState>> {
        self.inner.row_states(side)
    }

    fn set_row_states(&mut self, side: Side, rows: &[RowState]) -> Result<()> {
        self.inner.set_row_states(side, rows)
    }

    fn moment_parts(&mut self, side: Side, vectors: Vectors) -> Result<MomentParts> {
        self.inner.moment_parts(side, vectors)
    }

    fn moments(&mut self, side: Side, vectors: Vectors) -> Result<Moments> {
        let mut moments = self.inner.moments(side, vectors)?;
        if let Fault::Moments(change) = self.fault {
            change(&mut moments);
        }
        Ok(moments)
    }

    fn make_implicit(&mut self, side: Side, numbers: &ImplicitNumbers) -> Result<()> {
        let mut numbers = numbers.clone();
        if let Fault::Implicit(change) = self.fault {
            change(&mut numbers);
        }
        self.inner.make_implicit(side, &numbers)
    }

    fn implicit(&mut self, side: Side) -> Result<Matrix> {
        self.inner.implicit(side)
    }
    fn set_implicit(&mut self, side: Side, implicit: &Matrix) -> Result<()> {
        self.inner.set_implicit(side, implicit)
    }

    fn squared_error_parts(&mut self, set: Set, offset: f32) -> Result<Vec<f64>> {
        let parts = self.inner.squared_error_parts(set, offset)?;
        let Fault::HeldOut(change) = self.fault else { return Ok(parts) };
        Ok(vec![change(parts.iter().sum())])
    }

    fn predictions(&mut self, set: Set) -> Result<Vec<f32>> {
        let mut predictions = self.inner.predictions(set)?;
        if let Fault::Predictions(change) = self.fault {
            change(&mut predictions);
        }
        Ok(predictions)
    }

    fn size(&self, side: Side) -> usize {
        self.inner.size(side)
    }

    fn read_rows(&mut self, side: Side, rows: Range<usize>) -> Result<SideState> {
        self.inner.read_rows(side, rows)
    }

    fn write_rows(&mut self, side: Side, first: usize, rows: &SideState) -> Result<()> {
        self.inner.write_rows(side, first, rows)
    }
}
