//! Updates by normal equations on all engines, compared with a plain f64 oracle: `als`, with and without
//! implicit features, and the draws of `bayes`. Faulty engines show that each checker can fail.

use crate::learning::cpu;
use crate::support::case::Case;
use crate::support::engines::{Check, Open, on_engines};
use crate::support::faulty_normal::{FAULTS, Fault, Faulty};
use crate::support::oracle_normal::{
    backward_error, check_sums, equations, implicit, near, singular_tolerance, tolerance, vector,
};
use crate::support::problems::{Shape, belief, of_lengths, preferences, problem, start_state};
use mfgpu::Result;
use mfgpu::math::Matrix;
use mfgpu::math::philox::{Purpose, key};
use mfgpu::ratings::{At, Side};
use mfgpu::train::engine::{Engine, Vectors};
use mfgpu::train::row::normal::{Form, Forms, ImplicitNumbers, Noise, Numbers, Quadratic, Solver};
use mfgpu::train::row::{Target, Update};
use mfgpu::train::{Problem, Set, Start, State};
use std::sync::Arc;
#[cfg(feature = "gpu")]
use {crate::support::device, mfgpu::gpu::GpuOptions, mfgpu::train::engine::gpu::GpuEngine};

/// Ratings that are streamed through a part of the memory they need give the same bits as resident ratings.
#[cfg(feature = "gpu")]
fn streamed_is_resident() -> Result<()> {
    let k = 8;
    let problem = Arc::new(problem(&Shape::LARGE.whole()));
    let state = start(&problem, Algorithm::Bayes, k);
    let gpu = device::open(&GpuOptions::default())?;
    let mut resident = GpuEngine::new(gpu.clone(), Arc::clone(&problem), &state)?;
    let expected = draws(&mut resident, k)?;
    let ratings = 16 * problem.staged.ratings as u64;
    let limit = Some(gpu.allocated() - ratings * 3 / 4);
    let limited = device::open(&GpuOptions { memory_limit: limit, ..GpuOptions::default() })?;
    let mut streamed = GpuEngine::new(limited.clone(), Arc::clone(&problem), &state)?;
    assert!(draws(&mut streamed, k)? == expected && streamed.streams());
    let limit = Some(limited.allocated() / 8);
    let too_small = device::open(&GpuOptions { memory_limit: limit, ..GpuOptions::default() })?;
    let refused = GpuEngine::new(too_small, Arc::clone(&problem), &state);
    assert!(matches!(refused, Err(mfgpu::Error::TooLarge(_))));
    Ok(())
}

/// Two draws of a few factors.
#[cfg(feature = "gpu")]
fn draws(engine: &mut dyn Engine, k: usize) -> Result<State> {
    for draw in 1..=2 {
        for side in [Side::User, Side::Item] {
            engine.make_implicit(side.other(), &implicit_numbers(k))?;
            engine.sweep(At { stage: 0, side }, &Update::Normal(numbers(Algorithm::Bayes, k, side, draw)))?;
        }
    }
    engine.state()
}

/// The algorithm of an update, which determines the numbers of its sweeps.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Algorithm {
    Als,
    AlsWithViews,
    Bayes,
    Ials,
}

const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::Als, Algorithm::AlsWithViews, Algorithm::Bayes, Algorithm::Ials];

fn numbers(algorithm: Algorithm, k: usize, side: Side, epoch: usize) -> Numbers {
    let ridge = |weight: f32| {
        let mut ridge = Quadratic::none(k);
        (0..=k).for_each(|n| ridge.matrix.row_mut(n)[n] = weight);
        ridge
    };
    let plain = Numbers {
        target: Target::Value,
        forms: Forms::of(Solver::Exact, k, true),
        steps: 0,
        precision: 1.0,
        prior: ridge(0.7),
        power: 0.5,
        shared: Quadratic::none(k),
        implicit_weight: 0.0,
        noise: None,
        measure: true,
    };
    let side = u32::from(side == Side::Item);
    match algorithm {
        Algorithm::Als => plain,
        Algorithm::AlsWithViews => Numbers { shared: belief(k, 0.2), implicit_weight: 0.4, ..plain },
        Algorithm::Bayes => Numbers {
            precision: 1.7,
            prior: belief(k, 1.0),
            power: 0.0,
            shared: belief(k, 0.1),
            implicit_weight: 0.3,
            noise: Some(Noise { key: key(5, Purpose::Draw), draw: epoch as u32, side }),
            ..plain
        },
        Algorithm::Ials => {
            let (precision, prior, shared) = (1.3, belief(k, 0.6), belief(k, 0.2));
            Numbers { target: Target::Preference, precision, prior, shared, ..plain }
        }
    }
}

