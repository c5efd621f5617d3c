//! One suite over all engines, compared with a plain f64 oracle: oracle, CPU and GPU must agree. A faulty
//! engine shows that each checker can fail.

use crate::learning::cpu;
use crate::support::case::Case;
use crate::support::oracle::{Oracle, OracleSide};
use crate::support::problems::{Shape, epoch_numbers, problem, start_state};
use mfgpu::Result;
use mfgpu::math::Matrix;
use mfgpu::ratings::{At, Cells, Side, Sides};
use mfgpu::train::engine::{Engine, MomentParts, Vectors, cpu::CpuEngine};
use mfgpu::train::row::normal::ImplicitNumbers;
use mfgpu::train::row::{RowState, Update};
use mfgpu::train::{Problem, Set, SideState, Start, State};
use std::ops::Range;
use std::sync::Arc;

/// Opens an engine.
type Make = fn(Arc<Problem>, &State) -> Result<Box<dyn Engine>>;

/// An engine, with the facts about it that the oracle needs.
#[derive(Clone, Copy)]
struct Open {
    make: Make,
    /// Whether it reads the fixed side in f16.
    halved: bool,
}

impl Open {
    const fn new(make: Make) -> Self {
        Self { make, halved: false }
    }
}

const CPU: Open = Open::new(cpu);

#[cfg(feature = "gpu")]
mod on_gpu {
    use super::{Arc, Engine, Oracle, Problem, Result, Start, State};
    use super::{compare, epoch_numbers, epochs, problem, start_state};
    use crate::support::device;
    use mfgpu::gpu::kernels::row_sgd::{Form, QUADS, SINGLE, Shape};
    use mfgpu::gpu::{AdapterKind, Checks, Gpu, GpuOptions, Kernel};
    use mfgpu::train::engine::Saved;
    use mfgpu::train::engine::gpu::GpuEngine;

    fn engine(
        problem: Arc<Problem>,
        state: &State,
        shape: impl FnOnce(usize) -> Shape,
        options: &GpuOptions,
    ) -> Result<Box<dyn Engine>> {
        let shape = shape(state.users.factors.columns());
        Ok(Box::new(GpuEngine::with_shape(device::shared(options)?, problem, state, shape)?))
    }

    pub(super) fn single(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
        engine(problem, state, Shape::single, &GpuOptions::default())
    }

    pub(super) fn textured(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
        engine(problem, state, Shape::textured, &GpuOptions::default())
    }

    pub(super) fn textured_checked(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
        engine(
            problem,
            state,
            Shape::textured,
            &GpuOptions { checks: Checks::On, poison: true, ..GpuOptions::default() },
        )
    }

    pub(super) fn checked(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
        engine(
            problem,
            state,
            Shape::single,
            &GpuOptions { checks: Checks::On, poison: true, ..GpuOptions::default() },
        )
    }

    /// Large workgroups, with several teams for the longest rows in one workgroup.
    pub(super) fn quads(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
        engine(
            problem,
            state,
            |k| Shape { workgroup: 256, ..Shape::over_lanes(k, 8, 1) },
            &GpuOptions::default(),
        )
    }

    /// Ratings that are streamed through a part of the memory they need give the same bits as resident
    /// ratings.
    pub(super) fn streamed_is_resident() -> Result<()> {
        let k = 24;
        for (fine, shape) in
            [(true, Shape::single(k)), (false, Shape::textured(k)), (false, Shape::over_lanes(k, 8, 1))]
        {
            let problem = Arc::new(problem(&super::Shape::LARGE.fine(fine)));
            let state = start_state(&problem, k, Start::Offset);
            let gpu = device::open(&GpuOptions::default())?;
            let run = |gpu: &Gpu| -> Result<State> {
                let mut engine = GpuEngine::with_shape(gpu.clone(), Arc::clone(&problem), &state, shape)?;
                epochs(&mut engine, &problem, k, 1..=2)?;
                assert_eq!(engine.streams(), gpu.options().memory_limit.is_some());
                engine.state()
            };
            let factors = GpuEngine::with_shape(gpu.clone(), Arc::clone(&problem), &state, shape)?;
            let mut resident = GpuEngine::with_shape(gpu.clone(), Arc::clone(&problem), &state, shape)?;
            let without = gpu.allocated();
            epochs(&mut resident, &problem, k, 1..=1)?;
            let needed = gpu.allocated() - without;
            drop((factors, resident));
            let limit = Some(gpu.allocated() + without / 2 + needed * 2 / 5);
            let limited = device::open(&GpuOptions { memory_limit: limit, ..GpuOptions::default() })?;
            assert!(run(&limited)? == run(&gpu)?, "{shape:?}");
            let limit = Some(without / 2);
            let too_small = device::open(&GpuOptions { memory_limit: limit, ..GpuOptions::default() })?;
            assert!(matches!(run(&too_small), Err(mfgpu::Error::TooLarge(_))), "{shape:?}");
        }
        Ok(())
    }

