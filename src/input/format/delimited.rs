//! One row a line with a delimiter between the fields. Text with quotes is parsed by the csv crate, text
//! without by a plain split.

use super::lines::{lines, without_return};
use super::{json, quotes};
use crate::input::layout::{Columns, Dialect, Quoting};
use crate::input::rows::Rows;
use memchr::{memchr, memchr2_iter};
use std::ops::ControlFlow;

/// The fields of a record, or the fault in its quotes.
type Record<'r> = Result<Fields<'r>, &'static str>;

/// The fields of a record.
#[derive(Debug, Clone, Copy)]
pub(in crate::input) enum Fields<'r> {
    /// From the csv crate, which leaves a carriage return before the line end in the last field.
    Csv(&'r csv::ByteRecord),
    Split(&'r [&'r [u8]]),
}

impl<'r> Fields<'r> {
    pub(in crate::input) fn len(self) -> usize {
        match self {
            Self::Csv(record) => record.len(),
            Self::Split(fields) => fields.len(),
        }
    }

    pub(in crate::input) fn get(self, at: usize) -> Option<&'r [u8]> {
        match self {
            Self::Csv(record) if at + 1 == record.len() => record.get(at).map(without_return),
            Self::Csv(record) => record.get(at),
            Self::Split(fields) => fields.get(at).copied(),
        }
    }

    pub(in crate::input) fn iter(self) -> impl Iterator<Item = &'r [u8]> {
        (0..self.len()).filter_map(move |at| self.get(at))
    }
}

/// Reads the rows of a text that starts with line `line`.
pub(super) fn parse(text: &[u8], dialect: Dialect, columns: &Columns, line: u64, rows: &mut Rows) {
    records(text, dialect, line, |line, record| match record {
        Ok(fields) if fields.len() == columns.width => {
            let field = |at: usize| fields.get(at).unwrap_or_default();
            let (rating, time) = (columns.rating.map(field), columns.time.map(field));
            rows.accept(line, field(columns.user), field(columns.item), rating, time)
        }
        Ok(fields) => {
            let why = format!("found {} columns, expected {}", fields.len(), columns.width);
            // All values with decimals would be lost.
            if is_cut_in_two(dialect, fields, columns) {
                rows.refuse_all(line, format!("{why}; a decimal comma is written in quotes (\"3,5\")"))
            } else {
                rows.refuse(line, why)
            }
        }
        Err(fault) => rows.refuse(line, fault.to_owned()),
    });
}

/// Whether a row has a field too many since the comma of its value separates fields, too.
fn is_cut_in_two(dialect: Dialect, fields: Fields, columns: &Columns) -> bool {
    let digits = |at: usize| {
        fields.get(at).is_some_and(|field| !field.is_empty() && field.iter().all(u8::is_ascii_digit))
    };
    matches!(dialect, Dialect::Delimited { delimiter: b',', .. })
        && fields.len() == columns.width + 1
        && columns.rating.is_some_and(|rating| digits(rating) && digits(rating + 1))
}

/// Walks the records of `text`, which starts with line `line`. Records without a field that holds anything are
/// skipped.
pub(in crate::input) fn records(
    text: &[u8],
    dialect: Dialect,
    line: u64,
    mut each: impl FnMut(u64, Record) -> ControlFlow<()>,
) {
    match dialect {
        Dialect::Delimited { delimiter, .. } => {
            // Most text has no quotes at all; its records then need no search for them.
            let quoting = dialect.quoting().filter(|_| memchr(b'"', text).is_some());
            match quoting {
                Some(quoting) => with_quotes(text, quoting, line, each),
                None => plain(text, delimiter, line, each),
            }
        }
        Dialect::Blanks => split_lines(text, line, split_blanks, each),
        Dialect::DoubleColon => split_lines(text, line, split_double_colon, each),
        // Lines of one field: the layout has no rows that stand by themselves.
        Dialect::Netflix => split_lines(text, line, |row, fields| fields.push(row), each),
        Dialect::Json { lines } => json::records(text, lines, line, |line, record| match record {
            Ok(fields) => {
                let fields: Vec<&[u8]> = fields.iter().map(|(_, field)| &**field).collect();
                each(line, Ok(Fields::Split(&fields)))
            }
            Err(_) => ControlFlow::Continue(()),
        }),
    }
}

/// Whether fields hold nothing: blanks, or the byte that ended files of old systems.
fn is_blank<'a>(mut fields: impl Iterator<Item = &'a [u8]>) -> bool {
    fields.all(|field| field.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0x1a))
}

/// The records of lines that are split in a way of their own.
fn split_lines<'t>(
    text: &'t [u8],
    line: u64,
    split: fn(&'t [u8], &mut Vec<&'t [u8]>),
    mut each: impl FnMut(u64, Record) -> ControlFlow<()>,
) {
    let mut fields = Vec::new();
    for (number, row) in (line..).zip(lines(text)).filter(|(_, row)| !is_blank(std::iter::once(*row))) {
        fields.clear();
        split(row, &mut fields);
        if each(number, Ok(Fields::Split(&fields))).is_break() {
            return;
        }
    }
}

/// The fields of a line with blanks or tabs between them.
fn split_blanks<'a>(line: &'a [u8], fields: &mut Vec<&'a [u8]>) {
    fields.extend(line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|field| !field.is_empty()));
}

