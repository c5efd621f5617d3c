//! How gradient steps lay out rows in memory and over invocations, and the constants that describe this to
//! the kernels.

use crate::gpu::{AdapterKind, Constant, Gpu};

/// Ratings of a row in one batch: all their errors are measured against the same row vector.
pub const BATCH: usize = 8;
/// Batches of a long row in one step.
pub const LONG_STEP: usize = 4;
/// Batches of one of the longest rows in one step.
pub const LONGEST_STEP: usize = 16;

/// How the rows of a sweep are spread over invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One row per invocation, in loops.
    Single,
    /// One row per invocation, unrolled, read from textures.
    Texture,
    /// One row per several invocations of a subgroup.
    Subgroup,
}

/// The largest number of factors read from textures: that kernel is unrolled quad by quad, and drivers
/// compile long kernels slowly.
const MOST_TEXTURED: usize = 256;
/// The number of textures that the kernel reads.
const TEXTURES: u32 = 5;
/// The most numbers of a row that a lane holds, if there are enough lanes.
const MOST_HELD: usize = 16;
/// The best count of numbers of a row per lane: enough work for the cost of a sum over lanes, and few enough
/// that long rows advance fast.
const BEST_HELD: usize = 8;
/// Invocations of a workgroup where a row is spread over lanes. All of them share the batches of one of the
/// longest rows. Twice as many lose more to waiting than they save; with half as many, such a row is still
/// running when all others are done.
const WORKGROUP: usize = 128;
/// Invocations that share the batches of another long row: one subgroup, on most devices.
const TEAM: usize = 32;
/// The fewest lanes of a row: one for each rating of a batch, since each lane holds the error of one.
const FEWEST_LANES: usize = BATCH;

/// The number of words in a batch.
pub fn batch_words(packed: bool) -> usize {
    if packed { BATCH } else { 2 * BATCH }
}

/// How a row of factors lies in memory and over invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The number of factors.
    pub factors: usize,
    /// The kernel's form.
    pub form: Form,
    /// The number of invocations per row.
    pub lanes: usize,
    /// The number of units that one invocation holds.
    pub held: usize,
    /// The number of quads per unit.
    pub width: usize,
    /// Whether a rating is packed into one word.
    pub packed: bool,
    /// The number of invocations in a workgroup.
    pub workgroup: usize,
}

impl Shape {
    /// The shape of rows of `factors` numbers, one per invocation.
    pub fn single(factors: usize) -> Self {
        let held = factors.div_ceil(4);
        Self { factors, form: Form::Single, lanes: 1, held, width: 1, packed: false, workgroup: 64 }
    }

    /// The shape of rows of `factors` numbers that are read from textures.
    pub fn textured(factors: usize) -> Self {
        Self { form: Form::Texture, workgroup: 8, ..Self::single(factors) }
    }

    /// The shape of rows of `factors` numbers spread over `lanes`, in units of `width` quads, one or two.
    pub fn over_lanes(factors: usize, lanes: usize, width: usize) -> Self {
        let held = factors.div_ceil(4 * width * lanes);
        Self { form: Form::Subgroup, lanes, held, width, workgroup: WORKGROUP, ..Self::single(factors) }
    }

    /// The shape that suits a device for sides of `rows` rows. Software Vulkan runs one invocation per vector
    /// lane and reads textures best; a GPU with subgroups spreads a row over as many lanes as leave little
    /// padding.
    pub fn suited(gpu: &Gpu, factors: usize, rows: usize) -> Self {
        let description = gpu.description();
        if description.kind == AdapterKind::Software {
            let textured = Self::textured(factors);
            let fits = factors <= MOST_TEXTURED
                && gpu.limits().max_storage_textures_per_shader_stage >= TEXTURES
                && gpu.has_row_texture(rows, textured.held);
            return if fits { textured } else { Self::single(factors) };
        }
        let most = description.subgroup_min_size.min(32) as usize;
        if !gpu.subgroups() || most < FEWEST_LANES {
            return Self::single(factors);
        }
        let shapes = [(32, 2), (16, 2), (8, 2), (32, 1), (16, 1), (8, 1)];
        let shapes = shapes.map(|(lanes, width)| Self::over_lanes(factors, lanes, width));
        let numbers = |shape: &Self| 4 * shape.width * shape.held;
        let fit = |shape: &&Self| shape.lanes <= most && (numbers(shape) <= MOST_HELD || shape.lanes == most);
        // The least padding first, then a number per lane near the best, then octets before quads.
        let order = |shape: &&Self| (shape.stride(), numbers(shape).abs_diff(BEST_HELD));
        let best = *shapes.iter().filter(fit).min_by_key(order).unwrap_or(&shapes[5]);
        let memory = gpu.limits().max_compute_workgroup_storage_size as usize;
        if best.workgroup_memory() <= memory { best } else { Self::single(factors) }
    }

    /// The distance between the starts of two rows: `factors` padded with zeros to whole quads of all
    /// invocations.
    pub fn stride(&self) -> usize {
        4 * self.width * self.held * self.lanes
    }

    /// The number of workgroups for `rows` rows. The first `long` are long, and the first `longest` of these
    /// are the longest.
    pub fn workgroups(&self, rows: usize, long: usize, longest: usize) -> u32 {
        let workgroups = |rows: usize, members| rows.div_ceil(self.groups() / members);
        let count = match self.form {
            Form::Single => workgroups(rows, 1),
            // Workgroups take groups of rows in bit-reversed order.
            Form::Texture => workgroups(rows, 1).next_power_of_two(),
            Form::Subgroup => {
                workgroups(longest, self.longest_team())
                    + workgroups(long - longest, self.long_team())
                    + workgroups(rows - long, 1)
            }
        };
        count as u32
    }

    /// The number of lane groups in a workgroup.
    fn groups(&self) -> usize {
        self.workgroup / self.lanes
    }

    /// The number of lane groups that share the batches of one of the longest rows.
    fn longest_team(&self) -> usize {
        LONGEST_STEP.min(self.groups())
    }

    /// The number of lane groups that share the batches of another long row.
    fn long_team(&self) -> usize {
        (TEAM / self.lanes).clamp(1, LONG_STEP)
    }

    /// The bytes of workgroup memory that the kernel needs.
    fn workgroup_memory(&self) -> usize {
        if self.form == Form::Subgroup {
            // Each invocation has its numbers of a gradient, and there are their sums over two invocations at
            // least.
            let numbers = 4 * self.held * self.width + 1;
            4 * numbers * (self.workgroup + self.workgroup / 2)
        } else {
            0
        }
    }

    /// The kernels' constants for this shape.
    pub fn constants(&self) -> Vec<(&'static str, Constant)> {
        let number = |number: usize| Constant::U32(number as u32);
        vec![
            ("FACTORS", number(self.factors)),
            ("BATCH", number(BATCH)),
            ("LANES", number(self.lanes)),
            ("LONG_TEAM", number(self.long_team())),
            ("LONGEST_TEAM", number(self.longest_team())),
            ("HELD", number(self.held)),
            ("WIDTH", number(self.width)),
            ("PACKED", Constant::Bool(self.packed)),
            ("WORKGROUP", number(self.workgroup)),
        ]
    }

    /// The constants of [`HALVES`](super::row_sgd::HALVES).
    pub fn halves_constants(&self) -> Vec<(&'static str, Constant)> {
        let number = |number: usize| Constant::U32(number as u32);
        vec![("QUADS", number(self.stride() / 4)), ("WORKGROUP", number(self.workgroup))]
    }
}