    /// An engine restores what it saved, on the device where there is free memory, bit for bit, and continues
    /// from it as if it had never trained further.
    pub(super) fn set_aside() -> Result<()> {
        let k = 24;
        for shape in [Shape::single(k), Shape::textured(k), Shape::over_lanes(k, 8, 1)] {
            let problem = Arc::new(problem(&super::Shape::LARGE));
            let state = start_state(&problem, k, Start::Offset);
            let gpu = device::open(&GpuOptions::default())?;
            let engine = |gpu: &Gpu| GpuEngine::with_shape(gpu.clone(), Arc::clone(&problem), &state, shape);
            let mut whole = engine(&gpu)?;
            epochs(&mut whole, &problem, k, 1..=3)?;
            let needed = gpu.allocated();
            let whole = whole.state()?;
            for full in [false, true] {
                let limit = full.then_some(needed + (64 << 10));
                let gpu = device::open(&GpuOptions { memory_limit: limit, ..GpuOptions::default() })?;
                let mut engine = engine(&gpu)?;
                assert!(matches!(engine.save()?, Saved::Host(_)), "before what sweeps need");
                epochs(&mut engine, &problem, k, 1..=1)?;
                let (saved, first) = (engine.save()?, engine.state()?);
                assert_eq!(matches!(saved, Saved::Host(_)), full, "{shape:?}");
                assert!(*saved.state()? == first, "{shape:?}");
                epochs(&mut engine, &problem, k, 2..=2)?;
                assert!(*saved.state()? == first && engine.state()? != first, "{shape:?}");
                engine.go_back(&saved)?;
                assert!(engine.state()? == first, "{shape:?}");
                epochs(&mut engine, &problem, k, 2..=3)?;
                assert!(engine.state()? == whole, "{shape:?}");
            }
        }
        Ok(())
    }

    /// Software Vulkan leaves the loops of an invocation after a fixed number of turns without an error: rows
    /// just below the limit are right, longer rows are refused.
    pub(super) fn rows_too_long_for_software() -> Result<()> {
        let gpu = device::open(&GpuOptions::default())?;
        let software = gpu.description().kind == AdapterKind::Software;
        for (k, ratings, refused) in
            [(1, 64_000, false), (1, 80_000, true), (300, 375, false), (300, 2000, true)]
        {
            let problem = Arc::new(problem(&super::Shape::one_item(ratings)));
            let state = start_state(&problem, k, Start::Offset);
            let mut engine = GpuEngine::new(gpu.clone(), Arc::clone(&problem), &state)?;
            let swept = epochs(&mut engine, &problem, k, 1..=1);
            if software && refused {
                assert!(matches!(swept, Err(mfgpu::Error::Usage(_))), "{k}, {ratings}: {swept:?}");
                continue;
            }
            swept?;
            let mut oracle = Oracle::new(&problem, &state, engine.shape().form == Form::Subgroup);
            oracle.epoch(&problem, &epoch_numbers(&problem, k, Start::Offset, 1));
            compare(&mut engine, &oracle, &problem, Start::Offset).map_err(mfgpu::Error::Bug)?;
        }
        Ok(())
    }

