//! Vectors for programs that search by inner product, as tables and arrays.

use super::npy::{Precision, header, little_endian};
use super::{Column, Field, Table};
use crate::error::Result;
use crate::files::Sink;
use crate::ratings::{IdMap, Side};
use crate::score::SearchVectors;

/// Rows of one side of a model with their ids and vectors.
#[derive(Clone, Copy)]
pub struct SearchRows<'a> {
    /// The side.
    pub side: Side,
    /// The rows, in the order in which they are written.
    pub rows: &'a [u32],
    /// The ids of the side.
    pub ids: &'a IdMap,
    /// The vectors of the model.
    pub vectors: &'a SearchVectors<'a>,
}

impl SearchRows<'_> {
    /// The vector of a row.
    pub(super) fn vector(&self, row: u32) -> Vec<f32> {
        match self.side {
            Side::User => self.vectors.user(Some(row)),
            Side::Item => self.vectors.item(row),
        }
    }

    /// What is added to the products of a row; `None` for items.
    pub(super) fn constant(&self, row: u32) -> Option<f32> {
        (self.side == Side::User).then(|| self.vectors.constant(Some(row)))
    }

    /// Writes the ids, with a header `user` or `item`.
    ///
    /// # Errors
    /// The errors of the table.
    pub fn id_rows(&self, table: &mut dyn Table) -> Result<()> {
        table.header(&[Column::bytes(self.side.name())])?;
        self.rows.iter().try_for_each(|&row| table.row(&[Field::Bytes(self.ids.id(row))]))
    }
}

/// Writes `user,constant,vector_1,..` or `item,vector_1,..`.
///
/// # Errors
/// The errors of the table.
pub fn vector_rows(of: &SearchRows, table: &mut dyn Table) -> Result<()> {
    let names: Vec<String> = (1..=of.vectors.width()).map(|n| format!("vector_{n}")).collect();
    let mut columns = vec![Column::bytes(of.side.name())];
    columns.extend((of.side == Side::User).then(|| Column::number("constant")));
    columns.extend(names.iter().map(Column::number));
    table.header(&columns)?;
    let mut fields = Vec::with_capacity(columns.len());
    for &row in of.rows {
        fields.clear();
        fields.push(Field::Bytes(of.ids.id(row)));
        fields.extend(of.constant(row).map(Field::Number));
        fields.extend(of.vector(row).into_iter().map(Field::Number));
        table.row(&fields)?;
    }
    Ok(())
}

/// Writes the vectors as a `.npy` file of `float32`, rows x numbers.
///
/// # Errors
/// [`Error::Write`](crate::Error::Write).
pub fn vector_array(of: &SearchRows, mut sink: Sink) -> Result<()> {
    sink.put(&header(&[of.rows.len(), of.vectors.width()], Precision::Single))?;
    of.rows.iter().try_for_each(|&row| sink.put(&little_endian(&of.vector(row))?))?;
    sink.commit()
}

/// Writes the constants of users as a `.npy` file of `float32`, one a row; those of items are 0.
///
/// # Errors
/// [`Error::Write`](crate::Error::Write).
pub fn constant_array(of: &SearchRows, mut sink: Sink) -> Result<()> {
    sink.put(&header(&[of.rows.len()], Precision::Single))?;
    let constants: Vec<f32> = of.rows.iter().map(|&row| of.constant(row).unwrap_or_default()).collect();
    sink.put(&little_endian(&constants)?)?;
    sink.commit()
}