fn implicit_numbers(k: usize) -> ImplicitNumbers {
    let matrix = belief(k, 0.1).matrix;
    let data = (0..k).flat_map(|row| matrix.row(row)[..k].to_vec()).collect();
    ImplicitNumbers {
        matrix: Matrix::from_vec(k, k, data),
        mean: (0..k).map(|n| 0.01 * (n % 4) as f32).collect(),
    }
}

fn start(problem: &Problem, algorithm: Algorithm, k: usize) -> State {
    let mut state = start_state(problem, k, Start::Offset);
    for (n, row) in state.users.rows.iter_mut().chain(&mut state.items.rows).enumerate() {
        row.bias = 0.1 * (n % 7) as f32 - 0.3;
        if algorithm == Algorithm::Bayes {
            row.set_weight(0.5 + 0.25 * (n % 5) as f32);
        }
    }
    state
}

/// Two epochs; each sweep is compared with the equations of the state before it.
fn sweeps(engine: &mut dyn Engine, problem: &Problem, algorithm: Algorithm, k: usize) -> Result<(), String> {
    sweeps_of(engine, problem, (algorithm, k), &|side, epoch| numbers(algorithm, k, side, epoch))
}

/// The same with the numbers of each sweep.
fn sweeps_of(
    engine: &mut dyn Engine,
    problem: &Problem,
    (algorithm, k): (Algorithm, usize),
    numbers: &dyn Fn(Side, usize) -> Numbers,
) -> Result<(), String> {
    let text = |error: mfgpu::Error| error.to_string();
    for epoch in 1..=2 {
        for side in [Side::User, Side::Item] {
            let numbers = numbers(side, epoch);
            let before = engine.state().map_err(text)?;
            let implicit_numbers = implicit_numbers(k);
            let explained = (numbers.implicit_weight > 0.0).then(|| {
                implicit(problem, &before, side.other(), (&implicit_numbers.matrix, &implicit_numbers.mean))
            });
            if let Some(implicit) = &explained {
                engine.make_implicit(side.other(), &implicit_numbers).map_err(text)?;
                check_moments(engine, problem, &before, side.other(), implicit)?;
            }
            engine.sweep(At { stage: 0, side }, &Update::Normal(numbers.clone())).map_err(text)?;
            let after = engine.state().map_err(text)?;
            let (old, new, other) = match side {
                Side::User => (&before.users, &after.users, (&before.items, &after.items)),
                Side::Item => (&before.items, &after.items, (&before.users, &after.users)),
            };
            if other.0 != other.1 {
                return Err(format!("{side:?} sweep: the fixed side moved"));
            }
            for (row, &activity) in (0u32..).zip(&problem.staged.activity[side]) {
                let what = format!("{algorithm:?}, k={k}, {side:?} {row}, {activity} ratings");
                let x = vector(new, row as usize);
                let (was, state) = (old.rows[row as usize], new.rows[row as usize]);
                if activity == 0 {
                    if x != vector(old, row as usize) || state != was {
                        return Err(format!("{what} has no ratings and moved"));
                    }
                    continue;
                }
                near(&format!("{what}: weight"), state.factor_sum().into(), was.factor_sum().into(), 0.0)?;
                let at = (side, row);
                let found = equations(problem, (&before, &after), at, &numbers, explained.as_deref());
                let error = backward_error(&found, &x);
                // The normal random numbers of a draw may differ by a few roundings between devices.
                let draw = if numbers.noise.is_some() { 4.0 } else { 1.0 };
                let allowed = draw * tolerance(k + 1, activity as usize);
                near(&format!("{what}: backward error"), error, 0.0, allowed)?;
                let size: f64 = x.iter().map(|x| x * x).sum();
                let allowed = 16.0 * allowed * (found.loss[0] + f64::from(activity) * (1.0 + size));
                near(&format!("{what}: loss"), state.loss.into(), found.loss[0], allowed)?;
                near(
                    &format!("{what}: weighted loss"),
                    state.bias_sum().into(),
                    found.loss[1],
                    2.0 * allowed,
                )?;
            }
        }
    }
    let state = engine.state().map_err(text)?;
    [Set::HeldOut, Set::Test]
        .into_iter()
        .try_for_each(|set| check_predictions(engine, (problem, set), &state, k))
}

