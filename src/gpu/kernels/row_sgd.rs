//! Host twin of `shaders/row_sgd.wgsl`, which with `row_sgd_single.wgsl` or `row_sgd_subgroup.wgsl` behind it
//! updates rows by stochastic gradient steps.

use crate::gpu::{AdapterKind, Binding, Constant, Gpu, Kernel, Pipeline, Twin, kernel::twin};
use crate::{Error, Result};
use bytemuck::{Pod, Zeroable};

/// The numbers of a sweep; `train::row::sgd::Numbers` says what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
#[expect(missing_docs, reason = "explained where the CPU form has them")]
pub struct Params {
    pub learning_rate: f32,
    pub regularization: f32,
    pub power: f32,
    pub mean_activity: f32,
    pub offset: f32,
    pub trained: u32,
}

/// A row to update.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Entry {
    /// Its number.
    pub row: u32,
    /// Where its ratings start.
    pub start: u32,
    /// Where they end.
    pub end: u32,
    /// How many it has over all stages.
    pub activity: u32,
}

/// A rating, seen from the row that is updated.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Rating {
    /// The row of the still side.
    pub other: u32,
    /// In standard units.
    pub value: f32,
}

/// What belongs to a row beside its factors, as `train::row::sgd::RowState`.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
#[expect(missing_docs, reason = "explained where the CPU form has them")]
pub struct State {
    pub bias: f32,
    pub factor_sum: f32,
    pub bias_sum: f32,
    pub loss: f32,
}

const WORKGROUP: u32 = 64;

/// Rows that are read from textures are written out quad by quad, which takes a driver long where there are many.
const MOST_TEXTURED: usize = 256;

const BINDINGS: &[Binding] = &[
    Binding::Uniform("params"),
    Binding::Read("entries"),
    Binding::Read("ratings"),
    Binding::Read("still"),
    Binding::Read("still_states"),
    Binding::ReadWrite("own"),
    Binding::ReadWrite("own_states"),
];

const TEXTURE_BINDINGS: &[Binding] = &[
    Binding::Uniform("params"),
    Binding::Read("entries"),
    Binding::Read("ratings"),
    Binding::Texture("still"),
    Binding::Texture("still_states"),
    Binding::ReadWrite("own"),
    Binding::ReadWrite("own_states"),
    Binding::Texture("own_before"),
    Binding::Texture("own_states_before"),
];

const TWINS: &[Twin] = &[
    twin!(Params { learning_rate, regularization, power, mean_activity, offset, trained }),
    twin!(Entry { row, start, end, activity }),
    twin!(Rating { other, value }),
    twin!(State { bias, factor_sum, bias_sum, loss }),
];

/// A row to an invocation.
pub static SINGLE: Kernel = Kernel {
    name: "row_sgd_single",
    source: concat!(
        include_str!("../../../shaders/row_sgd_data.wgsl"),
        include_str!("../../../shaders/row_sgd.wgsl"),
        include_str!("../../../shaders/row_sgd_single.wgsl")
    ),
    bindings: BINDINGS,
    twins: TWINS,
    permutations: || {
        [1, 2, 3, 4, 7, 8, 16, 31, 32, 64, 100, 128, 129].map(|k| Shape::new(k, 1).constants()).to_vec()
    },
};

/// A row to several invocations of a subgroup.
pub static SUBGROUP: Kernel = Kernel {
    name: "row_sgd_subgroup",
    source: concat!(
        include_str!("../../../shaders/row_sgd_data.wgsl"),
        include_str!("../../../shaders/row_sgd.wgsl"),
        include_str!("../../../shaders/row_sgd_subgroup.wgsl")
    ),
    bindings: BINDINGS,
    twins: TWINS,
    permutations: || {
        let lanes = [2, 4, 8, 16, 32];
        lanes
            .iter()
            .flat_map(|&lanes| [1, 32, 64, 100, 128, 129].map(|k| Shape::new(k, lanes).constants()))
            .collect()
    },
};

/// A row to an invocation, read from textures.
pub static TEXTURE: Kernel = Kernel {
    name: "row_sgd_texture",
    source: concat!(
        include_str!("../../../shaders/row_sgd_data.wgsl"),
        include_str!("../../../shaders/row_sgd_texture.wgsl")
    ),
    bindings: TEXTURE_BINDINGS,
    twins: TWINS,
    permutations: || [1, 4, 5, 32, 64, 100, 128, 129, 256].map(|k| Shape::textured(k).constants()).to_vec(),
};

/// How a row of factors lies in memory and over lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// How many factors there are.
    pub factors: usize,
    /// Invocations to a row.
    pub lanes: usize,
    /// Whether rows are read from textures.
    pub textured: bool,
    /// Numbers from one row to the next: `factors` padded with zeros to whole quads of all lanes.
    pub stride: usize,
}

impl Shape {
    /// The shape of rows of `factors` over `lanes`.
    pub fn new(factors: usize, lanes: usize) -> Self {
        Self { factors, lanes, textured: false, stride: factors.next_multiple_of(4 * lanes) }
    }

    /// The shape of rows of `factors` that are read from textures.
    pub fn textured(factors: usize) -> Self {
        Self { textured: true, ..Self::new(factors, 1) }
    }

    /// The shape that suits a device. A lane holds one quad up to 8 lanes and two from there on: enough loads in
    /// flight, and several rows to a subgroup. Software Vulkan runs an invocation a vector lane and is 2.5 times
    /// faster with whole rows in each.
    pub fn suited(gpu: &Gpu, factors: usize, rows: usize) -> Self {
        let description = gpu.description();
        if description.kind == AdapterKind::Software {
            let textured = Self::textured(factors);
            let fits = factors <= MOST_TEXTURED && gpu.row_texture_bytes(rows, textured.stride / 4).is_some();
            return if fits { textured } else { Self::new(factors, 1) };
        }
        if !gpu.subgroups() {
            return Self::new(factors, 1);
        }
        let lanes = factors.div_ceil(4).next_power_of_two();
        let lanes = if lanes > 8 { lanes / 2 } else { lanes };
        Self::new(factors, lanes.min(description.subgroup_min_size.max(1) as usize).min(32))
    }

    /// Workgroups for so many rows.
    pub fn workgroups(&self, rows: usize) -> u32 {
        (rows * self.lanes).div_ceil(self.workgroup() as usize) as u32
    }

    fn workgroup(&self) -> u32 {
        if self.textured { 8 } else { WORKGROUP }
    }

    /// The kernel for this shape, ready.
    ///
    /// # Errors
    /// [`Error::Device`] when the driver refuses it.
    pub fn pipeline(&self, gpu: &Gpu) -> Result<Pipeline> {
        if self.lanes > 1 && !gpu.subgroups() {
            return Err(Error::Device(format!("{}: no subgroup operations", gpu.description().name)));
        }
        let kernel = match self {
            Self { textured: true, .. } => &TEXTURE,
            Self { lanes: 1, .. } => &SINGLE,
            _ => &SUBGROUP,
        };
        kernel.pipeline(gpu, &self.constants())
    }

    /// The constants that the kernels want for this shape.
    pub fn constants(&self) -> Vec<(&'static str, Constant)> {
        let number = |number: usize| Constant::U32(number as u32);
        vec![
            ("FACTORS", number(self.factors)),
            ("LANES", number(self.lanes)),
            ("STRIDE", number(self.stride)),
            ("WORKGROUP", Constant::U32(self.workgroup())),
        ]
    }
}
