//! What training takes of a device's memory, before anything is there.

use super::rating_pieces::batch_bytes;
use crate::gpu::Gpu;
use crate::gpu::kernels::row_sgd::{BATCH, Entry, Form, Shape, State};

/// About what training takes on a device; bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeviceMemory {
    /// Factors, what belongs to rows, and copies of both.
    pub factors: u64,
    /// Ratings, by user and by item.
    pub ratings: u64,
}

/// How large what is trained is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Users.
    pub users: usize,
    /// Items.
    pub items: usize,
    /// Ratings.
    pub ratings: usize,
    /// Whether a rating takes a word.
    pub packed: bool,
    /// Numbers that describe a user, and an item.
    pub factors: usize,
    /// Stages of an epoch by gradient steps; none for updates by normal equations.
    pub stages: Option<usize>,
}

impl DeviceMemory {
    /// For what is so large, on a device.
    pub fn of(gpu: &Gpu, sizes: &Sizes) -> Self {
        let Sizes { users, items, ratings, packed, factors, stages } = *sizes;
        let shape = Shape { packed, ..Shape::suited(gpu, factors, users.max(items)) };
        let (row, rows) = (4 * shape.stride() + size_of::<State>(), users + items);
        let Some(stages) = stages else {
            // An index and a value on each side; a row's views, and what is known of it.
            let own = rows * (row + 4 * shape.stride());
            return Self { factors: own as u64, ratings: (16 * ratings + 24 * rows) as u64 };
        };
        let copies = match shape.form {
            Form::Single => 0,
            Form::Texture => (items + users.div_ceil(stages)) * row,
            Form::Subgroup => rows * (2 * shape.stride() + 4),
        };
        // Each row of each sweep ends with a batch that is half full.
        let swept = users + items * stages.min(ratings / items.max(1));
        let batches = 2 * ratings / BATCH + swept / 2;
        Self {
            factors: (rows * row + copies) as u64,
            ratings: (batches * batch_bytes(&shape) + swept * size_of::<Entry>()) as u64,
        }
    }
}
