//! The ends of updates by conjugate gradients: the solution, nothing to do, the same bits again.

use crate::learning::cpu;
use crate::support::case::Case;
use crate::support::engines::{Check, Open, on_engines};
use crate::support::oracle_normal::{backward_error, equations, near, ratings, tolerance, vector};
use crate::support::problems::{Shape, preferences};
use crate::support::steps::{numbers, start, sweep, text};
use mfgpu::Result;
use mfgpu::ratings::Side;
use mfgpu::train::State;
use mfgpu::train::engine::Engine;
use mfgpu::train::row::normal::{Numbers, Quadratic};
use std::sync::Arc;
#[cfg(feature = "gpu")]
use {crate::support::device, mfgpu::gpu::GpuOptions, mfgpu::train::engine::gpu::GpuEngine};

/// As many steps as unknowns, and some for rounding, reach the solution and stay there.
fn many_steps_reach_the_solution(open: Open) -> Result<(), String> {
    let problem = Arc::new(preferences(&Shape::WHOLE));
    for k in [2, 12] {
        let state = start(&problem, k);
        let mut engine = open(Arc::clone(&problem), &state).map_err(text)?;
        let numbers = numbers(k, Side::User, 3 * k);
        sweep(&mut *engine, Side::User, numbers.clone()).map_err(text)?;
        let after = engine.state().map_err(text)?;
        for (row, &activity) in (0u32..).zip(&problem.staged.activity[Side::User]).filter(|(_, n)| **n > 0) {
            let found = equations(&problem, (&state, &after), (Side::User, row), &numbers, None);
            let error = backward_error(&found.without_bias(), &vector(&after.users, row as usize)[..k]);
            let allowed = tolerance(k, activity as usize);
            near(&format!("k={k}, user {row}: backward error"), error, 0.0, allowed)?;
        }
    }
    Ok(())
}

/// Rows that have no equations but those of ratings without weight stay where they are.
fn nothing_moves_nothing(open: Open) -> Result<(), String> {
    let (k, problem) = (7, Arc::new(preferences(&Shape::WHOLE)));
    let state = start(&problem, k);
    let mut engine = open(Arc::clone(&problem), &state).map_err(text)?;
    let nothing = || Quadratic::none(k);
    let numbers = Numbers { prior: nothing(), shared: nothing(), ..numbers(k, Side::User, 3) };
    sweep(&mut *engine, Side::User, numbers).map_err(text)?;
    let after = engine.state().map_err(text)?;
    let mut stayed = 0;
    for row in 0..problem.staged.size(Side::User) {
        if ratings(&problem, Side::User, row as u32).iter().all(|&(_, value)| value == 0.0) {
            stayed += 1;
            near("a row without equations", after.users.rows[row].loss.into(), 0.0, 0.0)?;
            if after.users.factors.row(row) != state.users.factors.row(row) {
                return Err(format!("user {row} has no equations and moved"));
            }
        }
    }
    if stayed > 0 { Ok(()) } else { Err("no such rows".into()) }
}

/// The problem has the rows that this is about.
fn odd_rows_are_there() -> Result<(), String> {
    let problem = preferences(&Shape::WHOLE);
    let rows = |is_wanted: fn(&[(usize, f64)], usize) -> bool| {
        let items = problem.staged.size(Side::Item);
        (0..problem.staged.size(Side::User) as u32)
            .filter(|&row| is_wanted(&ratings(&problem, Side::User, row), items))
            .count()
    };
    let all =
        |ratings: &[(usize, f64)], items| (0..items).all(|n| ratings.iter().any(|&(item, _)| item == n));
    let found = [
        rows(|ratings, _| ratings.is_empty()),
        rows(|ratings, _| ratings.len() == 1),
        rows(all),
        rows(|ratings, _| !ratings.is_empty() && ratings.iter().all(|&(_, value)| value == 0.0)),
        rows(|ratings, _| ratings.iter().any(|&(_, value)| value < 0.0)),
    ];
    if found.iter().all(|&count| count > 0) { Ok(()) } else { Err(format!("numbers of odd rows: {found:?}")) }
}

/// Ratings that are streamed through a part of the memory they need give the same bits as resident ratings.
#[cfg(feature = "gpu")]
fn streamed_is_resident() -> Result<()> {
    let k = 8;
    let problem = Arc::new(preferences(&Shape::LARGE));
    let state = start(&problem, k);
    let gpu = device::open(&GpuOptions::default())?;
    let mut resident = GpuEngine::new(gpu.clone(), Arc::clone(&problem), &state)?;
    let expected = three_sweeps(&mut resident, k)?;
    let limit = Some(gpu.allocated() - 12 * problem.staged.ratings as u64);
    let limited = device::open(&GpuOptions { memory_limit: limit, ..GpuOptions::default() })?;
    let mut streamed = GpuEngine::new(limited, Arc::clone(&problem), &state)?;
    assert!(three_sweeps(&mut streamed, k)? == expected && streamed.streams() && !resident.streams());
    Ok(())
}

/// The state after three sweeps.
fn three_sweeps(engine: &mut dyn Engine, k: usize) -> Result<State> {
    for side in [Side::User, Side::Item, Side::User] {
        sweep(engine, side, numbers(k, side, 3))?;
    }
    engine.state()
}

fn moved(open: Open, shape: &Shape, k: usize) -> Result<State> {
    let problem = Arc::new(preferences(shape));
    let mut engine = open(Arc::clone(&problem), &start(&problem, k))?;
    three_sweeps(&mut *engine, k)
}

/// A second run has the same bits.
fn same_bits(open: Open) -> Result<(), String> {
    let run = || moved(open, &Shape::LONG, 21).map_err(text);
    if run()? == run()? { Ok(()) } else { Err("a second run differs".into()) }
}

fn same_bits_on_any_number_of_threads() -> Result<(), String> {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| moved(cpu, &Shape::LONG, 24)).expect("a CPU works")
    };
    let states = [1, 2, 3].map(run);
    if states.iter().all(|state| *state == states[0]) { Ok(()) } else { Err("threads differ".into()) }
}

pub(crate) fn cases() -> Vec<Case> {
    let (all, unchecked) = (["cpu", "trusted", "checked"], ["cpu", "trusted"]);
    let checks: [(&str, Check, &[&str]); 3] = [
        ("many_steps_reach_the_solution", many_steps_reach_the_solution, &all),
        ("nothing_moves_nothing", nothing_moves_nothing, &all),
        ("same_bits", same_bits, &unchecked),
    ];
    let mut cases = vec![
        Case::new("odd_rows_are_there", odd_rows_are_there),
        Case::new("cpu::any_number_of_threads", same_bits_on_any_number_of_threads),
    ];
    #[cfg(feature = "gpu")]
    cases.push(Case::on_a_gpu("gpu::streamed_is_resident", streamed_is_resident));
    for (name, check, engines) in checks {
        cases.extend(on_engines(name, check, engines));
    }
    cases
}
