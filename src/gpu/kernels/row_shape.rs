//! How rows lie in memory and over invocations in gradient steps, and the constants that say so to the
//! kernels.

use crate::gpu::{AdapterKind, Constant, Gpu};

/// Ratings of a row that are taken together: their errors are all measured against the same row vector.
pub const BATCH: usize = 8;
/// Batches of a long row that are taken together.
pub const LONG_STEP: usize = 4;
/// Batches of the longest rows that are taken together.
pub const LONGEST_STEP: usize = 16;

/// How the rows of a sweep lie over invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A row to an invocation, in loops.
    Single,
    /// A row to an invocation, written out, and read from textures.
    Texture,
    /// A row to several invocations of a subgroup.
    Subgroup,
}

/// Rows that are read from textures are written out quad by quad, which takes a driver long where there are
/// many.
const MOST_TEXTURED: usize = 256;
/// Textures that the kernel reads.
const TEXTURES: u32 = 5;
/// Numbers of a row that a lane holds, at most, where there are lanes enough.
const MOST_HELD: usize = 16;
/// Numbers of a row that a lane had best hold: enough to do for the price of a sum over lanes, and few enough
/// for long rows to go on fast.
const BEST_HELD: usize = 8;
/// Invocations of a workgroup where a row is over lanes, all of which have the batches of one of the longest
/// rows. Twice as many wait more for each other than they save, half as many leave such a row to go on when
/// all others are through.
const WORKGROUP: usize = 128;
/// Invocations that have the batches of another long row: a subgroup, on most devices.
const TEAM: usize = 32;
/// Lanes of a row: one for each rating of a batch at least, since each has the error of one.
const FEWEST_LANES: usize = BATCH;

/// Words of a batch.
pub fn batch_words(packed: bool) -> usize {
    if packed { BATCH } else { 2 * BATCH }
}

/// How a row of factors lies in memory and over invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// How many factors there are.
    pub factors: usize,
    /// The kernel.
    pub form: Form,
    /// Invocations to a row.
    pub lanes: usize,
    /// Units that one invocation holds.
    pub held: usize,
    /// Quads to a unit.
    pub width: usize,
    /// Whether a rating is a word.
    pub packed: bool,
    /// Invocations in a workgroup.
    pub workgroup: usize,
}

impl Shape {
    /// The shape of rows of `factors`, one to an invocation.
    pub fn single(factors: usize) -> Self {
        let held = factors.div_ceil(4);
        Self { factors, form: Form::Single, lanes: 1, held, width: 1, packed: false, workgroup: 64 }
    }

    /// The shape of rows of `factors` that are read from textures.
    pub fn textured(factors: usize) -> Self {
        Self { form: Form::Texture, workgroup: 8, ..Self::single(factors) }
    }

    /// The shape of rows of `factors` over `lanes`, in units of `width` quads, one or two.
    pub fn over_lanes(factors: usize, lanes: usize, width: usize) -> Self {
        let held = factors.div_ceil(4 * width * lanes);
        Self { form: Form::Subgroup, lanes, held, width, workgroup: WORKGROUP, ..Self::single(factors) }
    }

    /// The shape that suits a device for sides of `rows` rows. Software Vulkan runs an invocation a vector
    /// lane and reads textures best; a GPU with subgroups spreads a row over lanes so that there is little
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
        // Of those with the least padding; octets before quads.
        let order = |shape: &&Self| (shape.stride(), numbers(shape).abs_diff(BEST_HELD));
        let best = *shapes.iter().filter(fit).min_by_key(order).unwrap_or(&shapes[5]);
        let memory = gpu.limits().max_compute_workgroup_storage_size as usize;
        if best.workgroup_memory() <= memory { best } else { Self::single(factors) }
    }

    /// Numbers from one row to the next: `factors` padded with zeros to whole quads of all invocations.
    pub fn stride(&self) -> usize {
        4 * self.width * self.held * self.lanes
    }

    /// Workgroups for so many rows, of which the first `long` are long, and the first `longest` of these
    /// among the longest.
    pub fn workgroups(&self, rows: usize, long: usize, longest: usize) -> u32 {
        let workgroups = |rows: usize, members| rows.div_ceil(self.groups() / members);
        let count = match self.form {
            Form::Single => workgroups(rows, 1),
            // Workgroups take groups of rows by reversed bits.
            Form::Texture => workgroups(rows, 1).next_power_of_two(),
            Form::Subgroup => {
                workgroups(longest, self.longest_team())
                    + workgroups(long - longest, self.long_team())
                    + workgroups(rows - long, 1)
            }
        };
        count as u32
    }

    /// Groups of lanes in a workgroup.
    fn groups(&self) -> usize {
        self.workgroup / self.lanes
    }

    /// How many such groups have the batches of one of the longest rows.
    fn longest_team(&self) -> usize {
        LONGEST_STEP.min(self.groups())
    }

    /// How many have those of another long row.
    fn long_team(&self) -> usize {
        (TEAM / self.lanes).clamp(1, LONG_STEP)
    }

    /// Bytes of workgroup memory that the kernel needs.
    fn workgroup_memory(&self) -> usize {
        if self.form == Form::Subgroup {
            // Numbers of a gradient that each invocation has, and their sums over two of them at least.
            let numbers = 4 * self.held * self.width + 1;
            4 * numbers * (self.workgroup + self.workgroup / 2)
        } else {
            0
        }
    }

    /// The constants that the kernels want for this shape.
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
