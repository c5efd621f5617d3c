//! `held-out.csv`: the held-out ratings of the search with their predictions, if there is no test.

use super::directory::RunDirectory;
use super::names;
use crate::eval::Predicted;
use crate::files::{File, own_read};
use crate::model::Model;
use crate::output::{Column, CsvTable, Field, Table};
use crate::stop::Stop;
use crate::train::Residual;
use crate::{Error, Result};
use std::path::Path;

/// The residuals as predictions for a report, clipped to the range.
pub(super) fn predicted(residuals: &[Residual], range: (f32, f32)) -> Vec<Predicted> {
    let of = |&Residual { user, item, rating, prediction }: &Residual| Predicted {
        user: Some(user),
        item: Some(item),
        rating,
        prediction: prediction.clamp(range.0, range.1),
    };
    residuals.iter().map(of).collect()
}

/// Writes the file.
pub(super) fn write(
    predicted: &[Predicted],
    model: &Model,
    (directory, stop): (&RunDirectory, &Stop),
) -> Result<()> {
    let mut table = Box::new(CsvTable::new(directory.sink(names::HELD_OUT, stop)?));
    table.header(&[
        Column::bytes("user"),
        Column::bytes("item"),
        Column::number("rating"),
        Column::number("prediction"),
    ])?;
    for one in predicted {
        if let (Some(user), Some(item)) = (one.user, one.item) {
            table.row(&[
                Field::Bytes(model.users.id(user)),
                Field::Bytes(model.items.id(item)),
                Field::Number(one.rating),
                Field::Number(one.prediction),
            ])?;
        }
    }
    table.finish()
}

/// Reads the file that [`write`] wrote.
///
/// # Errors
/// [`Error::Read`]; [`Error::Input`] if a line is not as [`write`] writes it.
pub(super) fn read(path: &Path, model: &Model) -> Result<Vec<Predicted>> {
    let wrong = |line: u64, why: &str| Error::Input(format!("{}:{line}: {why}", path.display()));
    let file = File::open_own(path).map_err(own_read(path))?;
    let mut found = Vec::new();
    for (record, line) in csv::Reader::from_reader(file).into_byte_records().zip(2..) {
        let record = record.map_err(|error| wrong(line, &error.to_string()))?;
        let number = |field: usize| {
            let text = record.get(field).and_then(|field| std::str::from_utf8(field).ok());
            text.and_then(|text| text.parse::<f32>().ok()).filter(|number| number.is_finite())
        };
        let (Some(user), Some(item), Some(rating), Some(prediction)) =
            (record.get(0), record.get(1), number(2), number(3))
        else {
            return Err(wrong(line, "expected a user, an item, a rating and a prediction"));
        };
        found.push(Predicted {
            user: model.users.get(user),
            item: model.items.get(item),
            rating,
            prediction,
        });
    }
    Ok(found)
}
