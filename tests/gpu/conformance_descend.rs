//! Updates by conjugate gradients on all engines, compared with plain f64 steps from the same row. Faulty
//! engines show that the checker can fail.

use crate::support::case::Case;
use crate::support::engines::{Check, Open, on_engines};
use crate::support::faulty_normal::{Fault, Faulty, STEP_FAULTS};
use crate::support::oracle_descend::check_steps;
use crate::support::oracle_normal::{check_sums, equations, near, tolerance, vector};
use crate::support::problems::{Shape, preferences};
use crate::support::steps::{numbers, start, sweep, text};
use mfgpu::Result;
use mfgpu::ratings::Side;
use mfgpu::train::Problem;
use mfgpu::train::engine::{Engine, Vectors};
use mfgpu::train::row::RowState;
use std::sync::Arc;

/// Gives the rows of a side biases, which must stay as they are, and those of the other side none.
fn set_biases(engine: &mut dyn Engine, side: Side) -> Result<()> {
    for (side, times) in [(side, 0.1), (side.other(), 0.0)] {
        let rows = engine.row_states(side)?.len();
        let row = |n: usize| {
            let mut row = RowState { bias: times * ((n % 7) as f32 - 3.0), ..RowState::default() };
            row.set_weight(1.0);
            row
        };
        engine.set_row_states(side, &(0..rows).map(row).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Two epochs; each row is compared with steps from the state before.
fn sweeps(engine: &mut dyn Engine, problem: &Problem, k: usize, steps: usize) -> Result<(), String> {
    for side in [Side::User, Side::Item, Side::User, Side::Item] {
        set_biases(engine, side).map_err(text)?;
        let numbers = numbers(k, side, steps);
        let before = engine.state().map_err(text)?;
        sweep(engine, side, numbers.clone()).map_err(text)?;
        let after = engine.state().map_err(text)?;
        if before[side.other()] != after[side.other()] {
            return Err(format!("{side:?} sweep: the fixed side moved"));
        }
        for (row, &activity) in problem.staged.activity[side].iter().enumerate() {
            let what = format!("k={k}, {steps} steps, {side:?} {row}");
            let (from, found) = (vector(&before[side], row), vector(&after[side], row));
            let state = after[side].rows[row];
            if activity == 0 {
                if found != from || state != before[side].rows[row] {
                    return Err(format!("{what} has no ratings and moved"));
                }
                continue;
            }
            near(&format!("{what}: bias"), found[k], from[k], 0.0)?;
            near(&format!("{what}: weight"), state.factor_sum().into(), 1.0, 0.0)?;
            let at = (side, row as u32);
            let expected = equations(problem, (&before, &after), at, &numbers, None).without_bias();
            let activity = activity as usize;
            check_steps(&what, &expected, (&from[..k], &found[..k]), (steps, activity))?;
            let size: f64 = found.iter().map(|x| x * x).sum();
            let allowed = 16.0 * tolerance(k, activity) * (expected.loss[0] + activity as f64 * (1.0 + size));
            near(&format!("{what}: loss"), state.loss.into(), expected.loss[0], allowed)?;
            near(&format!("{what}: weighted loss"), state.bias_sum().into(), expected.loss[1], allowed)?;
        }
    }
    Ok(())
}

/// Sweeps with each number of steps on one engine.
fn check(
    open: Open,
    problem: Problem,
    cases: impl IntoIterator<Item = (usize, &'static [usize])>,
) -> Result<(), String> {
    let problem = Arc::new(problem);
    for (k, all) in cases {
        let state = start(&problem, k);
        let mut engine = open(Arc::clone(&problem), &state).map_err(text)?;
        for &steps in all {
            engine.restore(&state).map_err(text)?;
            sweeps(&mut *engine, &problem, k, steps)?;
        }
    }
    Ok(())
}

fn all_k(open: Open) -> Result<(), String> {
    check(open, preferences(&Shape::WHOLE), (1..=130).map(|k| (k, &[1, 3][k % 2..][..1])))
}

/// Where each k is compiled anew: the values around which the layout of rows changes, and some others.
fn some_k(open: Open) -> Result<(), String> {
    let small = (1..=9).chain([15, 16, 17, 31, 32, 33, 40]);
    let some = small.chain([63, 64, 65, 96, 127, 128, 129, 130]);
    check(open, preferences(&Shape::WHOLE), some.map(|k| (k, &[3, 1][..])))
}

fn large_k(open: Open) -> Result<(), String> {
    check(open, preferences(&Shape::WHOLE), [255, 256, 300].map(|k| (k, &[3][..])))
}

/// More factors than fit the columns of a workgroup. The moments of lists have to fit as well.
fn huge_k(open: Open) -> Result<(), String> {
    for (shape, k) in [(&Shape::ODD[1], 1028), (&Shape::ODD[0], 2048)] {
        let problem = Arc::new(preferences(shape));
        let mut engine = open(Arc::clone(&problem), &start(&problem, k)).map_err(text)?;
        sweeps(&mut *engine, &problem, k, 2)?;
        for side in Side::BOTH {
            let state = engine.state().map_err(text)?;
            let (known, _) = problem.staged.known(side);
            let rows: Vec<_> = known.iter().map(|&row| vector(&state[side], row as usize)).collect();
            let moments = engine.moments(side, Vectors::Factors).map_err(text)?;
            check_sums("factors", &moments, &rows)?;
        }
    }
    Ok(())
}

fn long_rows(open: Open) -> Result<(), String> {
    check(open, preferences(&Shape::LONG), [3, 22, 40].map(|k| (k, &[3][..])))
}

fn odd_shapes(open: Open) -> Result<(), String> {
    Shape::ODD
        .iter()
        .try_for_each(|shape| check(open, preferences(shape), [1, 6, 33].map(|k| (k, &[0, 2][..]))))
}

/// Every fault must be detected, and without a fault nothing.
fn the_checker_can_fail() -> Result<(), String> {
    let k = 9;
    let problem = Arc::new(preferences(&Shape::WHOLE));
    let state = start(&problem, k);
    for fault in [Fault::Numbers(|_| ()), Fault::Users(|_| ()), Fault::Values(|value| value)] {
        sweeps(&mut Faulty::new(&problem, &state, fault), &problem, k, 2)?;
    }
    for (name, fault) in STEP_FAULTS {
        if sweeps(&mut Faulty::new(&problem, &state, fault), &problem, k, 2).is_ok() {
            return Err(format!("{name} passed"));
        }
    }
    Ok(())
}

pub(crate) fn cases() -> Vec<Case> {
    let (all, unchecked) = (["cpu", "trusted", "checked"], ["cpu", "trusted"]);
    let checks: [(&str, Check, &[&str]); 6] = [
        ("all_k", all_k, &["cpu"]),
        ("some_k", some_k, &["trusted"]),
        ("large_k", large_k, &unchecked),
        ("huge_k", huge_k, &unchecked),
        ("long_rows", long_rows, &unchecked),
        ("odd_shapes", odd_shapes, &all),
    ];
    let mut cases = vec![Case::new("the_checker_can_fail", the_checker_can_fail)];
    for (name, check, engines) in checks {
        cases.extend(on_engines(name, check, engines));
    }
    cases
}
