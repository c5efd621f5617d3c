//! Detects the layout of a text from its first lines.

mod arrangement;
mod beginning;
mod delimiter;
mod preamble;
mod wide;

pub(super) use beginning::Beginning;
pub(super) use delimiter::{best_of_all, head};

use self::arrangement::Other;
use self::delimiter::{CANDIDATES, Choice, JUDGED, TABS};
use self::preamble::{Matrix, Preamble};
use super::columns::{self, Found};
use super::format::{first_record_end, json, lines};
use super::layout::{Columns, Dialect, Layout, Row, Shape};
use super::options::{Arrangement, Format, ReadOptions, Wanted};
use super::value::Reading;
use super::value::missing::Missing;
use super::value::number::number;
use crate::error::{Error, Result};
use crate::ratings::Feedback;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A layout, and what there is to say about it.
#[derive(Debug)]
pub(super) struct Detected {
    pub(super) layout: Layout,
    /// Bytes before the first row: comments, a header.
    pub(super) skip: usize,
    /// The layout in words.
    pub(super) words: String,
    /// What the columns became and why, in words.
    pub(super) told: String,
    pub(super) doubts: Vec<String>,
}

/// The layout of a text.
pub(super) fn layout(text: Beginning, options: &ReadOptions, wanted: Wanted) -> Result<Detected> {
    let format = options.format;
    let refuse = |what: &str| Err(Error::Input(format!("{}: found text, expected {what}", text.place(0))));
    match format {
        Format::Parquet => return refuse("a parquet file"),
        Format::Arrow => return refuse("an Arrow file"),
        _ => {}
    }
    let preamble = Preamble::of(text, format)?;
    let rest = &text.sample[preamble.bytes..];
    let begun = || text.place(preamble.bytes);
    let mut detected = if let Some(matrix) = preamble.matrix {
        coordinates(matrix, options)
    } else if format == Format::Mtx {
        return Err(Error::Input(format!(
            "{}: found no `%%MatrixMarket` line, expected one first",
            text.place(0)
        )));
    } else if let Some((lines, from)) =
        json::begins(rest).filter(|_| matches!(format, Format::Auto | Format::Json))
    {
        let mut found = of_json(&rest[from..], lines, options, wanted, &begun())?;
        found.skip += from;
        found
    } else if format == Format::Json {
        return Err(Error::Input(format!("{}: found no JSON, expected an object or an array", begun())));
    } else if format == Format::Netflix || format == Format::Auto && is_netflix(rest) {
        plainly(Dialect::Netflix, Shape::Headed, options, options.feedback().unwrap_or_default())
    } else if let Some(other) = arrangement::of(rest, options, &begun())? {
        let Other { shape, feedback, words } = other;
        let dialect = Dialect::Blanks;
        Detected { words: words.into(), ..plainly(dialect, shape, options, feedback) }
    } else {
        delimited(text, &preamble, options, wanted)?
    };
    detected.skip += preamble.bytes;
    if !preamble.words.is_empty() {
        detected.words = format!("{}, {}", detected.words, preamble.words);
    }
    Ok(detected)
}

/// A layout without columns to find.
fn plainly(dialect: Dialect, shape: Shape, options: &ReadOptions, feedback: Feedback) -> Detected {
    let missing = Missing::of(&options.missing);
    let reading = Reading { feedback, missing, ..Reading::default() };
    Detected {
        layout: Layout { dialect, shape: Arc::new(shape), reading: Arc::new(reading) },
        skip: 0,
        words: dialect.describe(),
        told: String::new(),
        doubts: Vec::new(),
    }
}

/// The layout of the coordinates of a matrix: user, item, rating, or user and item in a pattern.
fn coordinates(matrix: Matrix, options: &ReadOptions) -> Detected {
    let width = if matrix.values { 3 } else { 2 };
    let given = options.feedback().filter(|_| matrix.values);
    let feedback = given.unwrap_or(if matrix.values { Feedback::Ratings } else { Feedback::Pairs });
    let rating = (feedback != Feedback::Pairs).then_some(2);
    let columns = Columns { user: 0, item: 1, rating, time: None, width };
    let found = plainly(Dialect::Blanks, Shape::Long(columns), options, feedback);
    Detected { words: "Matrix Market, rows are users and columns items".into(), ..found }
}

