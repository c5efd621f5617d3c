//! The duties of an engine apart from its sweeps by normal equations: it reads and writes rows, uses implicit
//! features from outside, sums errors only on request, and handles singular equations. Faulty engines show
//! that each checker can fail.

use crate::learning::cpu;
use crate::support::case::Case;
#[cfg(feature = "gpu")]
use crate::support::device;
use crate::support::oracle_normal::{backward_error, equations, near, singular_tolerance, tolerance, vector};
use crate::support::problems::{Shape, problem, start_state};
use mfgpu::Result;
use mfgpu::math::Matrix;
use mfgpu::math::philox::{Purpose, Stream};
use mfgpu::ratings::{At, Side};
use mfgpu::train::engine::{Engine, MomentParts, Vectors, cpu::CpuEngine};
use mfgpu::train::row::normal::{Forms, Numbers, Quadratic, Solver};
use mfgpu::train::row::{RowState, Target, Update};
use mfgpu::train::{Problem, Set, SideState, Start, State};
use rand::RngExt;
use std::ops::Range;
use std::sync::Arc;

/// Opens an engine.
type Open<'a> = &'a dyn Fn(Arc<Problem>, &State) -> Result<Box<dyn Engine>>;

#[cfg(feature = "gpu")]
fn on_gpu(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
    use mfgpu::gpu::{Checks, GpuOptions};
    use mfgpu::train::engine::gpu::GpuEngine;
    let options = GpuOptions { checks: Checks::On, poison: true, ..GpuOptions::default() };
    Ok(Box::new(GpuEngine::new(device::open(&options)?, problem, state)?))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn text(error: mfgpu::Error) -> String {
    error.to_string()
}

/// Least squares with a ridge.
fn ridge(k: usize, weight: f32) -> Numbers {
    let mut prior = Quadratic::none(k);
    (0..=k).for_each(|n| prior.matrix.row_mut(n)[n] = weight);
    Numbers {
        target: Target::Value,
        forms: Forms::of(Solver::Exact, k, true),
        steps: 0,
        precision: 1.3,
        prior,
        power: 0.5,
        shared: Quadratic::none(k),
        implicit_weight: 0.0,
        noise: None,
        measure: true,
    }
}

/// Sweeps a side; every row must solve the equations of the state before, with these implicit features of the
/// other side.
fn solved(
    engine: &mut dyn Engine,
    problem: &Problem,
    side: Side,
    numbers: &Numbers,
    implicit: Option<&Matrix>,
) -> Result<(), String> {
    let before = engine.state().map_err(text)?;
    engine.sweep(At { stage: 0, side }, &Update::Normal(numbers.clone())).map_err(text)?;
    let after = engine.state().map_err(text)?;
    let implicit: Option<Vec<Vec<f64>>> = implicit.map(|implicit| {
        (0..implicit.rows()).map(|row| implicit.row(row).iter().map(|&v| v.into()).collect()).collect()
    });
    let own = if side == Side::User { &after.users } else { &after.items };
    for (row, &activity) in
        (0u32..).zip(&problem.staged.activity[side]).filter(|(_, activity)| **activity > 0)
    {
        let found = equations(problem, (&before, &after), (side, row), numbers, implicit.as_deref());
        let error = backward_error(&found, &vector(own, row as usize));
        let allowed = tolerance(numbers.prior.pull.len(), activity as usize);
        near(&format!("{side:?} {row}: backward error"), error, 0.0, allowed)?;
    }
    Ok(())
}

/// Rows equal those of the state: before a sweep, after it, and after they were written. Weights that were
/// written are used.
fn rows_are_as_they_were_set(open: Open) -> Result<(), String> {
    let problem = Arc::new(problem(&Shape::WHOLE));
    let k = 11;
    let mut engine = open(Arc::clone(&problem), &start_state(&problem, k, Start::Offset)).map_err(text)?;
    for round in 0..2 {
        for side in [Side::User, Side::Item] {
            solved(&mut *engine, &problem, side, &ridge(k, 0.8), None)?;
            let mut rows = engine.row_states(side).map_err(text)?;
            for (n, row) in rows.iter_mut().enumerate() {
                row.set_weight(0.3 + 0.2 * ((n + round) % 9) as f32);
                row.bias += 0.01;
            }
            engine.set_row_states(side, &rows).map_err(text)?;
            let state = engine.state().map_err(text)?;
            let own = if side == Side::User { &state.users } else { &state.items };
            if own.rows != rows || engine.row_states(side).map_err(text)? != rows {
                return Err(format!("{side:?}: rows are not those that were set"));
            }
        }
    }
    Ok(())
}

/// Rows read by range are parts of the whole. A range that is written changes nothing else, and the next
/// sweep uses it.
fn ranges_are_parts_of_the_whole(open: Open) -> Result<(), String> {
    let problem = Arc::new(problem(&Shape::WHOLE));
    let k = 11;
    let mut engine = open(Arc::clone(&problem), &start_state(&problem, k, Start::Offset)).map_err(text)?;
    for side in Side::BOTH {
        solved(&mut *engine, &problem, side, &ridge(k, 0.8), None)?;
        let size = engine.size(side);
        for rows in [0..0, 0..1, 3..size - 2, size - 1..size, 0..size] {
            let mut expected = engine.state().map_err(text)?;
            let found = engine.read_rows(side, rows.clone()).map_err(text)?;
            if found != part(&expected[side], rows.clone()) {
                return Err(format!("{side:?} {rows:?}: other rows than those of the state"));
            }
            let mut new = found;
            new.factors.as_mut_slice().iter_mut().for_each(|number| *number = 0.5 * *number + 0.1);
            new.rows.iter_mut().for_each(|row| row.bias += 0.01);
            engine.write_rows(side, rows.start, &new).map_err(text)?;
            for (n, row) in rows.clone().enumerate() {
                expected[side].factors.row_mut(row).copy_from_slice(new.factors.row(n));
                expected[side].rows[row] = new.rows[n];
            }
            if engine.state().map_err(text)? != expected {
                return Err(format!("{side:?} {rows:?}: the state is not what was written"));
            }
            solved(&mut *engine, &problem, side.other(), &ridge(k, 0.8), None)?;
        }
    }
    Ok(())
}

fn part(side: &SideState, rows: Range<usize>) -> SideState {
    let numbers = rows.clone().flat_map(|row| side.factors.row(row).to_vec()).collect();
    let factors = Matrix::from_vec(rows.len(), side.factors.columns(), numbers);
    SideState { factors, rows: side.rows[rows].to_vec() }
}

/// Implicit features from outside are used by the moments and by the next sweep, until they are replaced.
fn views_are_as_they_were_set(open: Open) -> Result<(), String> {
    let problem = Arc::new(problem(&Shape::WHOLE));
    let k = 6;
    let mut engine = open(Arc::clone(&problem), &start_state(&problem, k, Start::Offset)).map_err(text)?;
    let mut random = Stream::new(1, Purpose::Generate, 1);
    for side in [Side::User, Side::Item, Side::User] {
        let (known, shares) = problem.staged.known(side.other());
        let count = problem.staged.activity[side.other()].len();
        let implicit =
            Matrix::from_vec(count, k, (0..count * k).map(|_| random.random::<f32>() - 0.4).collect());
        engine.set_implicit(side.other(), &implicit).map_err(text)?;
        let moments = engine.moments(side.other(), Vectors::Implicit).map_err(text)?;
        near("count", moments.count, known.len() as f64, 0.0)?;
        let allowed = 16.0 * tolerance(k, known.len()) * known.len() as f64;
        let entry = |place: usize, column: usize| match column {
            column if column < k => f64::from(implicit.row(known[place] as usize)[column]),
            _ => -f64::from(shares[place]),
        };
        for i in 0..=k {
            let sum = (0..known.len()).map(|place| entry(place, i)).sum();
            near(&format!("sum {i}"), moments.sum[i], sum, allowed)?;
            for j in 0..=k {
                let product = (0..known.len()).map(|place| entry(place, i) * entry(place, j)).sum();
                near(&format!("product {i} {j}"), moments.product.get(i, j), product, allowed)?;
            }
        }
        solved(
            &mut *engine,
            &problem,
            side,
            &Numbers { implicit_weight: 0.6, ..ridge(k, 0.8) },
            Some(&implicit),
        )?;
        solved(&mut *engine, &problem, side, &ridge(k, 0.8), None)?;
    }
    Ok(())
}

/// Errors are summed only on request; otherwise the previous sums stay.
fn sums_stay_where_they_are_not_asked_for(open: Open) -> Result<(), String> {
    let problem = Arc::new(problem(&Shape::WHOLE));
    let k = 5;
    let mut engine = open(Arc::clone(&problem), &start_state(&problem, k, Start::Offset)).map_err(text)?;
    for side in [Side::User, Side::Item] {
        solved(&mut *engine, &problem, side, &ridge(k, 0.8), None)?;
        let before = engine.row_states(side).map_err(text)?;
        solved(&mut *engine, &problem, side, &Numbers { measure: false, ..ridge(k, 3.0) }, None)?;
        for (n, (was, is)) in before.iter().zip(&engine.row_states(side).map_err(text)?).enumerate() {
            if (was.loss, was.bias_sum(), was.factor_sum()) != (is.loss, is.bias_sum(), is.factor_sum()) {
                return Err(format!("{side:?} {n}: {was:?} became {is:?}"));
            }
        }
    }
    Ok(())
}

/// Every other factor of the fixed side nearly equals the one before it, and there is almost no ridge. The
/// result is finite, solves the equations, and is reproducible.
fn twin_factors_can_be_told_apart_by_nothing(open: Open) -> Result<(), String> {
    for (shape, k) in [(Shape::WHOLE, 8), (Shape::WHOLE, 40), (Shape::LONG, 8)] {
        let problem = Arc::new(problem(&shape));
        for (apart, weight) in [(0.0, 0.0), (0.0, 1e-7), (1e-7, 0.0), (1e-4, 1e-9)] {
            let mut state = start_state(&problem, k, Start::Offset);
            for row in 0..problem.staged.size(Side::Item) {
                let row = state.items.factors.row_mut(row);
                (0..k / 2).for_each(|n| row[2 * n + 1] = row[2 * n] * (1.0 + apart));
            }
            let run = || -> Result<State> {
                let mut engine = open(Arc::clone(&problem), &state)?;
                engine.sweep(At { stage: 0, side: Side::User }, &Update::Normal(ridge(k, weight)))?;
                engine.state()
            };
            let (after, again) = (run().map_err(text)?, run().map_err(text)?);
            let what = format!("k={k}, factors {apart} apart, ridge {weight}");
            if !after.is_finite() || after != again {
                return Err(format!("{what}: not finite, or not the same again"));
            }
            for (row, &activity) in (0u32..).zip(&problem.staged.activity[Side::User]) {
                if activity > 0 {
                    let found =
                        equations(&problem, (&state, &after), (Side::User, row), &ridge(k, weight), None);
                    let error = backward_error(&found, &vector(&after.users, row as usize));
                    near(
                        &format!("{what}, user {row}: backward error"),
                        error,
                        0.0,
                        singular_tolerance(k + 1),
                    )?;
                }
            }
        }
    }
    Ok(())
}

/// An engine on top of the CPU engine that loses what is written, or does what was not requested.
struct Deaf {
    inner: CpuEngine,
    fault: Fault,
}

#[derive(Clone, Copy)]
enum Fault {
    RowsLost,
    RangeOff,
    ImplicitLost,
    AlwaysMeasured,
    TwinUnknowns,
}

impl Engine for Deaf {
    fn device(&self) -> String {
        "deaf".into()
    }

    fn stages(&self) -> usize {
        self.inner.stages()
    }

    fn sweep(&mut self, at: At, update: &Update) -> Result<()> {
        let mut update = update.clone();
        if let (Fault::AlwaysMeasured, Update::Normal(numbers)) = (self.fault, &mut update) {
            numbers.measure = true;
        }
        self.inner.sweep(at, &update)?;
        if matches!(self.fault, Fault::TwinUnknowns) {
            let mut state = self.inner.state()?;
            state.users.factors.as_mut_slice().iter_mut().step_by(2).for_each(|number| *number *= 1.01);
            self.inner.restore(&state)?;
        }
        Ok(())
    }

    fn row_states(&mut self, side: Side) -> Result<Vec<RowState>> {
        self.inner.row_states(side)
    }

    fn set_row_states(&mut self, side: Side, rows: &[RowState]) -> Result<()> {
        if matches!(self.fault, Fault::RowsLost) { Ok(()) } else { self.inner.set_row_states(side, rows) }
    }

    fn moment_parts(&mut self, side: Side, vectors: Vectors) -> Result<MomentParts> {
        self.inner.moment_parts(side, vectors)
    }

    fn make_implicit(
        &mut self,
        side: Side,
        numbers: &mfgpu::train::row::normal::ImplicitNumbers,
    ) -> Result<()> {
        self.inner.make_implicit(side, numbers)
    }

    fn implicit(&mut self, side: Side) -> Result<Matrix> {
        self.inner.implicit(side)
    }

    fn set_implicit(&mut self, side: Side, implicit: &Matrix) -> Result<()> {
        let lost = Matrix::zeros(implicit.rows(), implicit.columns());
        self.inner
            .set_implicit(side, if matches!(self.fault, Fault::ImplicitLost) { &lost } else { implicit })
    }

    fn squared_error_parts(&mut self, set: Set, offset: f32) -> Result<Vec<f64>> {
        self.inner.squared_error_parts(set, offset)
    }

    fn predictions(&mut self, set: Set) -> Result<Vec<f32>> {
        self.inner.predictions(set)
    }

    fn size(&self, side: Side) -> usize {
        self.inner.size(side)
    }

    fn read_rows(&mut self, side: Side, rows: Range<usize>) -> Result<SideState> {
        self.inner.read_rows(side, rows)
    }

    fn write_rows(&mut self, side: Side, first: usize, rows: &SideState) -> Result<()> {
        let off = matches!(self.fault, Fault::RangeOff) && first > 0;
        self.inner.write_rows(side, first - usize::from(off), rows)
    }
}

type Check = fn(Open) -> Result<(), String>;

const CHECKS: [(&str, Check, Fault); 5] = [
    ("rows_are_as_they_were_set", rows_are_as_they_were_set, Fault::RowsLost),
    ("ranges_are_parts_of_the_whole", ranges_are_parts_of_the_whole, Fault::RangeOff),
    ("views_are_as_they_were_set", views_are_as_they_were_set, Fault::ImplicitLost),
    ("sums_stay_where_they_are_not_asked_for", sums_stay_where_they_are_not_asked_for, Fault::AlwaysMeasured),
    (
        "twin_factors_can_be_told_apart_by_nothing",
        twin_factors_can_be_told_apart_by_nothing,
        Fault::TwinUnknowns,
    ),
];

fn the_checkers_can_fail() -> Result<(), String> {
    for (name, check, fault) in CHECKS {
        let open = |problem, state: &State| -> Result<Box<dyn Engine>> {
            Ok(Box::new(Deaf { inner: CpuEngine::new(problem, state), fault }))
        };
        if check(&open).is_ok() {
            return Err(format!("{name} did not fail"));
        }
    }
    Ok(())
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![Case::new("the_checkers_can_fail", the_checkers_can_fail)];
    for (name, check, _) in CHECKS {
        cases.push(Case::new(format!("cpu::{name}"), move || check(&cpu)));
        #[cfg(feature = "gpu")]
        cases.push(Case::on_a_gpu(format!("gpu::{name}"), move || check(&on_gpu)));
    }
    cases
}
