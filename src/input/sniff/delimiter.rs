//! Which delimiter a text has.

use crate::input::format::{quotes, records};
use crate::input::layout::{Dialect, Quotes, Quoting, Row};
use std::ops::ControlFlow;

/// The number of records from which the layout is detected.
pub(super) const JUDGED: usize = 100;

const fn quoted(delimiter: u8) -> Dialect {
    Dialect::Delimited { delimiter, quotes: Quotes::Doubled }
}

/// The dialects that are tried; the first wins if several fit.
pub(super) const CANDIDATES: [Dialect; 6] = [
    Dialect::DoubleColon,
    quoted(b'\t'),
    quoted(b','),
    quoted(b';'),
    Dialect::Delimited { delimiter: b'|', quotes: Quotes::None },
    quoted(b' '),
];

pub(super) const TABS: &[Dialect] = CANDIDATES.split_at(2).0.split_at(1).1;

/// The dialect of a delimiter that the text names.
pub(super) fn named(delimiter: u8) -> Dialect {
    CANDIDATES.into_iter().find(|dialect| is_of(*dialect, delimiter)).unwrap_or(quoted(delimiter))
}

fn is_of(dialect: Dialect, byte: u8) -> bool {
    matches!(dialect, Dialect::Delimited { delimiter, .. } if delimiter == byte)
}

/// A dialect, the first records, and how many fields most of them have.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) dialect: Dialect,
    pub(super) rows: Vec<Row>,
    pub(super) width: usize,
}

/// The best dialect; a table of ratings has three columns, or two if that fits more records and three columns do
/// not fit half of them, as where ids have blanks. If none fits, it is the one that most tables have.
pub(super) fn choose(sample: &[u8], candidates: &[Dialect], pairs: bool) -> Option<Choice> {
    let judged = if pairs { judged(sample, candidates, 2) } else { three_or_two(sample, candidates) };
    if let Some(judged) = judged {
        return Some(judged.choice);
    }
    let usual = if candidates == CANDIDATES { CANDIDATES[2] } else { candidates[0] };
    let rows = head(sample, usual, JUDGED);
    let width = rows.first()?.len();
    Some(Choice { dialect: usual, rows, width })
}

/// As [`choose`] among all candidates, for files of names with so many columns.
pub(in crate::input) fn best_of_all(sample: &[u8], fewest: usize) -> Option<Dialect> {
    judged(sample, &CANDIDATES, fewest).map(|judged| judged.choice.dialect)
}

fn three_or_two(sample: &[u8], candidates: &[Dialect]) -> Option<Judged> {
    let [three, two] = [3, 2].map(|fewest| judged(sample, candidates, fewest));
    let other = two.as_ref().map_or(0, |two| two.alike);
    three.filter(|three| three.alike >= 500 || other <= three.alike).or(two)
}

/// A choice, with the thousandths of the first records that have as many fields.
#[derive(Debug)]
struct Judged {
    alike: usize,
    choice: Choice,
}

/// The dialect in which most of the first records have equally many fields, and at least `fewest`; among equals, one
/// without blanks between fields, since fields have blanks inside, then the one with the most fields.
fn judged(sample: &[u8], candidates: &[Dialect], fewest: usize) -> Option<Judged> {
    let judged = candidates.iter().rev().filter_map(|&dialect| {
        let dialect = refined(sample, dialect);
        let rows = head(sample, dialect, JUDGED);
        let width = usual_width(&rows)?;
        let alike = rows.iter().filter(|row| row.len() == width).count() * 1000 / rows.len();
        (width >= fewest).then_some(Judged { alike, choice: Choice { dialect, rows, width } })
    });
    let blank = |dialect: Dialect| dialect == Dialect::Blanks || is_of(dialect, b' ');
    judged.max_by_key(|judged| (judged.alike, !blank(judged.choice.dialect), judged.choice.width))
}

/// The number of fields that most records have; among equals, that of the first such record.
fn usual_width(rows: &[Row]) -> Option<usize> {
    let count = |row: &&Row| rows.iter().filter(|other| other.len() == row.len()).count();
    // Of equals, `max_by_key` takes the last.
    rows.iter().rev().max_by_key(count).map(Vec::len)
}

