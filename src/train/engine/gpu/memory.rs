//! An estimate of the device memory that training takes, before anything is allocated.

use super::rating_pieces::batch_bytes;
use crate::gpu::Gpu;
use crate::gpu::kernels::row_sgd::{BATCH, Entry, Form, Shape, State};

/// The approximate memory that training takes on a device, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeviceMemory {
    /// Factors, the states of rows, and copies of both.
    pub factors: u64,
    /// Ratings, by user and by item.
    pub ratings: u64,
}

/// The size of a training problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// The number of users.
    pub users: usize,
    /// The number of items.
    pub items: usize,
    /// The number of ratings.
    pub ratings: usize,
    /// Whether a rating takes one word.
    pub packed: bool,
    /// The number of factors of a user or an item.
    pub factors: usize,
    /// The number of stages of an epoch of gradient steps; `None` for updates by normal equations.
    pub stages: Option<usize>,
}

impl DeviceMemory {
    /// The estimate for a problem of these sizes on `gpu`.
    pub fn of(gpu: &Gpu, sizes: &Sizes) -> Self {
        let Sizes { users, items, ratings, packed, factors, stages } = *sizes;
        let shape = Shape { packed, ..Shape::suited(gpu, factors, users.max(items)) };
        let (row, rows) = (4 * shape.stride() + size_of::<State>(), users + items);
        let Some(stages) = stages else {
            // A rating takes an index and a value on each side. A row has implicit features, an entry, and
            // a copy in the coordinates of a sweep.
            let own = rows * (row + 2 * 4 * shape.stride());
            return Self { factors: own as u64, ratings: (16 * ratings + 24 * rows) as u64 };
        };
        let copies = match shape.form {
            Form::Single => 0,
            Form::Texture => (items + users.div_ceil(stages)) * row,
            Form::Subgroup => rows * (2 * shape.stride() + 4),
        };
        // Each row of each sweep ends with a batch that is half full on average.
        let swept = users + items * stages.min(ratings / items.max(1));
        let batches = 2 * ratings / BATCH + swept / 2;
        Self {
            factors: (rows * row + copies) as u64,
            ratings: (batches * batch_bytes(&shape) + swept * size_of::<Entry>()) as u64,
        }
    }
}