fn check_predictions(
    engine: &mut dyn Engine,
    (problem, set): (&Problem, Set),
    state: &State,
    k: usize,
) -> Result<(), String> {
    let ratings = problem.set(set);
    let predictions = engine.predictions(set).map_err(|error| error.to_string())?;
    if predictions.len() != ratings.len() {
        return Err(format!("not a prediction a rating of {set:?}"));
    }
    let mut errors = 0.0;
    for ((user, item, value), &found) in ratings.iter().zip(&predictions) {
        let (p, q) = (vector(&state.users, user as usize), vector(&state.items, item as usize));
        let product: f64 = p[..k].iter().zip(&q).map(|(p, q)| p * q).sum();
        let size = p.iter().zip(&q).map(|(p, q)| (p * q).abs() + 1.0).sum::<f64>();
        let predicted = p[k] + q[k] + product;
        near("prediction", found.into(), predicted, tolerance(k, 1) * size)?;
        let (low, high) = (problem.range.0.into(), problem.range.1.into());
        errors += (f64::from(value) - predicted.clamp(low, high)).powi(2);
    }
    let found = engine.squared_error(set, 0.0).map_err(|error| error.to_string())?;
    let size = errors + ratings.len() as f64;
    near(&format!("error of {set:?}"), found, errors, 16.0 * tolerance(k, ratings.len()) * size)
}

fn check_moments(
    engine: &mut dyn Engine,
    problem: &Problem,
    state: &State,
    side: Side,
    implicit: &[Vec<f64>],
) -> Result<(), String> {
    let own = if side == Side::User { &state.users } else { &state.items };
    let (known, shares) = problem.staged.known(side);
    for vectors in [Vectors::Factors, Vectors::Implicit] {
        let moments = engine.moments(side, vectors).map_err(|error| error.to_string())?;
        let rows: Vec<Vec<f64>> = known
            .iter()
            .zip(&shares)
            .map(|(&row, &share)| match vectors {
                Vectors::Factors => vector(own, row as usize),
                Vectors::Implicit => {
                    implicit[row as usize].iter().copied().chain([-f64::from(share)]).collect()
                }
            })
            .collect();
        check_sums(&format!("{vectors:?}"), &moments, &rows)?;
    }
    Ok(())
}

fn check(open: Open, shape: &Shape, span: impl IntoIterator<Item = usize>) -> Result<(), String> {
    check_all(open, problem(shape), span, &ALGORITHMS)
}

fn check_all(
    open: Open,
    problem: Problem,
    span: impl IntoIterator<Item = usize>,
    algorithms: &[Algorithm],
) -> Result<(), String> {
    let problem = Arc::new(problem);
    for k in span {
        // One engine for all cases: a GPU compiles its kernels anew for every number of factors.
        let mut engine: Option<Box<dyn Engine>> = None;
        for &algorithm in algorithms {
            let state = start(&problem, algorithm, k);
            let engine = match &mut engine {
                Some(engine) => engine,
                None => engine.insert(open(Arc::clone(&problem), &state).map_err(|e| e.to_string())?),
            };
            engine.restore(&state).map_err(|error| error.to_string())?;
            sweeps(&mut **engine, &problem, algorithm, k).map_err(|why| format!("k={k}: {why}"))?;
        }
    }
    Ok(())
}

/// Preferences of no weight, dislikes, a row with all items.
fn odd_preferences(open: Open) -> Result<(), String> {
    let shapes = Shape::ODD.iter().chain([&Shape::WHOLE]);
    shapes
        .map(preferences)
        .try_for_each(|problem| check_all(open, problem, [1, 6, 33, 64], &[Algorithm::Ials]))
}

fn odd_k(open: Open) -> Result<(), String> {
    check(open, &Shape::WHOLE, (1..=130).step_by(2))
}

