//! The finished model measured, and the ratings it is measured by.

use super::{RunDirectory, names};
use crate::Result;
use crate::eval::{Accuracy, Evaluation, EvaluationOptions, accuracy, evaluate};
use crate::files::Sink;
use crate::model::Model;
use crate::output::{CsvTable, Field, Table};
use crate::ratings::Dataset;

/// Writes `test.csv`, so that other models can be measured by the same ratings.
pub(super) fn save(test: &Dataset, directory: &RunDirectory) -> Result<()> {
    let mut table = Box::new(CsvTable::new(Sink::open(directory.file(names::TEST))?));
    table.header(&["user", "item", "rating"])?;
    for (user, item, value) in test.ratings.iter() {
        table.row(&[
            Field::Bytes(test.users.id(user)),
            Field::Bytes(test.items.id(item)),
            Field::Number(value),
        ])?;
    }
    table.finish()
}

/// Measures with the default options; lists only if lists are made at all.
pub(super) fn measure(
    model: &Model,
    test: &Dataset,
    mean: f64,
    lists: bool,
) -> Result<(Accuracy, Evaluation)> {
    let defaults = EvaluationOptions::default();
    let cutoffs = if lists { defaults.cutoffs } else { Vec::new() };
    let evaluation = evaluate(model, test, &EvaluationOptions { cutoffs, ..defaults })?;
    // The model knows the ids of users and items all of whose ratings were set aside, but nothing else of them.
    let (unknown_users, unknown_items) = (evaluation.rating.unknown_users, evaluation.rating.unknown_items);
    Ok((Accuracy { unknown_users, unknown_items, ..accuracy(model, test, mean) }, evaluation))
}
