//! Rows of one user each: `user item item ..`, as graph tools write them, and `user item:rating ..`; and rows of
//! one rating each with a feature for its user and one for its item: `rating user:1 item:1`.

use super::delimited::records;
use crate::input::layout::Dialect;
use crate::input::rows::Rows;
use std::ops::ControlFlow;

/// Reads rows of a user and its items. A user without items has no rating.
pub(super) fn parse(text: &[u8], line: u64, rows: &mut Rows) {
    records(text, Dialect::Blanks, line, |line, record| {
        let Ok(fields) = record else { return ControlFlow::Continue(()) };
        let user = fields.get(0).unwrap_or_default();
        fields.iter().skip(1).try_for_each(|item| rows.accept(line, user, item, None, None))
    });
}

/// Reads rows of a user, and an item and a rating with `:` between them for each of its ratings.
pub(super) fn parse_sparse(text: &[u8], line: u64, rows: &mut Rows) {
    records(text, Dialect::Blanks, line, |line, record| {
        let Ok(fields) = record else { return ControlFlow::Continue(()) };
        let user = fields.get(0).unwrap_or_default();
        fields.iter().skip(1).take_while(|field| !is_comment(field)).try_for_each(|field| {
            match feature(field) {
                Some((item, rating)) => rows.accept(line, user, item, Some(rating), None),
                None => rows.refuse(line, unfit(field)),
            }
        })
    });
}

/// Reads rows of a rating, and a feature of value 1 for the user and the item each.
pub(super) fn parse_features(text: &[u8], line: u64, rows: &mut Rows) {
    records(text, Dialect::Blanks, line, |line, record| {
        let Ok(fields) = record else { return ControlFlow::Continue(()) };
        let rating = fields.get(0).unwrap_or_default();
        let mut ids = [None; 2];
        let mut count = 0;
        for field in fields.iter().skip(1).take_while(|field| !is_comment(field)) {
            match feature(field) {
                Some((id, value)) if value.trim_ascii() == b"1" => {
                    if let Some(place) = ids.get_mut(count) {
                        *place = Some(id);
                    }
                    count += 1;
                }
                _ => return rows.refuse(line, unfit(field)),
            }
        }
        match ids {
            [Some(user), Some(item)] if count == 2 => rows.accept(line, user, item, Some(rating), None),
            _ => rows
                .refuse(line, format!("found {count} features, expected one of a user and one of an item")),
        }
    });
}

/// The parts of `index:value`.
pub(in crate::input) fn feature(field: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(b':', field)?;
    let (index, value) = (&field[..at], &field[at + 1..]);
    (index.iter().all(u8::is_ascii_digit) && !index.is_empty() && !value.is_empty()).then_some((index, value))
}

/// Whether the rest of a row is a comment.
pub(in crate::input) fn is_comment(field: &[u8]) -> bool {
    field.starts_with(b"#")
}

fn unfit(field: &[u8]) -> String {
    format!("found `{}`, expected a number, `:` and a value", crate::input::value::field::show(field))
}
