//! The users a table is about: those of the model, or chosen ones, known or not.

use crate::model::Model;

/// A user of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User<'a> {
    /// The id, as it came.
    pub id: &'a [u8],
    /// The row in the model; `None` for an unknown user, whose results are not personal.
    pub row: Option<u32>,
}

impl<'a> User<'a> {
    /// Looks up an id.
    pub fn find(model: &Model, id: &'a [u8]) -> Self {
        Self { id, row: model.users.get(id) }
    }

    /// All users of a model, in the order in which the training data first named them.
    pub fn all(model: &'a Model) -> Vec<Self> {
        model.users.iter().zip(0..).map(|(id, row)| Self { id, row: Some(row) }).collect()
    }
}
