//! The CPU engine: row updates on all cores, vectorised for the processor that runs them.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

mod normal;
mod padded;
mod predict;
mod sgd;

use super::{Engine, MomentParts, Vectors};
use crate::math::Matrix;
use crate::ratings::{At, Side, Sides};
use crate::train::problem::{Problem, Set};
use crate::train::row::RowState;
use crate::train::row::Update;
use crate::train::row::normal::ImplicitNumbers;
use crate::train::state::{SideState, State};
use crate::{Error, Result};
use padded::Padded;
use pulp::Arch;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// The number of ratings in a bundle of rows, the unit of work of a thread: small compared to a stage, large
/// compared to the cost of starting a bundle.
const BUNDLE: usize = 4096;

/// Bytes of rows that stay in the caches of a core. With more, prefetching pays.
const NEAR: usize = 4 << 20;

/// Trains on the CPU.
pub struct CpuEngine {
    problem: Arc<Problem>,
    arch: Arch,
    factors: usize,
    sides: Sides<Padded>,
    shares: Sides<sgd::Shares>,
    turned: normal::Turned,
}

impl CpuEngine {
    /// An engine for `problem` that starts from `state`.
    pub fn new(problem: Arc<Problem>, state: &State) -> Self {
        Self {
            problem,
            arch: Arch::new(),
            factors: state.users.factors.columns(),
            sides: state.as_ref().map(Padded::new),
            shares: Sides::default(),
            turned: normal::Turned::default(),
        }
    }

    fn predictor(&self, set: Set) -> predict::Predictor<'_> {
        let (ratings, places) = (self.problem.set(set), self.problem.measured(set));
        predict::Predictor { sides: &self.sides, ratings, places }
    }

    fn one_stage(&self) -> Result<()> {
        if self.problem.staged.stages() == 1 {
            Ok(())
        } else {
            Err(Error::Bug("an update that needs all ratings of a row at once, in several stages".into()))
        }
    }
}

impl Engine for CpuEngine {
    fn device(&self) -> String {
        format!("cpu, {} threads", rayon::current_num_threads())
    }

    fn can_fail(&self) -> bool {
        false
    }

    fn stages(&self) -> usize {
        self.problem.staged.stages()
    }

    fn sweep(&mut self, at: At, update: &Update) -> Result<()> {
        if matches!(update, Update::Normal(_)) {
            self.one_stage()?;
        }
        let staged = &self.problem.staged;
        let activity = &staged.activity[at.side];
        let (own, fixed) = self.sides.moving(at.side);
        let (arch, factors) = (self.arch, self.factors);
        match update {
            Update::Sgd(numbers) => {
                let others = staged.rated(At { side: at.side.other(), ..at });
                let used = others.len() * fixed.stride * size_of::<f32>();
                let far = used > NEAR;
                let shares = self.shares[at.side].of(numbers, activity);
                staged.each_piece(at, |_, rows| {
                    // One bundle at a time, so that no thread is left with several at the end.
                    own.bundles(rows, BUNDLE).into_par_iter().with_max_len(1).for_each(|bundle| {
                        arch.dispatch(sgd::Walk { bundle, rows, fixed, shares, factors, numbers, far });
                    });
                    Ok(())
                })
            }
            Update::Normal(numbers) => {
                normal::sweep(arch, (own, fixed), (staged, at), numbers, &mut self.turned)
            }
        }
    }

    fn size(&self, side: Side) -> usize {
        self.sides[side].rows.len()
    }

    fn read_rows(&mut self, side: Side, rows: Range<usize>) -> Result<SideState> {
        Ok(self.sides[side].unpadded(self.factors, rows))
    }

    fn write_rows(&mut self, side: Side, first: usize, rows: &SideState) -> Result<()> {
        self.sides[side].write(first, rows);
        Ok(())
    }

    fn take_rows(&mut self, side: Side, rows: &[u32]) -> Result<SideState> {
        Ok(self.sides[side].picked(self.factors, rows))
    }

    fn put_rows(&mut self, side: Side, rows: &[u32], new: &SideState) -> Result<()> {
        self.sides[side].put(rows, new);
        Ok(())
    }

    fn row_states(&mut self, side: Side) -> Result<Vec<RowState>> {
        Ok(self.sides[side].rows.clone())
    }

    fn set_row_states(&mut self, side: Side, states: &[RowState]) -> Result<()> {
        self.sides[side].rows.copy_from_slice(states);
        Ok(())
    }

    fn moment_parts(&mut self, side: Side, vectors: Vectors) -> Result<MomentParts> {
        let (list, share) = (self.problem.staged.known(side), self.problem.share);
        Ok(normal::moment_parts(self.arch, &self.sides[side], vectors, (&list, share), self.factors))
    }

    fn make_implicit(&mut self, side: Side, numbers: &ImplicitNumbers) -> Result<()> {
        self.one_stage()?;
        let (own, fixed) = self.sides.moving(side);
        self.problem.staged.each_piece(At { stage: 0, side }, |_, rows| {
            normal::make_implicit(self.arch, (own, fixed), rows, self.factors, numbers);
            Ok(())
        })
    }

    fn implicit(&mut self, side: Side) -> Result<Matrix> {
        let own = &self.sides[side];
        Ok(Matrix::from_padded(&own.implicit, self.factors, own.stride))
    }

    fn set_implicit(&mut self, side: Side, implicit: &Matrix) -> Result<()> {
        let own = &mut self.sides[side];
        own.implicit = padded::pad(implicit, own.stride);
        Ok(())
    }

    fn squared_error_parts(&mut self, set: Set, offset: f32) -> Result<Vec<f64>> {
        let (low, high) = self.problem.range;
        Ok(self.predictor(set).squared_error_parts(self.arch, offset, (low + offset, high + offset)))
    }

    fn predictions(&mut self, set: Set) -> Result<Vec<f32>> {
        Ok(self.predictor(set).predictions(self.arch))
    }
}