fn even_k(open: Open) -> Result<(), String> {
    check(open, &Shape::WHOLE, (2..=130).step_by(2))
}

/// Where each k is compiled anew: the values around which the layout of rows changes, and some others.
fn some_k(open: Open) -> Result<(), String> {
    // A GPU compiles some ten kernels for each.
    check(open, &Shape::WHOLE, [1, 2, 3, 4, 5, 8, 16, 17, 32, 33, 64, 65, 129])
}

fn large_k(open: Open) -> Result<(), String> {
    check(open, &Shape::WHOLE, [255, 256, 300])
}

/// More factors than fit the columns of a workgroup: short rows in theirs, long ones in memory of the device.
fn huge_k(open: Open) -> Result<(), String> {
    check_all(open, of_lengths(&[1, 5, 30], 40), [1030], &[Algorithm::Als])
}

fn long_rows(open: Open) -> Result<(), String> {
    check(open, &Shape::LONG, [3, 22, 40])
}

fn odd_shapes(open: Open) -> Result<(), String> {
    Shape::ODD.iter().try_for_each(|shape| check(open, &shape.whole(), [1, 6, 33]))
}

/// Rows of as many ratings as factors, of one more and one less, and of many more.
fn around_k(open: Open) -> Result<(), String> {
    for k in [2, 8, 33] {
        let lengths: Vec<usize> = [1, k - 1, k, k + 1, 3 * k].repeat(4);
        check_all(open, of_lengths(&lengths, 4 * k), [k], &ALGORITHMS)?;
    }
    Ok(())
}

/// Rows of all lengths in the form of short rows, also those that have more ratings than factors.
fn all_short(open: Open) -> Result<(), String> {
    let lengths: Vec<usize> = (1..=40).collect();
    let problem = Arc::new(of_lengths(&lengths, 60));
    for (algorithm, k) in ALGORITHMS.into_iter().flat_map(|algorithm| [(algorithm, 5), (algorithm, 24)]) {
        let state = start(&problem, algorithm, k);
        let mut engine = open(Arc::clone(&problem), &state).map_err(|error| error.to_string())?;
        let numbers = |side: Side, epoch: usize| {
            let numbers = numbers(algorithm, k, side, epoch);
            Numbers { forms: Forms::only(Form::Short), ..numbers }
        };
        sweeps_of(&mut *engine, &problem, (algorithm, k), &numbers)?;
    }
    Ok(())
}

/// No regularization, next to none, and an overwhelming one; fixed rows that are almost alike; and fewer
/// ratings than unknowns. The result solves the equations, and is finite.
fn hard_rows(open: Open) -> Result<(), String> {
    let problem = Arc::new(problem(&Shape::WHOLE));
    let cases = [(0.0, false), (1e-12, false), (1e12, false), (1e-3, true), (1e-12, true), (0.0, true)];
    for k in [3, 12, 40] {
        let state = start(&problem, Algorithm::Als, k);
        let mut engine = open(Arc::clone(&problem), &state).map_err(|error| error.to_string())?;
        for (ridge, alike) in cases {
            let mut state = state.clone();
            if alike {
                for row in 3..state.items.rows.len() {
                    let like = state.items.factors.row(row % 3).to_vec();
                    let own = state.items.factors.row_mut(row);
                    own.iter_mut().zip(like).for_each(|(own, like)| *own = like + 1e-4 * *own);
                }
            }
            engine.restore(&state).map_err(|error| error.to_string())?;
            let mut numbers = numbers(Algorithm::Als, k, Side::User, 1);
            (0..=k).for_each(|n| numbers.prior.matrix.row_mut(n)[n] = ridge);
            engine
                .sweep(At { stage: 0, side: Side::User }, &Update::Normal(numbers.clone()))
                .map_err(|error| error.to_string())?;
            let after = engine.state().map_err(|error| error.to_string())?;
            if !after.is_finite() {
                return Err(format!("k={k}, regularization {ridge}: not finite"));
            }
            for (row, &activity) in (0u32..).zip(&problem.staged.activity[Side::User]) {
                if activity > 0 {
                    let found = equations(&problem, (&state, &after), (Side::User, row), &numbers, None);
                    let error = backward_error(&found, &vector(&after.users, row as usize));
                    let regular = tolerance(k + 1, activity as usize);
                    let allowed = if ridge < 1e-6 { singular_tolerance(k + 1) } else { regular };
                    let what = format!("k={k}, regularization {ridge}, user {row}, {activity} ratings");
                    near(&format!("{what}: backward error"), error, 0.0, allowed)?;
                }
            }
        }
    }
    Ok(())
}