/// The layout of rows with a delimiter.
fn delimited(
    text: Beginning,
    preamble: &Preamble,
    options: &ReadOptions,
    wanted: Wanted,
) -> Result<Detected> {
    let rest = &text.sample[preamble.bytes..];
    let candidates = match (preamble.delimiter, options.format) {
        (Some(delimiter), _) => &[delimiter][..],
        (None, Format::Csv) => &CANDIDATES[1..],
        (None, Format::Tsv) => TABS,
        (None, Format::Movielens) => &CANDIDATES[..2],
        _ => &CANDIDATES,
    };
    let pairs = !wanted.ratings || options.feedback() == Some(Feedback::Pairs);
    let Some(Choice { dialect, mut rows, width }) = delimiter::choose(rest, candidates, pairs) else {
        return Ok(plainly(candidates[0], Shape::Long(Columns::default()), options, Feedback::default()));
    };
    let place = text.place(preamble.bytes);
    let first = rows.remove(0);
    let below: Vec<Row> = rows.into_iter().filter(|row| row.len() == width).collect();
    let names = fitted(&first, &below, width);
    let whole: Vec<Row> = names.iter().chain(&below).cloned().collect();
    let wide = match options.layout {
        Arrangement::Long => None,
        Arrangement::Auto if names.as_ref().is_ok_and(columns::are_known) => None,
        arrangement => wide::of(&whole, options, wanted, arrangement == Arrangement::Wide, &place)?,
    };
    if let Some(mut found) = wide {
        let skip = if found.header { header_end(rest, dialect) } else { 0 };
        found.wide.first =
            text.line + memchr::memchr_iter(b'\n', &text.sample[..preamble.bytes + skip]).count() as u64;
        let words =
            format!("{}{}, {}", dialect.describe(), if found.header { ", header" } else { "" }, found.words);
        let shape = Arc::new(Shape::Wide(found.wide));
        let layout = Layout { dialect, shape, reading: Arc::new(found.reading) };
        return Ok(Detected { layout, skip, words, told: found.told, doubts: Vec::new() });
    }
    let named = preamble.names(dialect, width).filter(columns::are_known);
    let found = match (&named, names) {
        (Some(names), _) => {
            let rows: Vec<Row> = std::iter::once(first).chain(below).collect();
            let mut found = columns::of_names(names, &rows, options, wanted, &place)?;
            found.header = false;
            found
        }
        (None, Ok(names)) => columns::resolve(&names, &below, options, wanted, &place)?,
        (None, Err(why)) => return Err(Error::Input(format!("{place}: {why}"))),
    };
    let Found { mut columns, header, reading, told, doubts } = found;
    columns.width = width;
    let skip = if header { header_end(rest, dialect) } else { 0 };
    let mut words = dialect.describe();
    if header {
        words += ", header";
    }
    let spelling = reading.spelling.describe();
    if !spelling.is_empty() {
        words = format!("{words}, {spelling}");
    }
    let layout = Layout { dialect, shape: Arc::new(Shape::Long(columns)), reading: Arc::new(reading) };
    Ok(Detected { layout, skip, words, told, doubts })
}

/// The position after the header of a text.
fn header_end(text: &[u8], dialect: Dialect) -> usize {
    first_record_end(text, dialect).unwrap_or(text.len())
}

/// The first row with as many fields as those below have. A header may be one short: of the name of a column of row
/// names, as R writes them, or of a last column that is always blank, where rows end with a delimiter.
fn fitted(first: &Row, below: &[Row], width: usize) -> Result<Row, String> {
    if first.len() + 1 != width || below.is_empty() {
        return Ok(first.clone());
    }
    let blank = |row: &Row| row.last().is_some_and(|field| field.trim_ascii().is_empty());
    if below.iter().all(blank) {
        return Ok(first.iter().cloned().chain([Vec::new()]).collect());
    }
    let distinct: BTreeSet<&Vec<u8>> = below.iter().map(|row| &row[0]).collect();
    let begins = |row: &Row| matches!(&row[0][..], b"0" | b"1");
    // Texts name the rows of a matrix.
    let texts = || width > MOST_LONG && below.iter().all(|row| number(&row[0]).is_none());
    if distinct.len() == below.len() && (below.first().is_some_and(begins) || texts()) {
        return Ok([Vec::new()].into_iter().chain(first.iter().cloned()).collect());
    }
    Err(format!(
        "found a header of {} columns above rows of {width}, expected as many; a decimal comma is written in quotes \
         (\"3,5\") or in a file with another delimiter, and row names have a column of their own, which counts from 1",
        first.len()
    ))
}

