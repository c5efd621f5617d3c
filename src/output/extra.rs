//! The optional columns of lists of items.

use super::{Column, Field};
use crate::model::Model;
use crate::score::{Explain, predict};
use rayon::prelude::*;

/// The title of an item by its row in the model; empty if it has none.
pub type Titles<'a> = dyn Fn(u32) -> &'a [u8] + 'a;

/// The title of an item, as in [`Titles`], from the result of [`read_names`](crate::input::read_names).
pub fn title_of(names: Option<&[Option<String>]>, item: u32) -> &[u8] {
    names.and_then(|names| names[item as usize].as_deref()).unwrap_or_default().as_bytes()
}

/// The rating that a user, by id, is expected to give an item, by id, if it is known.
pub type RatingOf<'a> = dyn Fn(&[u8], &[u8]) -> Option<f32> + 'a;

/// The ratings that a model of ratings predicts, clipped to its range. A pair of which it knows nothing has none.
pub fn predicted(model: &Model) -> impl Fn(&[u8], &[u8]) -> Option<f32> + '_ {
    move |user, item| {
        let (user, item) = (model.users.get(user), model.items.get(item)?);
        Some(predict(model, user, Some(item)))
    }
}

/// The optional columns, in their order.
#[derive(Clone, Copy, Default)]
pub struct Extra<'a> {
    /// The expected rating, for lists whose score is none.
    pub rating: Option<&'a RatingOf<'a>>,
    /// The standard deviation of the rating, which needs a model with posterior samples (see
    /// [`needs_draws`](crate::score::needs_draws)).
    pub sd: bool,
    /// Titles.
    pub titles: Option<&'a Titles<'a>>,
    /// The items of the user that speak most for an item, at most so many: their titles, or their ids where
    /// there are none.
    pub because: Option<(&'a Explain<'a>, usize)>,
}

impl Extra<'_> {
    /// The columns.
    pub(super) fn columns(&self) -> impl Iterator<Item = Column<'static>> {
        let columns = [
            self.rating.map(|_| Column::number("rating").optional()),
            self.sd.then_some(Column::number("sd")),
            self.titles.map(|_| Column::bytes("title")),
            self.because.map(|_| Column::bytes("because")),
        ];
        columns.into_iter().flatten()
    }

    /// The cells of an item in the list of a user, in the order of the columns. `text` is the explanation.
    pub(super) fn fields<'b>(
        &'b self,
        (user, item, id): (&[u8], u32, &[u8]),
        sd: f32,
        text: &'b [u8],
    ) -> impl Iterator<Item = Field<'b>> {
        let rating = |rating: &RatingOf| rating(user, id).map_or(Field::Missing, Field::Number);
        let fields = [
            self.rating.map(rating),
            self.sd.then_some(Field::Number(sd)),
            self.titles.map(|titles| Field::Bytes(titles(item))),
            self.because.map(|_| Field::Bytes(text)),
        ];
        fields.into_iter().flatten()
    }

    /// Writes the names of items to `text`, separated by `; `.
    pub(super) fn join(&self, model: &Model, items: &[u32], text: &mut Vec<u8>) {
        text.clear();
        for (place, &item) in items.iter().enumerate() {
            if place > 0 {
                text.extend_from_slice(b"; ");
            }
            let title = self.titles.map_or(&b""[..], |titles| titles(item));
            text.extend_from_slice(if title.is_empty() { model.items.id(item) } else { title });
        }
    }
}

/// The items that speak most for each entry of each list, at most `most`; none in the list of an unknown
/// user.
pub(super) fn reasons(
    (explain, most): (&Explain, usize),
    users: &[Option<u32>],
    lists: &[Vec<(u32, f32)>],
) -> Vec<Vec<Vec<u32>>> {
    let of_list = |(user, list): (&Option<u32>, &Vec<(u32, f32)>)| match *user {
        Some(user) => {
            let items: Vec<u32> = list.iter().map(|entry| entry.0).collect();
            let found = explain.of(user, &items, most).into_iter();
            found.map(|parts| parts.into_iter().map(|(item, _)| item).collect()).collect()
        }
        None => vec![Vec::new(); list.len()],
    };
    users.par_iter().zip(lists).map(of_list).collect()
}