    /// Each of these changes to the kernels must be detected.
    pub(super) fn mutants_are_found() -> Result<()> {
        const SINGLE_MUTATIONS: &[(&str, &str)] = &[
            ("+ params.offset", "- params.offset"),
            ("return value - product", "return value - 2.0 * product"),
            ("state.bias += bias_step", "state.bias += step"),
            ("gradient[q] = -shrink * row[q]", "gradient[q] = shrink * row[q]"),
            ("first + vec4<u32>(0u, 1u, 2u, 3u) < vec4", "first + vec4<u32>(0u, 1u, 2u, 3u) <= vec4"),
            ("/ f32(FACTORS)", "/ f32(4u * HELD)"),
            ("n < first + size", "n + 1u < first + size"),
            ("slot < params.long)", "slot <= params.long)"),
            ("slot < params.longest", "slot <= params.longest"),
            ("const LONG_STEP = 4u", "const LONG_STEP = 2u"),
            ("const LONGEST_STEP = 16u", "const LONGEST_STEP = 8u"),
        ];
        const QUADS_MUTATIONS: &[(&str, &str)] = &[
            ("var unexplained = value_of(batch, mine, my_word) +", "var unexplained = params.offset -"),
            ("unexplained - state.bias", "unexplained + state.bias"),
            ("word >> ROW_BITS", "word >> (ROW_BITS + 1u)"),
            ("/ f32(FACTORS)", "/ f32(4u * UNITS)"),
            ("fma(vec4<f32>(-shrink), row_#_?", "fma(vec4<f32>(shrink), row_#_?"),
            ("batch = entry.batch + min(place + 2u", "batch = entry.batch + min(place + 3u"),
            ("mine < size", "mine <= size"),
            ("own_biases[entry.row] = state.bias", "own_biases[entry.row] = 0.0"),
            ("pack_half4(row_#_?)", "pack_half4(0.5 * row_#_?)"),
            ("xy, second), LANES / 4u", "xy, second), LANES / 2u"),
            ("parts[of_member], parts[of_member + LANES]", "parts[of_member], parts[of_member]"),
            ("* WORKGROUP + invocation] = bias_gradient", "* WORKGROUP + invocation] = 2.0 * bias_gradient"),
            ("sum = group / members * LANES + lane", "sum = lane"),
            (
                "loss += parts[invocation - (member - of_member)",
                "loss += parts[invocation + 0u * (member - of_member)",
            ),
            ("rounds = LONGEST_STEP / LONGEST_TEAM", "rounds = 2u"),
            ("longest_step(together)", "longest_step(together / 4u)"),
        ];
        let gpu = device::open(&GpuOptions::default())?;
        let (k, start) = (21, Start::Offset);
        let run = |shape: Shape, form: &Kernel, source: String| -> Result<std::result::Result<(), String>> {
            let problem = Arc::new(problem(&super::Shape::LONG));
            let shape = Shape { packed: problem.staged.codes.is_some(), ..shape };
            let state = start_state(&problem, k, start);
            let mut oracle = Oracle::new(&problem, &state, shape.form == Form::Subgroup);
            let Kernel { name, bindings, twins, permutations, .. } = *form;
            let kernel = Kernel { name, source: source.leak(), bindings, twins, permutations };
            let pipeline = kernel.pipeline(&gpu, &shape.constants())?;
            let mut engine =
                GpuEngine::with_pipeline(gpu.clone(), Arc::clone(&problem), &state, shape, &pipeline)?;
            for epoch in 1..=2 {
                oracle.epoch(&problem, &epoch_numbers(&problem, k, start, epoch));
            }
            epochs(&mut engine, &problem, k, 1..=2)?;
            Ok(compare(&mut engine, &oracle, &problem, start))
        };
        for (shape, form, mutations) in [
            (Shape::single(k), &SINGLE, SINGLE_MUTATIONS),
            (Shape::over_lanes(k, 8, 1), &QUADS, QUADS_MUTATIONS),
        ] {
            assert_eq!(run(shape, form, form.source.into())?, Ok(()), "the kernel as it is");
            for (from, to) in mutations {
                assert_eq!(form.source.matches(from).count(), 1, "{from}");
                let mutant = run(shape, form, form.source.replace(from, to))?;
                assert!(mutant.is_err(), "`{to}` in place of `{from}` passed");
            }
        }
        Ok(())
    }

    /// Software Vulkan has subgroups of 8.
    pub(super) fn lanes_8(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
        engine(problem, state, |k| Shape::over_lanes(k, 8, 2), &GpuOptions::default())
    }

    /// Small workgroups, where a team takes several rounds of batches.
    pub(super) fn lanes_8_checked(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
        engine(
            problem,
            state,
            |k| Shape { workgroup: 64, ..Shape::over_lanes(k, 8, 2) },
            &GpuOptions { checks: Checks::On, poison: true, ..GpuOptions::default() },
        )
    }
}

