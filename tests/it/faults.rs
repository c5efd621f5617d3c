//! A device that fails during training: it is opened again, and the result is the same. When it fails for
//! good, the fallback takes over, or a checkpoint is kept from which the run can be resumed.

use crate::learning::{cpu, training, unwatched};
use mfgpu::math::Matrix;
use mfgpu::ratings::{At, Ratings, Side};
use mfgpu::train::engine::{Engine, MomentParts, Vectors, cpu::CpuEngine};
use mfgpu::train::row::normal::ImplicitNumbers;
use mfgpu::train::row::{RowState, Update};
use mfgpu::train::{
    Algorithm, Checkpoint, Event, Keeper, Keeping, OpenEngine, Outcome, Problem, Set, Settings, SideState,
    State, Step, resume, train,
};
use mfgpu::{Error, Result};
use std::cell::Cell;
use std::ops::{ControlFlow, Range};
use std::rc::Rc;
use std::sync::Arc;

/// The CPU engine as a device that is lost at some of its sweeps, counted over all engines of a run.
struct Faulty {
    engine: CpuEngine,
    sweeps: Rc<Cell<usize>>,
    lost_at: Vec<usize>,
}

impl Engine for Faulty {
    fn device(&self) -> String {
        "a device that fails".into()
    }
    fn stages(&self) -> usize {
        self.engine.stages()
    }
    fn sweep(&mut self, at: At, update: &Update) -> Result<()> {
        self.sweeps.set(self.sweeps.get() + 1);
        if self.lost_at.contains(&self.sweeps.get()) {
            return Err(Error::Device("lost".into()));
        }
        self.engine.sweep(at, update)
    }
    fn row_states(&mut self, side: Side) -> Result<Vec<RowState>> {
        self.engine.row_states(side)
    }
    fn set_row_states(&mut self, side: Side, rows: &[RowState]) -> Result<()> {
        self.engine.set_row_states(side, rows)
    }
    fn moment_parts(&mut self, side: Side, vectors: Vectors) -> Result<MomentParts> {
        self.engine.moment_parts(side, vectors)
    }
    fn make_implicit(&mut self, side: Side, numbers: &ImplicitNumbers) -> Result<()> {
        self.engine.make_implicit(side, numbers)
    }
    fn implicit(&mut self, side: Side) -> Result<Matrix> {
        self.engine.implicit(side)
    }
    fn set_implicit(&mut self, side: Side, implicit: &Matrix) -> Result<()> {
        self.engine.set_implicit(side, implicit)
    }
    fn squared_error_parts(&mut self, set: Set, offset: f32) -> Result<Vec<f64>> {
        self.engine.squared_error_parts(set, offset)
    }
    fn predictions(&mut self, set: Set) -> Result<Vec<f32>> {
        self.engine.predictions(set)
    }
    fn size(&self, side: Side) -> usize {
        self.engine.size(side)
    }

    fn read_rows(&mut self, side: Side, rows: Range<usize>) -> Result<SideState> {
        self.engine.read_rows(side, rows)
    }
    fn write_rows(&mut self, side: Side, first: usize, rows: &SideState) -> Result<()> {
        self.engine.write_rows(side, first, rows)
    }
}

/// Keeps the last checkpoint it is given, and never asks for one.
#[derive(Default)]
struct Last(Option<Vec<u8>>);

impl Keeper for Last {
    fn due(&mut self, _: Step) -> bool {
        false
    }
    fn keep(&mut self, checkpoint: &Checkpoint<'_>) -> Result<()> {
        self.0 = Some(rmp_serde::to_vec_named(checkpoint).expect("written"));
        Ok(())
    }
}

/// The numbers of users and items.
const SIZE: (usize, usize) = (61, 37);

fn ratings() -> Ratings {
    let mut ratings = Ratings::default();
    for number in 0..2000_u32 {
        ratings.push(number % 61, number * 7 % 37, (number * number % 5) as f32);
    }
    ratings
}

fn settings(algorithm: Algorithm) -> Settings {
    let (stages, burn_in) = (4, 5);
    Settings { algorithm, factors: Some(4), epochs: Some(20), stages, burn_in, ..Settings::default() }
}

