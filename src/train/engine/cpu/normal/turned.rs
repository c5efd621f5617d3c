//! The fixed side in the coordinates of a sweep, and the way back for the rows that were solved in them.

use super::scratch::Scratches;
use crate::math::Lines;
use crate::train::engine::cpu::padded::Padded;
use crate::train::row::RowState;
use crate::train::row::normal::{Axes, FixedSide, ShortSide};
use rayon::prelude::*;

/// The number of rows that are turned back at a time.
const BLOCK: usize = 128;

/// Copies of a fixed side. The memory is used again for each sweep.
#[derive(Default)]
pub(in crate::train::engine::cpu) struct Turned {
    rows: Lines,
    ends: Vec<f32>,
    implicit: Lines,
    implicit_ends: Vec<f32>,
}

impl Turned {
    /// A fixed side in the coordinates of a sweep. Its rows have `one` in the place of the bias.
    pub(super) fn side<'a>(
        &'a mut self,
        fixed: FixedSide<'a>,
        stride: usize,
        axes: &Axes,
        one: f32,
    ) -> ShortSide<'a> {
        if !axes.is_turned() {
            return ShortSide { fixed, ends: &[], implicit_ends: &[] };
        }
        let turn = |from: &[f32], one: f32, (to, ends): (&mut Lines, &mut Vec<f32>)| {
            if to.len() < from.len() {
                *to = Lines::zeros(from.len());
            }
            ends.resize(from.len() / stride, 0.0);
            axes.turn(from, stride, one, (&mut to[..from.len()], ends));
        };
        turn(fixed.rows, one, (&mut self.rows, &mut self.ends));
        turn(fixed.implicit, 0.0, (&mut self.implicit, &mut self.implicit_ends));
        let (rows, ends) = (&self.rows[..fixed.rows.len()], &self.ends[..]);
        let implicit = &self.implicit[..fixed.implicit.len()];
        ShortSide { fixed: FixedSide { rows, implicit, ..fixed }, ends, implicit_ends: &self.implicit_ends }
    }
}

/// The memory for a block of rows, turned and not.
struct Block {
    from: Lines,
    to: Lines,
    ends: Vec<f32>,
    biases: Vec<f32>,
    places: Vec<usize>,
}

/// Turns the rows back that were solved in the coordinates of a sweep.
pub(super) fn turn_back(own: &mut Padded, axes: &Axes, is_turned: impl Fn(usize) -> bool + Sync) {
    if !axes.is_turned() {
        return;
    }
    let stride = own.stride;
    let scratches = Scratches::new();
    let new = || Block {
        from: Lines::zeros(BLOCK * stride),
        to: Lines::zeros(BLOCK * stride),
        ends: Vec::with_capacity(BLOCK),
        biases: vec![0.0; BLOCK],
        places: Vec::with_capacity(BLOCK),
    };
    let work = |number: usize, rows: &mut [f32], states: &mut [RowState], block: &mut Block| {
        block.places.clear();
        block.places.extend((0..states.len()).filter(|&n| is_turned(number * BLOCK + n)));
        block.ends.clear();
        for (&place, from) in block.places.iter().zip(block.from.chunks_exact_mut(stride)) {
            from.copy_from_slice(&rows[place * stride..][..stride]);
            block.ends.push(states[place].bias);
        }
        let count = block.places.len();
        if count == 0 {
            return;
        }
        let turned = (&block.from[..count * stride], &block.ends[..]);
        axes.turn_back(turned, stride, (&mut block.to[..count * stride], &mut block.biases[..count]));
        for ((&place, to), &bias) in block.places.iter().zip(block.to.chunks_exact(stride)).zip(&block.biases)
        {
            rows[place * stride..][..stride].copy_from_slice(to);
            states[place].bias = bias;
        }
    };
    let blocks = own.factors.par_chunks_mut(BLOCK * stride).zip(own.rows.par_chunks_mut(BLOCK));
    blocks.enumerate().for_each(|(number, (rows, states))| {
        scratches.with(new, |block| work(number, rows, states, block));
    });
}