/// The largest deviation of an f32 result from the f64 oracle, relative to the size of its terms. It covers
/// the rounding errors of sums of `k` products and of the chain of `updates` of a row, which add up like a
/// random walk.
fn tolerance(k: usize, updates: usize) -> f64 {
    4.0 * f64::from(f32::EPSILON) * ((k as f64).sqrt() + 4.0) * (updates as f64).sqrt()
}

/// Compares the state and the sums of an engine with the oracle; the error says where they differ.
fn compare(engine: &mut dyn Engine, oracle: &Oracle, problem: &Problem, start: Start) -> Result<(), String> {
    let state = engine.state().map_err(|error| error.to_string())?;
    let k = state.users.factors.columns();
    let longest = |activity: &[u32]| activity.iter().copied().max().unwrap_or(1) as usize;
    let updates = 2 * longest(&problem.staged.activity.users).max(longest(&problem.staged.activity.items));
    let tolerance = tolerance(k, updates);
    let near = |what: &str, found: f64, expected: f64, size: f64| {
        if (found - expected).abs() <= tolerance * size {
            Ok(())
        } else {
            Err(format!("k={k}: {what} is {found}, expected {expected}, tolerance {}", tolerance * size))
        }
    };
    let side = |name: &str, found: &mfgpu::train::SideState, expected: &OracleSide| {
        for row in 0..expected.factors.len() {
            for (n, (&found, &expected)) in
                found.factors.row(row).iter().zip(&expected.factors[row]).enumerate()
            {
                near(&format!("{name} {row} factor {n}"), found.into(), expected, 1.0)?;
            }
            let state = found.rows[row];
            near(&format!("{name} {row} bias"), state.bias.into(), expected.bias[row], 1.0)?;
            let sum = expected.factor_sum[row];
            near(&format!("{name} {row} factor sum"), state.factor_sum().into(), sum, sum)?;
            let sum = expected.bias_sum[row];
            near(&format!("{name} {row} bias sum"), state.bias_sum().into(), sum, 4.0 * sum)?;
            let loss = expected.loss[row];
            near(&format!("{name} {row} loss"), state.loss.into(), loss, 4.0 * (loss + 1.0))?;
        }
        Ok::<(), String>(())
    };
    side("user", &state.users, &oracle.users)?;
    side("item", &state.items, &oracle.items)?;
    let loss = engine.loss().map_err(|error| error.to_string())?;
    let expected = oracle.users.loss.iter().sum::<f64>();
    near("loss", loss, expected, expected)?;
    for set in [Set::HeldOut, Set::Test] {
        let error = engine.squared_error(set, start.offset()).map_err(|error| error.to_string())?;
        let expected = oracle.squared_error(problem, set, start.offset().into());
        near(&format!("error of {set:?}"), error, expected, expected)?;
    }
    Ok(())
}

/// Two epochs; the first one trains only the first factors if the start requires it.
fn run_against_oracle(open: Open, k: usize, shape: &Shape) -> Result<(), String> {
    for start in [Start::Centred, Start::Offset] {
        let problem = Arc::new(problem(shape));
        let state = start_state(&problem, k, start);
        let mut oracle = Oracle::new(&problem, &state, open.halved);
        let mut engine = (open.make)(Arc::clone(&problem), &state).map_err(|error| error.to_string())?;
        for epoch in 1..=2 {
            let numbers = epoch_numbers(&problem, k, start, epoch);
            oracle.epoch(&problem, &numbers);
            for stage in 0..engine.stages() {
                for side in Side::BOTH {
                    engine
                        .sweep(At { stage, side }, &Update::Sgd(*numbers.of(side)))
                        .map_err(|error| error.to_string())?;
                }
            }
        }
        compare(&mut *engine, &oracle, &problem, start).map_err(|why| format!("{start:?}: {why}"))?;
    }
    Ok(())
}

fn every_k(open: Open) -> Result<(), String> {
    (1..=130).try_for_each(|k| run_against_oracle(open, k, &Shape::SMALL))
}

/// Numbers of factors around the sizes of vectors, quads, lanes and early factors.
fn some_k(open: Open) -> Result<(), String> {
    [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 70, 127, 128, 130]
        .into_iter()
        .try_for_each(|k| run_against_oracle(open, k, &Shape::SMALL))
}

fn odd_shapes(open: Open) -> Result<(), String> {
    Shape::ODD
        .iter()
        .try_for_each(|shape| [1, 5, 33].into_iter().try_for_each(|k| run_against_oracle(open, k, shape)))
}