/// The result of a run on a device that is lost at some sweeps: the outcome, the reported failures without
/// and with the fallback, the sweeps, and the last checkpoint.
type Came = (Result<Outcome>, [usize; 2], usize, Option<Vec<u8>>);

fn run(algorithm: Algorithm, lost_at: &[usize], fallback: bool) -> Came {
    let ratings = ratings();
    let sweeps = Rc::new(Cell::new(0));
    let mut open = |problem, state: &State| -> Result<Box<dyn Engine>> {
        let engine = CpuEngine::new(problem, state);
        Ok(Box::new(Faulty { engine, sweeps: Rc::clone(&sweeps), lost_at: lost_at.to_vec() }))
    };
    let mut failed = [0; 2];
    let mut observe = |event: &Event| {
        if let Event::DeviceFailed { fallback, .. } = event {
            failed[usize::from(*fallback)] += 1;
        }
        ControlFlow::Continue(())
    };
    let mut keeper = Last::default();
    let mut second = cpu;
    let second: &mut OpenEngine = &mut second;
    let mut watch = Keeping::new(&mut observe, Some(&mut keeper));
    let outcome = resume(
        training(&ratings, SIZE),
        &settings(algorithm),
        (&mut open, fallback.then_some(second)),
        &mut watch,
        None,
    );
    (outcome, failed, sweeps.get(), keeper.0)
}

/// Compares outcomes without times.
fn same(one: &Outcome, other: &Outcome) {
    assert!(one.draws == other.draws, "the factors differ");
    let rmse = |outcome: &Outcome| {
        let epochs = outcome.search.epochs.iter();
        epochs.map(|epoch| (epoch.epoch, epoch.held_out)).collect::<Vec<_>>()
    };
    assert_eq!(rmse(one), rmse(other));
}

const ALGORITHMS: [Algorithm; 4] = Algorithm::ALL;

#[test]
fn a_device_that_is_lost_once_is_opened_again() {
    for algorithm in ALGORITHMS {
        let (whole, failed, sweeps, _) = run(algorithm, &[], false);
        let whole = whole.unwrap();
        assert_eq!(failed, [0, 0]);
        for part in 0..12 {
            let lost = 1 + part * (sweeps - 1) / 11;
            let (again, failed, more, _) = run(algorithm, &[lost], false);
            assert_eq!(failed, [1, 0], "{algorithm:?} at {lost}");
            assert!(more >= sweeps, "{algorithm:?} at {lost}: {more} {sweeps}");
            same(&whole, &again.unwrap());
        }
    }
}

#[test]
fn a_device_that_is_lost_twice_leaves_a_checkpoint_or_the_fallback_takes_over() {
    for algorithm in ALGORITHMS {
        let (whole, _, sweeps, _) = run(algorithm, &[], true);
        let whole = whole.unwrap();
        for part in 4..10 {
            let lost = [sweeps * part / 10, sweeps * part / 10 + 1];
            let (fallen_back, failed, ..) = run(algorithm, &lost, true);
            assert_eq!(failed, [1, 1], "{algorithm:?} at {lost:?}");
            same(&whole, &fallen_back.unwrap());

            let (ended, _, _, checkpoint) = run(algorithm, &lost, false);
            assert_eq!(ended.unwrap_err().exit_code(), 5);
            let checkpoint: Checkpoint<'static> =
                rmp_serde::from_slice(&checkpoint.expect("a checkpoint")).expect("read");
            let ratings = ratings();
            let mut unwatched = unwatched;
            let mut watch = Keeping::new(&mut unwatched, None);
            let training = training(&ratings, SIZE);
            let settings = settings(algorithm);
            same(
                &whole,
                &resume(training, &settings, (&mut cpu, None), &mut watch, Some(checkpoint)).unwrap(),
            );
        }
    }
}

#[test]
fn other_faults_are_not_covered_up() {
    let ratings = ratings();
    let mut opened = 0;
    let mut open = |_: Arc<Problem>, _: &State| -> Result<Box<dyn Engine>> {
        opened += 1;
        Err(Error::Bug("wrong".into()))
    };
    let settings = settings(Algorithm::Sgd);
    let error = train(training(&ratings, SIZE), &settings, &mut open, &mut unwatched).unwrap_err();
    assert_eq!((error.exit_code(), opened), (1, 1));
}