/// A dialect as the text has it: with backslashes before quotes where nothing else makes sense of them, and any
/// number of blanks where single ones would leave fields empty.
fn refined(sample: &[u8], dialect: Dialect) -> Dialect {
    match dialect {
        Dialect::Delimited { delimiter: b' ', .. } if has_runs(sample) => Dialect::Blanks,
        Dialect::Delimited { delimiter, quotes: Quotes::Doubled }
            if memchr::memmem::find(sample, b"\\\"").is_some() =>
        {
            let faulty = |escaped| quotes::fault(sample, Quoting { delimiter, escaped }).is_some();
            let quotes = if faulty(false) && !faulty(true) { Quotes::Escaped } else { Quotes::Doubled };
            Dialect::Delimited { delimiter, quotes }
        }
        dialect => dialect,
    }
}

/// Whether blanks stand in runs, at the start of lines or beside tabs, and no quotes hold any.
fn has_runs(sample: &[u8]) -> bool {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let run = |pair: &[u8]| is_blank(&pair[1]) && (is_blank(&pair[0]) || pair[0] == b'\n');
    !sample.contains(&b'"') && (sample.first().is_some_and(is_blank) || sample.windows(2).any(run))
}

/// The first records.
pub(in crate::input) fn head(text: &[u8], dialect: Dialect, count: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    records(text, dialect, 1, |_, record| {
        if let Ok(fields) = record {
            rows.push(fields.iter().map(<[u8]>::to_vec).collect());
        }
        if rows.len() < count { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(text: &str) -> Option<Dialect> {
        judged(text.as_bytes(), &CANDIDATES, 3).map(|judged| judged.choice.dialect)
    }

    #[test]
    fn delimiters() {
        let byte = |delimiter| Some(quoted(delimiter));
        assert_eq!(delimiter("1\t2\t3\n"), byte(b'\t'));
        assert_eq!(delimiter("a, b, c\n1, 2, 3\n"), byte(b','));
        assert_eq!(delimiter("a;b;c\n1;2,5;3\n"), byte(b';'));
        assert_eq!(delimiter("a;\"x;y\";3\n\"b,c\";d;4\n"), byte(b';'));
        assert_eq!(delimiter("1|2|3 4\n"), Some(CANDIDATES[4]));
        assert_eq!(delimiter("1 2 3\n"), byte(b' '));
        assert_eq!(delimiter("1::a|b::3\n2::c::4\n"), Some(Dialect::DoubleColon));
        assert_eq!(delimiter("std::a,b::c,3\nd,e,4\n"), byte(b','));
        assert_eq!(delimiter("abc\n"), None);
        for blanks in ["  17   28 3\n   9    1 2\n", "17\t 28 3\n9 1  2\n", " 1 2 3\n 4 5 6\n"] {
            assert_eq!(delimiter(blanks), Some(Dialect::Blanks), "{blanks}");
        }
        assert_eq!(delimiter("a  b\tx\t3\nc\ty\t4\n"), byte(b'\t'));
        let escaped = Some(Dialect::Delimited { delimiter: b',', quotes: Quotes::Escaped });
        assert_eq!(delimiter("user,item,rating\n\"O\\\"Neil\",2,3\n"), escaped);
        assert_eq!(delimiter("user,item,rating\n\"C:\\\",2,3\n"), byte(b','));
    }

    #[test]
    fn three_columns_or_two() {
        let chosen =
            |text: &str| three_or_two(text.as_bytes(), &CANDIDATES).map(|judged| judged.choice.dialect);
        assert_eq!(chosen("Ann Lee,The Big Film\nBob,Heat\nCy D,Up\nDi,No\n"), Some(quoted(b',')));
        assert_eq!(chosen("1,2\n1,3\n"), Some(quoted(b',')));
        assert_eq!(chosen("a b,c,4\nd e,f\n"), Some(quoted(b',')), "half of the rows have three");
        assert_eq!(chosen("abc\n"), None);
    }

    #[test]
    fn the_width_of_most_records() {
        let width = |text: &str| usual_width(&head(text.as_bytes(), quoted(b','), JUDGED));
        assert_eq!(width("a,b,c\n1,2,3,4\n5,6,7,8\n"), Some(4));
        assert_eq!(width("1,2,3\n1,2\n"), Some(3));
    }
}
