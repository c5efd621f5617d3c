//! One rank of several: an engine that updates the rows of its rank, after which all ranks gather the rows of all.
//! Every rank then holds the same state, so the result is that of one engine, bit for bit.

use super::{Engine, MomentParts, Saved, Vectors};
use crate::Result;
use crate::comm::{Comm, gather, gather_numbers};
use crate::math::Matrix;
use crate::ratings::{At, Side};
use crate::train::problem::{Problem, Set};
use crate::train::row::RowState;
use crate::train::row::Update;
use crate::train::row::normal::ImplicitNumbers;
use crate::train::state::SideState;
use std::ops::Range;
use std::sync::Arc;

/// An engine over the rows of one rank, and its connection to the others.
pub struct Ranked {
    engine: Box<dyn Engine>,
    comm: Arc<dyn Comm>,
    problem: Arc<Problem>,
}

impl Ranked {
    /// Wraps an engine of a rank's problem.
    pub fn new(engine: Box<dyn Engine>, comm: Arc<dyn Comm>, problem: Arc<Problem>) -> Self {
        Self { engine, comm, problem }
    }

    /// Gathers numbers of rows: `own` has `width` of them for each own row of a list. Returns those of the other
    /// rows, in the order of the list.
    fn gather_others<T: bytemuck::Pod>(&self, rows: &[u32], own: &[T], width: usize) -> Result<Vec<T>> {
        let share = self.comm.share();
        let mut counts = vec![0; share.size];
        rows.iter().for_each(|&row| counts[share.owner(row)] += 1);
        let bytes: Vec<usize> = counts.iter().map(|count| count * width * size_of::<T>()).collect();
        let gathered = gather(&*self.comm, bytemuck::cast_slice(own), &bytes)?;
        let gathered: Vec<T> = bytemuck::pod_collect_to_vec(&gathered);
        // They lie rank by rank.
        let mut next: Vec<usize> = counts
            .iter()
            .scan(0, |end, count| {
                *end += count;
                Some(*end - count)
            })
            .collect();
        let mut others = Vec::with_capacity(gathered.len() - own.len());
        for owner in rows.iter().map(|&row| share.owner(row)).filter(|&owner| owner != share.rank) {
            others.extend_from_slice(&gathered[next[owner] * width..][..width]);
            next[owner] += 1;
        }
        Ok(others)
    }

    /// The own rows of a list, and the others.
    fn parted(&self, rows: &[u32]) -> (Vec<u32>, Vec<u32>) {
        let share = self.comm.share();
        rows.iter().copied().partition(|&row| share.owns(row))
    }
}

impl Engine for Ranked {
    fn device(&self) -> String {
        format!("{} ranks, {}", self.comm.share().size, self.engine.device())
    }

    /// A rank that fails ends all ranks.
    fn can_fail(&self) -> bool {
        false
    }

    fn stages(&self) -> usize {
        self.engine.stages()
    }

    fn sweep(&mut self, at: At, update: &Update) -> Result<()> {
        self.engine.sweep(at, update)?;
        let problem = Arc::clone(&self.problem);
        let rows = problem.staged.rated(at);
        let (own, others) = self.parted(rows);
        let SideState { factors, rows: states } = self.engine.take_rows(at.side, &own)?;
        let columns = factors.columns();
        let factors = self.gather_others(rows, factors.as_slice(), columns)?;
        let states = self.gather_others(rows, &states, 1)?;
        let factors = Matrix::from_vec(others.len(), columns, factors);
        self.engine.put_rows(at.side, &others, &SideState { factors, rows: states })
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

    fn row_states(&mut self, side: Side) -> Result<Vec<RowState>> {
        self.engine.row_states(side)
    }

    fn set_row_states(&mut self, side: Side, states: &[RowState]) -> Result<()> {
        self.engine.set_row_states(side, states)
    }

    fn loss_parts(&mut self) -> Result<Vec<f64>> {
        self.engine.loss_parts()
    }

    fn moment_parts(&mut self, side: Side, vectors: Vectors) -> Result<MomentParts> {
        let own = self.engine.moment_parts(side, vectors)?;
        let all = gather_numbers(&*self.comm, own.as_slice())?;
        Ok(MomentParts::from_numbers(own.factors(), all))
    }

    fn make_implicit(&mut self, side: Side, numbers: &ImplicitNumbers) -> Result<()> {
        self.engine.make_implicit(side, numbers)?;
        let mut implicit = self.engine.implicit(side)?;
        let problem = Arc::clone(&self.problem);
        let (rows, columns) = (problem.staged.rated(At { stage: 0, side }), implicit.columns());
        let (own, others) = self.parted(rows);
        let own: Vec<f32> = own.into_iter().flat_map(|row| implicit.row(row as usize)).copied().collect();
        let gathered = self.gather_others(rows, &own, columns)?;
        for (&row, new) in others.iter().zip(gathered.chunks_exact(columns)) {
            implicit.row_mut(row as usize).copy_from_slice(new);
        }
        self.engine.set_implicit(side, &implicit)
    }

    fn implicit(&mut self, side: Side) -> Result<Matrix> {
        self.engine.implicit(side)
    }

    fn set_implicit(&mut self, side: Side, implicit: &Matrix) -> Result<()> {
        self.engine.set_implicit(side, implicit)
    }

    fn squared_error_parts(&mut self, set: Set, offset: f32) -> Result<Vec<f64>> {
        let own = self.engine.squared_error_parts(set, offset)?;
        gather_numbers(&*self.comm, &own)
    }

    fn predictions(&mut self, set: Set) -> Result<Vec<f32>> {
        let own = self.engine.predictions(set)?;
        gather_numbers(&*self.comm, &own)
    }

    fn gather_numbers(&mut self, own: Vec<f64>) -> Result<Vec<f64>> {
        gather_numbers(&*self.comm, &own)
    }

    fn save(&mut self) -> Result<Saved> {
        self.engine.save()
    }

    fn go_back(&mut self, saved: &Saved) -> Result<()> {
        self.engine.go_back(saved)
    }
}
