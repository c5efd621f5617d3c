//! Some rows of a side to the host, and back: they are packed on the device, so that no others cross over.

use super::side::Factors;
use crate::Result;
use crate::gpu::kernels::row_copy::{Params, workgroups};
use crate::gpu::kernels::row_sgd::State;
use crate::gpu::operations::row_copy_pipeline;
use crate::gpu::{Gpu, Pipeline, ROW_STEP, Resource, pad_rows, unpad_rows};
use crate::train::state::SideState;
use std::ops::Range;

/// The kernels that pack rows, and that put them back.
pub(super) struct Packing {
    pack: Pipeline,
    put: Pipeline,
}

impl Packing {
    /// For rows that lie `stride` numbers apart.
    pub(super) fn new(gpu: &Gpu, stride: usize) -> Result<Self> {
        Ok(Self { pack: row_copy_pipeline(gpu, stride, false)?, put: row_copy_pipeline(gpu, stride, true)? })
    }

    /// Factors and states of `rows` of a side, which ascend.
    pub(super) fn take(&self, gpu: &Gpu, side: &Factors, rows: &[u32]) -> Result<SideState> {
        let (covered, places) = places(rows);
        let numbers = gpu.output("packed rows", rows.len() * side.stride)?;
        let states = gpu.output::<State>("packed states", rows.len())?;
        let packed = [numbers.all().into(), states.all().into()];
        copy(gpu, (&self.pack, side.stride), &places, (side.resources(&covered)?, packed))?;
        let factors = unpad_rows(numbers.download()?, side.columns(), side.stride);
        Ok(SideState { factors, rows: bytemuck::cast_slice(&states.download()?).to_vec() })
    }

    /// Replaces factors and states of `rows` of a side, which ascend.
    pub(super) fn put(&self, gpu: &Gpu, side: &Factors, rows: &[u32], new: &SideState) -> Result<()> {
        let (covered, places) = places(rows);
        let numbers = gpu.upload("packed rows", &pad_rows(&new.factors, side.stride))?;
        let states = gpu.upload::<State>("packed states", bytemuck::cast_slice(&new.rows))?;
        let packed = [numbers.all().into(), states.all().into()];
        copy(gpu, (&self.put, side.stride), &places, (packed, side.resources(&covered)?))
    }
}

/// Copies rows and states from a source to a goal, one of which is packed, and waits: what was uploaded for it is
/// freed here.
fn copy<'a>(
    gpu: &Gpu,
    (kernel, stride): (&Pipeline, usize),
    places: &[u32],
    (source, goal): ([Resource<'a>; 2], [Resource<'a>; 2]),
) -> Result<()> {
    let params = gpu.params("packed rows", &[Params { count: places.len() as u32 }])?;
    let rows = gpu.upload("places of rows", places)?;
    let mut resources: Vec<Resource> = vec![params.at(0).into(), rows.all().into()];
    resources.extend(source.into_iter().chain(goal));
    let bound = kernel.bind(&resources)?;
    let mut commands = gpu.commands("packed rows");
    commands.dispatch(&bound, workgroups(stride, places.len()) as u32);
    commands.submit_and_wait()
}

/// The rows from the first to the last, from where any device can bind, and the place of each among them.
fn places(rows: &[u32]) -> (Range<usize>, Vec<u32>) {
    let first = rows.first().map_or(0, |&row| row as usize / ROW_STEP * ROW_STEP);
    let end = rows.last().map_or(0, |&row| row as usize + 1);
    (first..end, rows.iter().map(|&row| row - first as u32).collect())
}
