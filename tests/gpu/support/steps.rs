//! Sweeps of a few steps of conjugate gradients, for tests of engines.

use super::problems::{belief, start_state};
use mfgpu::Result;
use mfgpu::ratings::{At, Side};
use mfgpu::train::engine::Engine;
use mfgpu::train::row::normal::{Form, Forms, Numbers, Quadratic};
use mfgpu::train::row::{Target, Update};
use mfgpu::train::{Problem, Start, State};

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
pub(crate) fn text(error: mfgpu::Error) -> String {
    error.to_string()
}

/// The numbers of a sweep: a prior that is diagonal, and a shared matrix that is not.
pub(crate) fn numbers(k: usize, side: Side, steps: usize) -> Numbers {
    let mut prior = Quadratic::none(k);
    for n in 0..k {
        prior.matrix.row_mut(n)[n] = 0.4 + 0.1 * (n % 3) as f32;
        prior.pull[n] = 0.1 * (n % 4) as f32 - 0.15;
    }
    Numbers {
        target: Target::Preference,
        precision: if side == Side::User { 1.3 } else { 0.8 },
        prior,
        power: 0.5,
        shared: belief(k, 0.2),
        implicit_weight: 0.0,
        noise: None,
        forms: Forms::only(Form::Steps),
        steps,
        measure: true,
    }
}

pub(crate) fn start(problem: &Problem, k: usize) -> State {
    start_state(problem, k, Start::Offset)
}

pub(crate) fn sweep(engine: &mut dyn Engine, side: Side, numbers: Numbers) -> Result<()> {
    engine.sweep(At { stage: 0, side }, &Update::Normal(numbers))
}
