//! The sum of squared errors over a list of ratings that stays on the device. Rows may need more than one
//! binding, so ratings are sorted into tiles of row ranges.

use super::partial_sums::{CHUNK, PartialSums};
use crate::gpu::kernels::row_sgd::State;
use crate::gpu::kernels::squared_error::{KERNEL, Params, Rating};
use crate::gpu::{Bound, Buffer, Constant, Gpu, Params as Uniforms, Pipeline, ROW_STEP, kernels};
use crate::{Error, Result};
use bytemuck::Zeroable;
use std::collections::BTreeMap;

/// Factors on the device: rows padded with zeros, and the state of each row, whose first number is the bias.
#[derive(Debug, Clone, Copy)]
pub struct FactorBuffers<'a> {
    /// The rows of the users.
    pub users: &'a Buffer<f32>,
    /// The rows of the items.
    pub items: &'a Buffer<f32>,
    /// The states of the users.
    pub user_states: &'a Buffer<State>,
    /// The states of the items.
    pub item_states: &'a Buffer<State>,
}

/// A list of ratings on the device, bound to the kernel that sums the squared errors of factors over it.
#[derive(Debug)]
pub struct SquaredError {
    tiles: Vec<Tile>,
    params: Uniforms<Params>,
    sums: PartialSums,
    bound: Vec<Bound>,
    len: usize,
}

/// Ratings whose rows one set of bindings covers.
#[derive(Debug)]
struct Tile {
    /// The tile's first rows, multiples of [`ROW_STEP`].
    first_user: usize,
    first_item: usize,
    ratings: Buffer<Rating>,
}

impl SquaredError {
    /// Uploads ratings and binds them to factors whose rows are `stride` numbers apart, a multiple of 4.
    /// Rating `n` is the value that `users[n]` gave `items[n]`, in the units of the predictions.
    ///
    /// # Errors
    /// [`Error::Bug`] when a row number is out of range, [`Error::TooLarge`] or [`Error::Device`] as for
    /// any buffer.
    pub fn new(
        gpu: &Gpu,
        stride: usize,
        factors: FactorBuffers<'_>,
        (users, items, values): (&[u32], &[u32], &[f32]),
    ) -> Result<Self> {
        let shape = (factors.user_states.len(), factors.item_states.len());
        if factors.users.len() != shape.0 * stride || factors.items.len() != shape.1 * stride {
            return Err(Error::Bug(format!("factors of {shape:?} rows are not {stride} numbers a row")));
        }
        let limit = gpu.limits().max_storage_buffer_binding_size as usize;
        let rows = limit / (stride * size_of::<f32>()) / ROW_STEP * ROW_STEP;
        if rows == 0 {
            return Err(Error::TooLarge(format!(
                "rows of {stride} numbers: {ROW_STEP} of them do not fit {limit} bytes"
            )));
        }
        let mut tiles = Vec::new();
        for ((user, item), ratings) in sort_into_tiles(rows, shape, users, items, values)? {
            for piece in ratings.chunks(limit / size_of::<Rating>() / CHUNK * CHUNK) {
                let ratings = gpu.upload("ratings to evaluate", piece)?;
                tiles.push(Tile { first_user: user, first_item: item, ratings });
            }
        }
        let params = gpu.params("squared error params", &vec![Params::zeroed(); tiles.len()])?;
        let sums = PartialSums::new(gpu, tiles.iter().map(|tile: &Tile| tile.ratings.len()))?;
        let mut this = Self { tiles, params, sums, bound: Vec::new(), len: values.len() };
        let pipeline = kernels::pipeline(gpu, &KERNEL, &[("STRIDE", Constant::U32(stride as u32))])?;
        this.bound = this.bind(&pipeline, rows, stride, factors)?;
        Ok(this)
    }

    fn bind(
        &self,
        pipeline: &Pipeline,
        rows: usize,
        stride: usize,
        factors: FactorBuffers<'_>,
    ) -> Result<Vec<Bound>> {
        let bind = |(n, tile): (usize, &Tile)| {
            let users = tile.first_user..(tile.first_user + rows).min(factors.user_states.len());
            let items = tile.first_item..(tile.first_item + rows).min(factors.item_states.len());
            pipeline.bind(&[
                self.params.at(n),
                factors.users.slice(users.start * stride..users.end * stride)?,
                factors.items.slice(items.start * stride..items.end * stride)?,
                factors.user_states.slice(users)?,
                factors.item_states.slice(items)?,
                tile.ratings.all(),
                self.sums.of(n)?,
            ])
        };
        self.tiles.iter().enumerate().map(bind).collect()
    }

    /// The number of ratings.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no ratings.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sums (rating - prediction)^2 with the current factors, over parts of the list. Predictions are kept
    /// within `clip` (low, high) if it is given. The same factors give the same bits. A sum is not finite if
    /// one of its predictions is not.
    ///
    /// # Errors
    /// [`Error::Device`] when the device fails.
    pub fn parts(&self, clip: Option<(f32, f32)>) -> Result<Vec<f64>> {
        let (low, high) = clip.unwrap_or((f32::MIN, f32::MAX));
        let params = |tile: &Tile| Params { count: tile.ratings.len() as u32, low, high };
        self.params.write(&self.tiles.iter().map(params).collect::<Vec<_>>())?;
        self.sums.run(&self.bound)
    }
}

/// Ratings by the first rows of their tiles, in the order of the list, with row numbers within the tile.
fn sort_into_tiles(
    rows: usize,
    shape: (usize, usize),
    users: &[u32],
    items: &[u32],
    values: &[f32],
) -> Result<BTreeMap<(usize, usize), Vec<Rating>>> {
    if users.len() != values.len() || items.len() != values.len() {
        return Err(Error::Bug("ratings of unequal lengths".into()));
    }
    let mut tiles = BTreeMap::new();
    for ((&user, &item), &value) in users.iter().zip(items).zip(values) {
        let (user, item) = (user as usize, item as usize);
        // Kernels are trusted not to read past the end, so their indices are validated in this loop.
        if user >= shape.0 || item >= shape.1 {
            return Err(Error::Bug(format!("rating of user {user} and item {item} in factors of {shape:?}")));
        }
        let tile: &mut Vec<_> = tiles.entry((user / rows * rows, item / rows * rows)).or_default();
        tile.push(Rating { user: (user % rows) as u32, item: (item % rows) as u32, value });
    }
    Ok(tiles)
}