/// Tables of ratings rarely have more columns.
const MOST_LONG: usize = 5;

/// The layout of rows of JSON.
fn of_json(text: &[u8], lines: bool, options: &ReadOptions, wanted: Wanted, place: &str) -> Result<Detected> {
    let mut names: Vec<String> = Vec::new();
    let mut objects = Vec::new();
    let mut fault = None;
    json::records(text, lines, 1, |_, record| {
        match record {
            Ok(fields) => {
                for (name, _) in fields {
                    if !names.contains(name) {
                        names.push(name.clone());
                    }
                }
                objects.push(
                    fields.iter().map(|(name, field)| (name.clone(), field.to_vec())).collect::<Vec<_>>(),
                );
            }
            // The last one of a sample may be cut.
            Err(why) => fault = Some(why),
        }
        if objects.len() < JUDGED && names.len() <= MOST_NAMES {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    if objects.is_empty() || names.len() > MOST_NAMES {
        let why = fault.unwrap_or_else(|| format!("found one object with more than {MOST_NAMES} names"));
        return Err(Error::Input(format!(
            "{place}: {why}; expected a row an object, such as {{\"user\": 1, \"item\": 2, \"rating\": 4}}, one a line or \
             in an array (`jq -c '.ratings[]'` takes them out of a larger object)"
        )));
    }
    let nested = |(_, field): &&(String, Vec<u8>)| field == json::NESTED;
    let plain: Row =
        objects[0].iter().filter(|field| !nested(field)).map(|(name, _)| name.clone().into_bytes()).collect();
    if objects.len() == 1 && plain.len() < objects[0].len() && !columns::are_known(&plain) {
        let nested: Vec<String> =
            objects[0].iter().filter(nested).take(3).map(|(name, _)| format!("`{name}`")).collect();
        return Err(Error::Input(format!(
            "{place}: found one object with objects or arrays in it ({}), expected a row an object, one a line or in an \
             array (`jq -c '.ratings[]'` takes rows out of a larger object, `to_json(orient='records', lines=True)` of \
             pandas writes them)",
            nested.join(", ")
        )));
    }
    let row = |object: &Vec<(String, Vec<u8>)>| -> Row {
        let field = |name: &String| {
            object.iter().find(|(other, _)| other == name).map_or(Vec::new(), |(_, field)| field.clone())
        };
        names.iter().map(field).collect()
    };
    let mut rows: Vec<Row> = objects.iter().map(row).collect();
    let names: Row = names.iter().map(|name| name.clone().into_bytes()).collect();
    // Rows that are arrays have positions for names.
    let positions = (1..).zip(&names).all(|(at, name)| format!("{at}").as_bytes() == name);
    let found = if positions {
        let first = rows.remove(0);
        columns::resolve(&first, &rows, options, wanted, place)?
    } else {
        columns::of_names(&names, &rows, options, wanted, place)?
    };
    let dialect = Dialect::Json { lines };
    let Found { columns, header, reading, told, doubts } = found;
    let skip = if positions && header { header_end(text, dialect) } else { 0 };
    let layout =
        Layout { dialect, shape: Arc::new(Shape::Named(columns, names)), reading: Arc::new(reading) };
    Ok(Detected { layout, skip, words: dialect.describe(), told, doubts })
}

/// No row of JSON has more names.
const MOST_NAMES: usize = 1000;

/// Whether the first line is `item:`, with a comma or nothing in the next.
fn is_netflix(sample: &[u8]) -> bool {
    let mut lines = lines(sample).map(<[u8]>::trim_ascii_end);
    let first = lines.next().unwrap_or_default();
    let heading =
        first.len() > 1 && first.ends_with(b":") && !first.iter().any(|byte| b",;\t| ".contains(byte));
    heading && lines.next().is_none_or(|line| !line.contains(&b':') || line.ends_with(b":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn netflix_headings() {
        assert!(is_netflix(b"1:\r\n2,3,2005-09-06\n") && is_netflix(b"1:\n") && is_netflix(b"1:\n2:\n"));
        assert!(!is_netflix(b"user item:\n") && !is_netflix(b"1::2::3\n") && !is_netflix(b"1,2,3\n"));
    }
}