/// Rows whose batches are larger.
fn long_rows(open: Open) -> Result<(), String> {
    let run = |(k, fine)| run_against_oracle(open, k, &Shape::LONG.fine(fine));
    [(1, false), (33, true), (128, false)].into_iter().try_for_each(run)
}

fn epochs(
    engine: &mut dyn Engine,
    problem: &Problem,
    k: usize,
    span: std::ops::RangeInclusive<usize>,
) -> Result<()> {
    for epoch in span {
        let numbers = epoch_numbers(problem, k, Start::Offset, epoch);
        for stage in 0..engine.stages() {
            for side in Side::BOTH {
                engine.sweep(At { stage, side }, &Update::Sgd(*numbers.of(side)))?;
            }
        }
    }
    Ok(())
}

/// A restored engine continues with the same bits as one that never stopped, and a second run has the same
/// bits.
fn same_bits(open: Open) -> Result<(), String> {
    let run = || -> Result<(State, State)> {
        let k = 37;
        let problem = Arc::new(problem(&Shape::SMALL));
        let state = start_state(&problem, k, Start::Offset);
        let mut through = (open.make)(Arc::clone(&problem), &state)?;
        epochs(&mut *through, &problem, k, 1..=3)?;
        let mut first = (open.make)(Arc::clone(&problem), &state)?;
        epochs(&mut *first, &problem, k, 1..=2)?;
        let middle = first.state()?;
        let mut second = (open.make)(Arc::clone(&problem), &state)?;
        epochs(&mut *second, &problem, k, 1..=1)?;
        second.restore(&middle)?;
        epochs(&mut *second, &problem, k, 3..=3)?;
        Ok((through.state()?, second.state()?))
    };
    let (through, resumed) = run().map_err(|error| error.to_string())?;
    if through == resumed { Ok(()) } else { Err("a resumed run differs".into()) }
}

/// The grouping of rows and the work of each thread may vary, but results have the same bits.
fn same_bits_on_any_number_of_threads() -> Result<(), String> {
    let states: Vec<State> = [1, 2, 3]
        .into_iter()
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| {
                let problem = Arc::new(problem(&Shape::LARGE));
                let mut engine =
                    CpuEngine::new(Arc::clone(&problem), &start_state(&problem, 24, Start::Offset));
                epochs(&mut engine, &problem, 24, 1..=2).and_then(|()| engine.state()).expect("a CPU works")
            })
        })
        .collect();
    if states.iter().all(|state| *state == states[0]) { Ok(()) } else { Err("threads differ".into()) }
}

/// An engine with one fault, on top of the CPU engine.
struct Faulty {
    inner: CpuEngine,
    fault: Fault,
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    SwappedParameters,
    MissedStage,
    EarlyEpochIgnored,
    BiasOff,
    WrongRegularizationPower,
}

impl Engine for Faulty {
    fn device(&self) -> String {
        format!("{:?}", self.fault)
    }

    fn stages(&self) -> usize {
        self.inner.stages()
    }