/// The fields of a line with `::` between them. The csv crate only takes delimiters of one byte.
fn split_double_colon<'a>(line: &'a [u8], fields: &mut Vec<&'a [u8]>) {
    let (mut start, mut at) = (0, 0);
    while at + 1 < line.len() {
        if line[at] == b':' && line[at + 1] == b':' {
            fields.push(&line[start..at]);
            at += 2;
            start = at;
        } else {
            at += 1;
        }
    }
    fields.push(&line[start..]);
}

/// The records of text in which quotes, if there are any, mean nothing.
fn plain(text: &[u8], delimiter: u8, mut line: u64, mut each: impl FnMut(u64, Record) -> ControlFlow<()>) {
    let (mut fields, mut start) = (Vec::new(), 0);
    let unended = !text.is_empty() && !text.ends_with(b"\n");
    for end in memchr2_iter(delimiter, b'\n', text).chain(unended.then_some(text.len())) {
        let field = &text[start..end];
        start = end + 1;
        if text.get(end) == Some(&delimiter) {
            fields.push(field);
            continue;
        }
        let field = without_return(field);
        fields.push(field);
        if !is_blank(fields.iter().copied()) && each(line, Ok(Fields::Split(&fields))).is_break() {
            return;
        }
        fields.clear();
        line += 1;
    }
}

/// The records of text in which fields may be quoted.
fn with_quotes(
    text: &[u8],
    quoting: Quoting,
    mut line: u64,
    mut each: impl FnMut(u64, Record) -> ControlFlow<()>,
) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(quoting.delimiter)
        .escape(quoting.escaped.then_some(b'\\'))
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(text);
    let mut record = csv::ByteRecord::new();
    let mut start = 0;
    while reader.read_byte_record(&mut record).expect("memory can be read, and records may have any length") {
        // The csv crate skips blank lines, which count as lines.
        let blank = text[start..].iter().take_while(|&&byte| byte == b'\n').count();
        let end = reader.position().byte() as usize;
        let raw = &text[start + blank..end];
        line += blank as u64;
        let fields = Fields::Csv(&record);
        let result = match quotes::fault(raw, quoting) {
            Some(fault) => Err(fault),
            None => Ok(fields),
        };
        if (!is_blank(fields.iter()) || raw.contains(&b'"')) && each(line, result).is_break() {
            return;
        }
        line += memchr::memchr_iter(b'\n', raw).count() as u64;
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::layout::Quotes;
    use proptest::prelude::*;

    const COMMA: Dialect = Dialect::Delimited { delimiter: b',', quotes: Quotes::Doubled };

    fn read(text: &str, dialect: Dialect) -> Vec<(u64, Vec<String>)> {
        let mut found = Vec::new();
        records(text.as_bytes(), dialect, 1, |line, record| {
            let fields = record.map_or_else(
                |fault| vec![fault.to_owned()],
                |fields| fields.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect(),
            );
            found.push((line, fields));
            ControlFlow::Continue(())
        });
        found
    }

    fn row(line: u64, fields: &[&str]) -> (u64, Vec<String>) {
        (line, fields.iter().map(|&field| field.to_owned()).collect())
    }

    #[test]
    fn fields_and_lines() {
        assert_eq!(read("a,b\r\n\r\n\nc,", COMMA), [row(1, &["a", "b"]), row(4, &["c", ""])]);
        assert_eq!(
            read("\n\n\"a\n,\",\"b\"\"\"\r\n\r\n\nc,\"d\"", COMMA),
            [row(3, &["a\n,", "b\""]), row(7, &["c", "d"])]
        );
        assert_eq!(read("a,b\n , \t\n,,\n\u{1a}", COMMA), [row(1, &["a", "b"])]);
        assert_eq!(
            read("  17   28\t3 \n   \n9 1 2", Dialect::Blanks),
            [row(1, &["17", "28", "3"]), row(3, &["9", "1", "2"])]
        );
        let escaped = Dialect::Delimited { delimiter: b',', quotes: Quotes::Escaped };
        assert_eq!(read("\"O\\\"Neil\",\"2\"\n", escaped), [row(1, &["O\"Neil", "2"])]);
        assert_eq!(read("1::a:b::::x\n", Dialect::DoubleColon), [row(1, &["1", "a:b", "", "x"])]);
        assert_eq!(read("a:::b\n", Dialect::DoubleColon), [row(1, &["a", ":b"])]);
        let pipes = Dialect::Delimited { delimiter: b'|', quotes: Quotes::None };
        assert_eq!(read("1|\"x\" y|z\n", pipes), [row(1, &["1", "\"x\" y", "z"])]);
    }

    #[test]
    fn loose_quotes_are_faults_of_their_row_only() {
        let found = read("a,\"b\"c\nd,e\n", COMMA);
        assert!(found[0].1[0].contains("after a closing quote"));
        assert_eq!(found[1], row(2, &["d", "e"]));
    }

    proptest! {
        /// A quote in an added last row makes the text before it be searched for quotes, too.
        #[test]
        fn text_without_quotes_reads_as_a_plain_split(text in "([ab,]{0,4}(\r\n|\n)){0,6}") {
            let mut plain: Vec<_> = (1..)
                .zip(text.lines())
                .filter(|(_, line)| line.contains(['a', 'b']))
                .map(|(number, line)| row(number, &line.split(',').collect::<Vec<_>>()))
                .collect();
            prop_assert_eq!(&plain, &read(&text, COMMA));
            plain.push(row(text.lines().count() as u64 + 1, &["q", "r"]));
            prop_assert_eq!(plain, read(&format!("{text}q,\"r\""), COMMA));
        }
    }
}
