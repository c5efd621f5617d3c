//! A dense matrix of `f32` in row-major order.

use super::packed;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The fewest numbers of padded rows that a thread moves at once.
const CHUNK: usize = 1 << 16;

/// `rows` x `columns` numbers, row after row, without padding.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Matrix {
    rows: usize,
    columns: usize,
    #[serde(with = "packed")]
    data: Vec<f32>,
}

/// A matrix as it was stored, whose count of numbers may be wrong.
#[derive(Deserialize)]
struct Stored {
    rows: usize,
    columns: usize,
    #[serde(with = "packed")]
    data: Vec<f32>,
}

impl TryFrom<Stored> for Matrix {
    type Error = String;

    fn try_from(Stored { rows, columns, data }: Stored) -> Result<Self, String> {
        if rows.checked_mul(columns) == Some(data.len()) {
            Ok(Self { rows, columns, data })
        } else {
            Err(format!("found {} numbers, expected {rows} x {columns}", data.len()))
        }
    }
}

impl Matrix {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, data: vec![0.0; rows * columns] }
    }

    /// A matrix over `data`, which has the rows one after another.
    ///
    /// # Panics
    /// If `data` does not hold `rows * columns` numbers.
    pub fn from_vec(rows: usize, columns: usize, data: Vec<f32>) -> Self {
        assert_eq!(data.len(), rows * columns, "a {rows} x {columns} matrix");
        Self { rows, columns, data }
    }

    /// A matrix of the first `columns` numbers of each row, where rows lie `stride` numbers apart.
    ///
    /// # Panics
    /// If `padded` does not hold whole rows.
    pub fn from_padded(padded: &[f32], columns: usize, stride: usize) -> Self {
        assert_eq!(padded.len() % stride, 0, "whole rows of {stride}");
        let mut matrix = Self::zeros(padded.len() / stride, columns);
        let rows = matrix.data.par_chunks_exact_mut(columns.max(1)).zip(padded.par_chunks_exact(stride));
        rows.with_min_len(CHUNK / stride + 1)
            .for_each(|(row, padded)| row.copy_from_slice(&padded[..columns]));
        matrix
    }

    /// Writes each row to the first numbers of a row of `stride` numbers.
    pub fn write_padded(&self, padded: &mut [f32], stride: usize) {
        let rows = padded.par_chunks_exact_mut(stride).zip(0..self.rows);
        rows.with_min_len(CHUNK / stride + 1)
            .for_each(|(padded, row)| padded[..self.columns].copy_from_slice(self.row(row)));
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.data[row * self.columns..][..self.columns]
    }

    /// One row, mutable.
    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.data[row * self.columns..][..self.columns]
    }

    /// Appends the rows of `other`.
    ///
    /// # Panics
    /// If the two have different numbers of columns.
    pub fn append(&mut self, other: &Self) {
        assert_eq!(self.columns, other.columns, "rows of one length");
        self.data.reserve_exact(other.data.len());
        self.data.extend_from_slice(&other.data);
        self.rows += other.rows;
    }

    /// All numbers, row after row.
    pub fn as_slice(&self) -> &[f32] {
        &self.data
    }

    /// All numbers, mutable.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        &mut self.data
    }
}