/// A restored engine continues with the same bits as one that never stopped, and a second run has the same
/// bits.
fn same_bits(open: Open) -> Result<(), String> {
    let run = |stop: bool| -> Result<State> {
        let (k, algorithm) = (21, Algorithm::Bayes);
        let problem = Arc::new(problem(&Shape::WHOLE));
        let state = start(&problem, algorithm, k);
        let mut engine = open(Arc::clone(&problem), &state)?;
        for epoch in 1..=3 {
            for side in [Side::User, Side::Item] {
                if stop && epoch == 3 {
                    let middle = engine.state()?;
                    engine = open(Arc::clone(&problem), &state)?;
                    engine.restore(&middle)?;
                }
                engine.make_implicit(side.other(), &implicit_numbers(k))?;
                engine.sweep(At { stage: 0, side }, &Update::Normal(numbers(algorithm, k, side, epoch)))?;
            }
        }
        engine.state()
    };
    let (through, stopped) = (run(false).map_err(|e| e.to_string())?, run(true).map_err(|e| e.to_string())?);
    if through == stopped { Ok(()) } else { Err("a resumed run differs".into()) }
}

fn same_bits_on_any_number_of_threads() -> Result<(), String> {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| -> Result<State> {
            let problem = Arc::new(problem(&Shape::LONG));
            let mut engine = cpu(Arc::clone(&problem), &start(&problem, Algorithm::Bayes, 24))?;
            for side in [Side::User, Side::Item] {
                engine.make_implicit(side.other(), &implicit_numbers(24))?;
                engine
                    .sweep(At { stage: 0, side }, &Update::Normal(numbers(Algorithm::Bayes, 24, side, 1)))?;
            }
            engine.state()
        })
    };
    let states: Vec<State> = [1, 2, 3].into_iter().map(|n| run(n).expect("a CPU works")).collect();
    if states.iter().all(|state| *state == states[0]) { Ok(()) } else { Err("threads differ".into()) }
}

/// Every fault must be detected, and without a fault nothing.
fn the_checker_can_fail() -> Result<(), String> {
    let (k, algorithm) = (9, Algorithm::Bayes);
    let problem = Arc::new(problem(&Shape::WHOLE));
    let state = start(&problem, algorithm, k);
    for fault in [Fault::Numbers(|_| ()), Fault::Users(|_| ())] {
        sweeps(&mut Faulty::new(&problem, &state, fault), &problem, algorithm, k)?;
    }
    for (name, fault) in FAULTS {
        if sweeps(&mut Faulty::new(&problem, &state, fault), &problem, algorithm, k).is_ok() {
            return Err(format!("{name} passed"));
        }
    }
    Ok(())
}

pub(crate) fn cases() -> Vec<Case> {
    let (all, unchecked) = (["cpu", "trusted", "checked"], ["cpu", "trusted"]);
    let checks: [(&str, Check, &[&str]); 12] = [
        ("odd_k", odd_k, &["cpu"]),
        ("even_k", even_k, &["cpu"]),
        ("some_k", some_k, &["trusted"]),
        ("large_k", large_k, &unchecked),
        ("huge_k", huge_k, &unchecked),
        ("long_rows", long_rows, &all),
        ("odd_shapes", odd_shapes, &all),
        ("odd_preferences", odd_preferences, &all),
        ("around_k", around_k, &unchecked),
        ("all_short", all_short, &unchecked),
        ("hard_rows", hard_rows, &all),
        ("same_bits", same_bits, &unchecked),
    ];
    let mut cases = vec![
        Case::new("the_checker_can_fail", the_checker_can_fail),
        Case::new("cpu::any_number_of_threads", same_bits_on_any_number_of_threads),
    ];
    #[cfg(feature = "gpu")]
    cases.push(Case::on_a_gpu("gpu::streamed_is_resident", streamed_is_resident));
    for (name, check, engines) in checks {
        cases.extend(on_engines(name, check, engines));
    }
    cases
}
