//! Detects the layout of a file from its first lines.

use super::columns::{self, Row};
use super::format::records;
use super::layout::{Columns, Dialect, Layout};
use super::options::{Format, ReadOptions, Wanted};
use crate::error::{Error, Result};
use crate::ratings::Feedback;
use std::ops::ControlFlow;

/// The number of records from which the delimiter is detected.
const JUDGED: usize = 20;

/// The delimiters that are tried; the first wins if several fit.
const CANDIDATES: [Dialect; 6] = [
    Dialect::DoubleColon,
    Dialect::Delimited { delimiter: b'\t', quotes: true },
    Dialect::Delimited { delimiter: b',', quotes: true },
    Dialect::Delimited { delimiter: b';', quotes: true },
    Dialect::Delimited { delimiter: b'|', quotes: false },
    Dialect::Delimited { delimiter: b' ', quotes: true },
];

const TABS: &[Dialect] = CANDIDATES.split_at(2).0.split_at(1).1;

/// The layout of a file that starts with `sample`, and whether a header comes first. `place` is `file:line`.
pub(super) fn layout(
    sample: &[u8],
    options: &ReadOptions,
    wanted: Wanted,
    place: &str,
) -> Result<(Layout, bool)> {
    let candidates = match options.format {
        Format::Netflix => return Ok((netflix(options), false)),
        Format::Auto if is_netflix(sample) => return Ok((netflix(options), false)),
        Format::Auto => &CANDIDATES,
        Format::Csv => &CANDIDATES[1..],
        Format::Tsv => TABS,
        Format::Movielens => &CANDIDATES[..2],
        Format::Parquet => return Err(Error::Input(format!("{place}: found text, expected a parquet file"))),
    };
    let wide = wanted.ratings && options.feedback() != Some(Feedback::Pairs);
    let dialect = if wide { three_or_two(sample, candidates) } else { best(sample, candidates, 2) };
    let dialect = dialect.unwrap_or(if candidates == TABS { TABS[0] } else { CANDIDATES[2] });
    let rows = head(sample, dialect, 2);
    let [first, rest @ ..] = &rows[..] else {
        return Ok((Layout { dialect, columns: Columns::default() }, false));
    };
    let (columns, header) = columns::resolve(first, rest.first(), options, wanted, place)?;
    Ok((Layout { dialect, columns }, header))
}

fn netflix(options: &ReadOptions) -> Layout {
    let feedback = options.feedback().unwrap_or_default();
    Layout { dialect: Dialect::Netflix, columns: Columns { feedback, ..Columns::default() } }
}

/// The best dialect with three columns; with two if that fits more records, and three columns do not fit half
/// of them, as where ids have blanks.
fn three_or_two(sample: &[u8], candidates: &[Dialect]) -> Option<Dialect> {
    let [three, two] = [3, 2].map(|fewest| judged(sample, candidates, fewest));
    let fits = |((alike, _), _): &Judged| *alike >= 500 || two.is_none_or(|((other, _), _)| other <= *alike);
    three.filter(fits).or(two).map(|(_, dialect)| dialect)
}

/// A dialect, with the thousandths of the first records that have as many fields as the first one, and the
/// number of these fields.
type Judged = ((usize, usize), Dialect);

/// The dialect in which most of the first records have as many fields as the first one, and at least
/// `fewest`; among equals, the one with the most fields.
pub(super) fn best(sample: &[u8], candidates: &[Dialect], fewest: usize) -> Option<Dialect> {
    judged(sample, candidates, fewest).map(|(_, dialect)| dialect)
}

fn judged(sample: &[u8], candidates: &[Dialect], fewest: usize) -> Option<Judged> {
    let judged = candidates.iter().rev().filter_map(|&dialect| {
        let rows = head(sample, dialect, JUDGED);
        let width = rows.first()?.len();
        let alike = rows.iter().filter(|row| row.len() == width).count();
        (width >= fewest).then_some(((alike * 1000 / rows.len(), width), dialect))
    });
    judged.max_by_key(|(merit, _)| *merit)
}

/// As [`best`] among all candidates, for files of names.
pub(super) fn best_of_all(sample: &[u8], fewest: usize) -> Option<Dialect> {
    best(sample, &CANDIDATES, fewest)
}

/// The first records.
pub(super) fn head(text: &[u8], dialect: Dialect, count: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    records(text, dialect, 1, |_, record| {
        if let Ok(fields) = record {
            rows.push(fields.iter().map(<[u8]>::to_vec).collect());
        }
        if rows.len() < count { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    rows
}

/// Whether the first line is `item:`, with a comma or nothing in the next.
fn is_netflix(sample: &[u8]) -> bool {
    let mut lines = sample.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
    let first = lines.next().unwrap_or_default();
    let heading =
        first.len() > 1 && first.ends_with(b":") && !first.iter().any(|byte| b",;\t| ".contains(byte));
    heading && lines.next().is_none_or(|line| !line.contains(&b':') || line.ends_with(b":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(text: &str) -> Option<Dialect> {
        best(text.as_bytes(), &CANDIDATES, 3)
    }

    #[test]
    fn delimiters() {
        let byte = |delimiter, quotes| Some(Dialect::Delimited { delimiter, quotes });
        assert_eq!(delimiter("1\t2\t3\n"), byte(b'\t', true));
        assert_eq!(delimiter("a, b, c\n1, 2, 3\n"), byte(b',', true));
        assert_eq!(delimiter("a;b;c\n1;2,5;3\n"), byte(b';', true));
        assert_eq!(delimiter("a;\"x;y\";3\n\"b,c\";d;4\n"), byte(b';', true));
        assert_eq!(delimiter("1|2|3 4\n"), byte(b'|', false));
        assert_eq!(delimiter("1 2 3\n"), byte(b' ', true));
        assert_eq!(delimiter("1::a|b::3\n2::c::4\n"), Some(Dialect::DoubleColon));
        assert_eq!(delimiter("std::a,b::c,3\nd,e,4\n"), byte(b',', true));
        assert_eq!(delimiter("abc\n"), None);
    }

    #[test]
    fn three_columns_or_two() {
        let chosen = |text: &str| three_or_two(text.as_bytes(), &CANDIDATES);
        let comma = Some(Dialect::Delimited { delimiter: b',', quotes: true });
        let titles = "Ann Lee,The Big Film\nBob,Heat\nCy D,Up\nDi,No\n";
        assert_eq!(best(titles.as_bytes(), &CANDIDATES, 3), Some(CANDIDATES[5]), "one row fits");
        assert_eq!(chosen(titles), comma);
        assert_eq!(chosen("1,2\n1,3\n"), comma);
        assert_eq!(chosen("a b,c,4\nd e,f\n"), comma, "half of the rows have three");
        assert_eq!(chosen("abc\n"), None);
    }

    #[test]
    fn netflix_headings() {
        assert!(is_netflix(b"1:\r\n2,3,2005-09-06\n") && is_netflix(b"1:\n") && is_netflix(b"1:\n2:\n"));
        assert!(!is_netflix(b"user item:\n") && !is_netflix(b"1::2::3\n") && !is_netflix(b"1,2,3\n"));
    }
}
