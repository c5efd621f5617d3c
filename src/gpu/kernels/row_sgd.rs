//! Host twin of the stochastic-gradient row update, `shaders/row_sgd_data.wgsl` followed by one of the forms,
//! and of `shaders/row_sgd_halves.wgsl`.

use crate::gpu::{Binding, Constant, Kernel, Twin, kernel::twin};
use bytemuck::{Pod, Zeroable};

pub use super::row_shape::{BATCH, Form, LONG_STEP, LONGEST_STEP, Shape, batch_words};

/// The parameters of one side's sweep.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Params {
    /// The step size before it is divided by the root of a row's gradient sum.
    pub learning_rate: f32,
    /// The regularization of a row of average activity.
    pub regularization: f32,
    /// The exponent by which regularization falls with activity: `regularization * (mean_activity /
    /// activity)^power`.
    pub power: f32,
    /// The mean number of ratings of a row on this side.
    pub mean_activity: f32,
    /// Added to every value: how far above zero training sees the mean, in standard units.
    pub offset: f32,
    /// How many factors are trained: the first ones.
    pub trained: u32,
    /// How many of the first entries are long rows, the longest ones included.
    pub long: u32,
    /// How many of the first entries are the longest rows.
    pub longest: u32,
}

/// A row to update.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Entry {
    /// The row's number.
    pub row: u32,
    /// The number of the row's first batch.
    pub batch: u32,
    /// How many ratings the row has in this stage.
    pub ratings: u32,
    /// How many ratings the row has over all stages.
    pub activity: u32,
}

/// The numbers of a row besides its factors.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct State {
    /// The row's bias, in standard units.
    pub bias: f32,
    /// One plus the sum of mean squared gradients of the factors. Normal equations have no such sum and read
    /// the weight of the row's ratings from this field; it is 1 if all rows weigh the same.
    pub factor_sum: f32,
    /// One plus the sum of squared gradients of the bias. Normal equations write the sum of squared errors to
    /// this field, each multiplied by the weight of the other row.
    pub bias_sum: f32,
    /// The sum of squared errors. Gradient steps measure each error just before the row moves; normal
    /// equations measure the errors of the new row.
    pub loss: f32,
}

const TWINS: &[Twin] = &[
    twin!(Params { learning_rate, regularization, power, mean_activity, offset, trained, long, longest }),
    twin!(Entry { row, batch, ratings, activity }),
    twin!(State { bias, factor_sum, bias_sum, loss }),
];

/// [`Form::Single`].
pub static SINGLE: Kernel = Kernel {
    name: "row_sgd_single",
    source: concat!(
        include_str!("../../../shaders/objective.wgsl"),
        include_str!("../../../shaders/row_sgd_data.wgsl"),
        include_str!("../../../shaders/row_sgd_ratings.wgsl"),
        include_str!("../../../shaders/row_sgd_single.wgsl")
    ),
    bindings: &[
        Binding::Uniform("params"),
        Binding::Read("entries"),
        Binding::Read("batches"),
        Binding::Read("still"),
        Binding::Read("fixed_states"),
        Binding::ReadWrite("own"),
        Binding::ReadWrite("own_states"),
    ],
    twins: TWINS,
    permutations: || both_packings([1, 2, 3, 4, 7, 8, 31, 32, 64, 100, 128, 129].map(Shape::single)),
};

/// [`Form::Subgroup`] with units of one quad.
pub static QUADS: Kernel = Kernel {
    name: "row_sgd_quads",
    source: concat!(
        include_str!("../../../shaders/objective.wgsl"),
        include_str!("../../../shaders/row_sgd_data.wgsl"),
        include_str!("../../../shaders/row_sgd_ratings.wgsl"),
        include_str!("../../../shaders/row_sgd_quads.wgsl"),
        include_str!("../../../shaders/row_sgd_subgroup.wgsl")
    ),
    bindings: OVER_LANES,
    twins: TWINS,
    permutations: || over_lanes(1),
};

/// [`Form::Subgroup`] with units of two quads.
pub static OCTETS: Kernel = Kernel {
    name: "row_sgd_octets",
    source: concat!(
        include_str!("../../../shaders/objective.wgsl"),
        include_str!("../../../shaders/row_sgd_data.wgsl"),
        include_str!("../../../shaders/row_sgd_ratings.wgsl"),
        include_str!("../../../shaders/row_sgd_octets.wgsl"),
        include_str!("../../../shaders/row_sgd_subgroup.wgsl")
    ),
    bindings: OVER_LANES,
    twins: TWINS,
    permutations: || over_lanes(2),
};

const OVER_LANES: &[Binding] = &[
    Binding::Uniform("params"),
    Binding::Read("entries"),
    Binding::Read("batches"),
    Binding::Read("fixed_halves"),
    Binding::Read("fixed_biases"),
    Binding::ReadWrite("own"),
    Binding::ReadWrite("own_states"),
    Binding::ReadWrite("own_halves"),
    Binding::ReadWrite("own_biases"),
];

fn over_lanes(width: usize) -> Vec<Vec<(&'static str, Constant)>> {
    let shapes = [8, 16, 32].into_iter().flat_map(|lanes| [1, 32, 100, 128, 129].map(|k| (k, lanes)));
    both_packings(shapes.map(|(k, lanes)| Shape::over_lanes(k, lanes, width)))
}

fn both_packings(shapes: impl IntoIterator<Item = Shape>) -> Vec<Vec<(&'static str, Constant)>> {
    let both = |shape: Shape| [false, true].map(|packed| Shape { packed, ..shape }.constants());
    shapes.into_iter().flat_map(both).collect()
}

/// [`Form::Texture`].
pub static TEXTURE: Kernel = Kernel {
    name: "row_sgd_texture",
    source: concat!(
        include_str!("../../../shaders/objective.wgsl"),
        include_str!("../../../shaders/row_sgd_data.wgsl"),
        include_str!("../../../shaders/row_sgd_texture.wgsl")
    ),
    bindings: &[
        Binding::Uniform("params"),
        Binding::Read("entries"),
        Binding::Words("batches"),
        Binding::Texture("still"),
        Binding::Texture("fixed_states"),
        Binding::ReadWrite("own"),
        Binding::ReadWrite("own_states"),
        Binding::Texture("own_before"),
        Binding::Texture("own_states_before"),
    ],
    twins: TWINS,
    permutations: || both_packings([1, 4, 5, 32, 64, 100, 128, 129, 256].map(Shape::textured)),
};

/// Rows as f16, for [`Form::Subgroup`].
pub static HALVES: Kernel = Kernel {
    name: "row_sgd_halves",
    source: include_str!("../../../shaders/row_sgd_halves.wgsl"),
    bindings: &[
        Binding::Read("rows"),
        Binding::Read("states"),
        Binding::ReadWrite("halves"),
        Binding::ReadWrite("biases"),
    ],
    twins: &[twin!(State { bias, factor_sum, bias_sum, loss })],
    permutations: || [1, 64, 100].map(|k| Shape::over_lanes(k, 8, 1).halves_constants()).to_vec(),
};