    fn sweep(&mut self, at: At, update: &Update) -> Result<()> {
        let Update::Sgd(mut numbers) = *update else { return self.inner.sweep(at, update) };
        match self.fault {
            Fault::SwappedParameters => {
                std::mem::swap(&mut numbers.learning_rate, &mut numbers.regularization);
            }
            Fault::MissedStage if at.stage == 1 && at.side == Side::Item => return Ok(()),
            Fault::EarlyEpochIgnored => numbers.trained = usize::MAX,
            Fault::WrongRegularizationPower => numbers.power = 0.0,
            Fault::MissedStage | Fault::BiasOff => {}
        }
        self.inner.sweep(at, &Update::Sgd(numbers))
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

    fn make_implicit(&mut self, side: Side, numbers: &ImplicitNumbers) -> Result<()> {
        self.inner.make_implicit(side, numbers)
    }

    fn implicit(&mut self, side: Side) -> Result<Matrix> {
        self.inner.implicit(side)
    }
    fn set_implicit(&mut self, side: Side, implicit: &Matrix) -> Result<()> {
        self.inner.set_implicit(side, implicit)
    }

    fn predictions(&mut self, set: Set) -> Result<Vec<f32>> {
        self.inner.predictions(set)
    }

    fn squared_error_parts(&mut self, set: Set, offset: f32) -> Result<Vec<f64>> {
        self.inner.squared_error_parts(set, offset)
    }

    fn size(&self, side: Side) -> usize {
        self.inner.size(side)
    }

    fn read_rows(&mut self, side: Side, rows: Range<usize>) -> Result<SideState> {
        let mut state = self.inner.read_rows(side, rows)?;
        if matches!(self.fault, Fault::BiasOff) && side == Side::Item {
            state.rows[3].bias += 1e-3;
        }
        Ok(state)
    }

    fn write_rows(&mut self, side: Side, first: usize, rows: &SideState) -> Result<()> {
        self.inner.write_rows(side, first, rows)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is a `Make`")]
fn faulty<const FAULT: usize>(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
    let fault = [
        Fault::SwappedParameters,
        Fault::MissedStage,
        Fault::EarlyEpochIgnored,
        Fault::BiasOff,
        Fault::WrongRegularizationPower,
    ][FAULT];
    Ok(Box::new(Faulty { inner: CpuEngine::new(problem, state), fault }))
}

/// Trains on the problem without one rating.
#[expect(clippy::needless_pass_by_value, reason = "it is a `Make`")]
fn dropped_rating(problem: Arc<Problem>, state: &State) -> Result<Box<dyn Engine>> {
    let staged = problem.staged.clone().with_changed(0, |Sides { users, .. }| {
        users.ratings = Cells::pairs(users.ratings.part(0..users.ratings.len() - 1).iter());
        let mut starts = users.starts.to_vec();
        *starts.last_mut().expect("a row") -= 1;
        users.starts = starts.into();
    });
    let (held_out, test) = (problem.held_out.clone(), problem.test.clone());
    let less = Problem { staged, held_out, test, range: problem.range, ..Problem::default() };
    cpu(Arc::new(less), state)
}

fn the_checker_can_fail() -> Result<(), String> {
    let faults: [(&str, Make); 6] = [
        ("swapped parameters", faulty::<0>),
        ("a missed stage", faulty::<1>),
        ("all factors trained in the first epoch", faulty::<2>),
        ("a bias off by .001", faulty::<3>),
        ("the wrong power", faulty::<4>),
        ("a dropped rating", dropped_rating),
    ];
    for (fault, open) in faults {
        if run_against_oracle(Open::new(open), 20, &Shape::SMALL).is_ok() {
            return Err(format!("{fault} passed"));
        }
    }
    Ok(())
}

pub(crate) fn cases() -> Vec<Case> {
    type Check = fn(Open) -> Result<(), String>;
    let checks: [(&str, Check); 5] = [
        ("every_k", every_k),
        ("some_k", some_k),
        ("long_rows", long_rows),
        ("odd_shapes", odd_shapes),
        ("same_bits", same_bits),
    ];
    let mut cases = vec![
        Case::new("the_checker_can_fail", the_checker_can_fail),
        Case::new("cpu::any_number_of_threads", same_bits_on_any_number_of_threads),
    ];
    #[cfg(feature = "gpu")]
    cases.extend([
        Case::on_a_gpu("gpu::mutants_are_found", on_gpu::mutants_are_found),
        Case::on_a_gpu("gpu::streamed_is_resident", on_gpu::streamed_is_resident),
        Case::on_a_gpu("gpu::set_aside", on_gpu::set_aside),
        Case::on_a_gpu("gpu::rows_too_long_for_software", on_gpu::rows_too_long_for_software),
    ]);
    for (name, check) in checks {
        cases.push(Case::new(format!("cpu::{name}"), move || check(CPU)));
        #[cfg(feature = "gpu")]
        {
            // Each k is a kernel of its own, which takes a driver long to compile.
            if name == "every_k" {
                continue;
            }
            let engines: [(&str, Make); 7] = [
                ("single", on_gpu::single),
                ("lanes_8", on_gpu::lanes_8),
                ("quads", on_gpu::quads),
                ("checked", on_gpu::checked),
                ("textured", on_gpu::textured),
                ("textured_checked", on_gpu::textured_checked),
                ("lanes_8_checked", on_gpu::lanes_8_checked),
            ];
            cases.extend(engines.into_iter().map(|(engine, make)| {
                let open = Open { make, halved: engine.starts_with("lanes") || engine == "quads" };
                Case::on_a_gpu(format!("gpu::{engine}::{name}"), move || check(open))
            }));
        }
    }
    cases
}
