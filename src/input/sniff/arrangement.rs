//! Rows that are no ratings: a user with its items, and the features of svm tools.

use super::delimiter::{JUDGED, head};
use crate::error::{Error, Result};
use crate::input::format::{feature, is_comment};
use crate::input::layout::{Dialect, Row, Shape};
use crate::input::options::{Arrangement, Format, ReadOptions};
use crate::input::value::number::number;
use crate::ratings::Feedback;
use std::collections::BTreeSet;

/// An arrangement, what its values stand for, and its description.
pub(super) struct Other {
    pub(super) shape: Shape,
    pub(super) feedback: Feedback,
    pub(super) words: &'static str,
}

/// Fewer rows do not show that their lengths differ by intent, and fewer items do not show a list.
const FEWEST: usize = 3;
const LONG: usize = 5;

/// The arrangement of a text, if it is one of these.
pub(super) fn of(sample: &[u8], options: &ReadOptions, place: &str) -> Result<Option<Other>> {
    let named = [&options.user_column, &options.item_column, &options.rating_column, &options.weight_column];
    let open = options.format == Format::Auto
        && options.layout == Arrangement::Auto
        && named.into_iter().all(Option::is_none);
    let asked = matches!(options.format, Format::Lists | Format::Svm);
    if !open && !asked {
        return Ok(None);
    }
    let rows = head(sample, Dialect::Blanks, JUDGED);
    if (open || options.format == Format::Svm) && is_svm(&rows) {
        return svm(&rows, options, place).map(Some);
    }
    if options.format == Format::Svm {
        return Err(Error::Input(format!(
            "{place}: found no features, expected rows such as `4 17:1 28:1` (rating, user, item) or `17 28:4 30:5` (user, \
             then items with ratings)"
        )));
    }
    if options.format == Format::Lists || are_lists(&rows) {
        let feedback = Feedback::Pairs;
        return Ok(Some(Other { shape: Shape::Lists, feedback, words: "lists of a user and its items" }));
    }
    Ok(None)
}

/// Whether rows are lists of ids of many lengths, each of another user.
fn are_lists(rows: &[Row]) -> bool {
    let is_id = |field: &Vec<u8>| !field.is_empty() && field.iter().all(u8::is_ascii_digit);
    let users: BTreeSet<&Vec<u8>> = rows.iter().filter_map(|row| row.first()).collect();
    let widths: BTreeSet<usize> = rows.iter().map(Vec::len).collect();
    let most = widths.iter().map(|&width| rows.iter().filter(|row| row.len() == width).count()).max();
    rows.len() >= FEWEST
        && rows.iter().flatten().all(is_id)
        && users.len() == rows.len()
        && widths.last().is_some_and(|&longest| longest > LONG)
        && most.is_some_and(|most| 2 * most <= rows.len() || widths.len() > 3)
}

/// Whether rows are a number and then features.
fn is_svm(rows: &[Row]) -> bool {
    let fits = |row: &Row| {
        let mut features = row.iter().skip(1).take_while(|field| !is_comment(field)).peekable();
        number(&row[0]).is_some()
            && features.peek().is_some()
            && features.all(|field| feature(field).is_some())
    };
    !rows.is_empty() && rows.iter().all(fits)
}

/// Rows of two features each are ratings; otherwise each is a user.
fn svm(rows: &[Row], options: &ReadOptions, place: &str) -> Result<Other> {
    let features = |row: &Row| -> Vec<(Vec<u8>, Vec<u8>)> {
        let features =
            row.iter().skip(1).take_while(|field| !is_comment(field)).filter_map(|field| feature(field));
        features.map(|(index, value)| (index.to_vec(), value.to_vec())).collect()
    };
    let all: Vec<_> = rows.iter().map(features).collect();
    let ones = all.iter().flatten().all(|(_, value)| value == b"1");
    let given = options.feedback();
    if ones && all.iter().all(|features| features.len() == 2) {
        let feedback = given.unwrap_or(Feedback::Ratings);
        return Ok(Other { shape: Shape::Features, feedback, words: "svm: rating, user, item" });
    }
    let users: BTreeSet<&Vec<u8>> = rows.iter().map(|row| &row[0]).collect();
    if users.len() < rows.len() {
        return Err(Error::Input(format!(
            "{place}: found rows of several features whose first numbers repeat, expected two features of value 1 (user and \
             item) after the rating, or another user first in each row"
        )));
    }
    let feedback = given.unwrap_or(if ones { Feedback::Pairs } else { Feedback::Ratings });
    Ok(Other { shape: Shape::Sparse, feedback, words: "svm: user, then items with ratings" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(Shape, Feedback)> {
        let other = of(text.as_bytes(), &ReadOptions::default(), "f:1").unwrap();
        other.map(|other| (other.shape, other.feedback))
    }

    #[test]
    fn lists_and_features() {
        assert_eq!(found("0 5 6 7 8 9 10\n1 5\n2\n3 6 8 10\n"), Some((Shape::Lists, Feedback::Pairs)));
        assert_eq!(found("0 5 3\n1 5 4\n2 5 1\n"), None, "ratings");
        assert_eq!(found("0 5 3\n0 6 4 7 8 9\n2 5\n"), None, "a user twice");
        assert_eq!(found("4 0:1 7:1\n3.5 1:1 8:1 # of Ann\n"), Some((Shape::Features, Feedback::Ratings)));
        assert_eq!(found("0 5:4 6:3.5\n1 5:2\n"), Some((Shape::Sparse, Feedback::Ratings)));
        assert_eq!(found("0 5:1 6:1\n1 5:1\n"), Some((Shape::Sparse, Feedback::Pairs)));
        assert!(of(b"1 5:4 6:3\n1 5:2\n", &ReadOptions::default(), "f:1").is_err());
    }
}
