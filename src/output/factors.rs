//! Exports a model for other programs: factors, biases and ids of a side, as tables and arrays.

use super::npy::{Precision, header, little_endian};
use super::{Column, Field, Table};
use crate::error::Result;
use crate::files::Sink;
use crate::model::{DrawSide, Factors, Model};
use crate::ratings::Side;

/// Writes a row for each user or item, `user,bias,factor_1,..` or `item,..`, in the order of the model. A
/// model of several posterior samples (draws) has a first column `draw`, from 1, and all rows of a draw come
/// before those of the next. The factors of draws are rotated against each other, so their mean is no model.
///
/// # Errors
/// The errors of the table.
pub fn factor_rows(model: &Model, side: Side, table: &mut dyn Table) -> Result<()> {
    let several = model.draws.len() > 1;
    let names: Vec<String> = (1..=model.draws[0].users.columns()).map(|n| format!("factor_{n}")).collect();
    let mut columns = Vec::from_iter(several.then(|| Column::count("draw")));
    columns.extend([Column::bytes(side.name()), Column::number("bias")]);
    columns.extend(names.iter().map(Column::number));
    table.header(&columns)?;
    let mut fields = Vec::with_capacity(columns.len());
    for (draw, number) in model.draws.iter().zip(1..) {
        let DrawSide { factors, bias, .. } = draw.side(side);
        for (row, id) in model.ids(side).iter().enumerate() {
            fields.clear();
            fields.extend(several.then_some(Field::Count(number)));
            fields.extend([Field::Bytes(id), Field::Number(bias[row])]);
            fields.extend(factors.row(row).iter().map(|&factor| Field::Number(factor)));
            table.row(&fields)?;
        }
    }
    Ok(())
}

/// Writes the ids of a side in the order of its rows, with a header `user` or `item`.
///
/// # Errors
/// The errors of the table.
pub fn id_rows(model: &Model, side: Side, table: &mut dyn Table) -> Result<()> {
    table.header(&[Column::bytes(side.name())])?;
    model.ids(side).iter().try_for_each(|id| table.row(&[Field::Bytes(id)]))
}

/// Writes the factors of a side as a `.npy` file of `float32`: rows x factors, or draws x rows x factors if
/// there are several draws.
///
/// # Errors
/// [`Error::Write`](crate::Error::Write).
pub fn factor_array(model: &Model, side: Side, sink: Sink) -> Result<()> {
    let width = model.draws[0].users.columns();
    array(model, &[model.ids(side).len(), width], sink, |draw| draw.side(side).factors.as_slice())
}

/// Writes the biases of a side as a `.npy` file of `float32`: one a row, or draws x rows if there are several
/// draws.
///
/// # Errors
/// [`Error::Write`](crate::Error::Write).
pub fn bias_array(model: &Model, side: Side, sink: Sink) -> Result<()> {
    array(model, &[model.ids(side).len()], sink, |draw| draw.side(side).bias)
}

fn array(model: &Model, shape: &[usize], mut sink: Sink, numbers: impl Fn(&Factors) -> &[f32]) -> Result<()> {
    let draws = model.draws.len();
    let shape: Vec<usize> = (draws > 1).then_some(draws).into_iter().chain(shape.iter().copied()).collect();
    sink.put(&header(&shape, Precision::Single))?;
    model.draws.iter().try_for_each(|draw| sink.put(&little_endian(numbers(draw))?))?;
    sink.commit()
}
