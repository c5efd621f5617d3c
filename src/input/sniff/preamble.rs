//! What comes before the first row: comments, a line for a spreadsheet, the banner of a matrix.

use super::beginning::Beginning;
use super::delimiter::{head, named};
use crate::error::{Error, Result};
use crate::input::format::lines;
use crate::input::layout::{Dialect, Row};
use crate::input::options::Format;

const BANNER: &[u8] = b"%%MatrixMarket";

/// What comes before the first row.
#[derive(Debug, Default)]
pub(super) struct Preamble {
    pub(super) bytes: usize,
    /// What a line for a spreadsheet names: `sep=;`.
    pub(super) delimiter: Option<Dialect>,
    /// The matrix that follows.
    pub(super) matrix: Option<Matrix>,
    /// The comments without their marks.
    comments: Vec<Vec<u8>>,
    pub(super) words: String,
}

/// A matrix of coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Matrix {
    /// Whether each has a value.
    pub(super) values: bool,
}

impl Preamble {
    /// The preamble of a text.
    pub(super) fn of(text: Beginning, format: Format) -> Result<Self> {
        let mut preamble = Self::default();
        if text.sample.starts_with(BANNER) && matches!(format, Format::Auto | Format::Mtx) {
            preamble.matrix(text)?;
            return Ok(preamble);
        }
        let mut rest = text.sample;
        while lines(rest).next().is_some_and(|line| line.trim_ascii().is_empty()) {
            rest = after_line(rest);
        }
        if let Some(delimiter) = lines(rest).next().and_then(separator) {
            preamble.delimiter = Some(named(delimiter));
            preamble.words = "a line `sep=`".into();
            rest = after_line(rest);
        }
        let mut comments = Vec::new();
        let mut at = rest;
        while let Some(line) = lines(at).next() {
            match comment(line) {
                Some(comment) => comments.push(comment.to_vec()),
                None if line.trim_ascii().is_empty() => {}
                None => break,
            }
            at = after_line(at);
        }
        // If nothing follows, these are rows whose ids begin with such a mark.
        if !comments.is_empty() && !at.is_empty() {
            let plural = if comments.len() == 1 { "" } else { "s" };
            preamble.words = format!("{} line{plural} of comments", comments.len());
            preamble.comments = comments;
            rest = at;
        }
        preamble.bytes = text.sample.len() - rest.len();
        Ok(preamble)
    }

    /// The names of columns that the last comment with so many holds.
    pub(super) fn names(&self, dialect: Dialect, width: usize) -> Option<Row> {
        let rows = self.comments.iter().rev().filter_map(|comment| head(comment, dialect, 1).pop());
        rows.into_iter().find(|row| row.len() == width)
    }

    /// Reads the banner, the comments and the size of a matrix.
    fn matrix(&mut self, text: Beginning) -> Result<()> {
        let fault = |at: usize, found: &str, expected: &str| {
            Err(Error::Input(format!("{}: found {found}, expected {expected}", text.place(at))))
        };
        let banner = String::from_utf8_lossy(lines(text.sample).next().unwrap_or_default()).to_lowercase();
        let words: Vec<&str> = banner.split_ascii_whitespace().skip(1).collect();
        let values = match words[..] {
            ["matrix", "coordinate", "real" | "integer" | "unsigned-integer", "general"] => true,
            ["matrix", "coordinate", "pattern", "general"] => false,
            ["matrix", "array", ..] => {
                return fault(0, "a dense matrix", "one of coordinates (`matrix coordinate`)");
            }
            _ => {
                let expected = "`matrix coordinate`, `real`, `integer` or `pattern`, and `general`";
                return fault(0, &format!("a matrix of `{}`", words.join(" ")), expected);
            }
        };
        let mut rest = after_line(text.sample);
        while lines(rest).next().is_some_and(|line| line.starts_with(b"%") || line.trim_ascii().is_empty()) {
            rest = after_line(rest);
        }
        let at = text.sample.len() - rest.len();
        let size = lines(rest).next().unwrap_or_default();
        let numbers = size.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        if numbers.clone().count() != 3 || !numbers.clone().all(|word| word.iter().all(u8::is_ascii_digit)) {
            return fault(at, "no size of the matrix", "its numbers of rows, columns and entries");
        }
        self.bytes = text.sample.len() - after_line(rest).len();
        self.matrix = Some(Matrix { values });
        Ok(())
    }
}

/// The text after its first line.
fn after_line(text: &[u8]) -> &[u8] {
    memchr::memchr(b'\n', text).map_or(&[], |end| &text[end + 1..])
}

/// The text of a comment.
fn comment(line: &[u8]) -> Option<&[u8]> {
    let marks = line.iter().take_while(|byte| matches!(byte, b'#' | b'%')).count();
    (marks > 0).then(|| line[marks..].trim_ascii())
}

/// The delimiter that a line for a spreadsheet names.
fn separator(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_start().strip_suffix(b"\"").unwrap_or(line);
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    match line.split_at_checked(4)? {
        (word, [delimiter]) if word.eq_ignore_ascii_case(b"sep=") => Some(*delimiter),
        (word, b"\\t") if word.eq_ignore_ascii_case(b"sep=") => Some(b'\t'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn preamble(text: &str) -> Result<Preamble> {
        Preamble::of(Beginning { sample: text.as_bytes(), path: Path::new("f"), line: 1 }, Format::Auto)
    }

    #[test]
    fn comments_and_spreadsheets() {
        let found = |text: &str| preamble(text).unwrap().bytes;
        assert_eq!(found("a,b,c\n"), 0);
        assert_eq!(found("  \n\na,b,c\n"), 4);
        assert_eq!(found("# a\n\n% b\n1 2 3\n"), 9);
        assert_eq!(found("#a,b,3\n#b,c,4\n"), 0, "ids that begin with a mark");
        let spreadsheet = preamble("sep=;\r\na;b;c\n").unwrap();
        assert_eq!((spreadsheet.bytes, spreadsheet.delimiter), (7, Some(named(b';'))));
        assert_eq!(preamble("\"sep=,\"\na,b\n").unwrap().delimiter, Some(named(b',')));
        let names = preamble("# made by hand\n# item user score\n1 2 3\n").unwrap();
        let expected: Row = ["item", "user", "score"].map(|name| name.as_bytes().to_vec()).into();
        assert_eq!(names.names(named(b' '), 3), Some(expected));
        assert_eq!(names.names(named(b' '), 4), None);
    }

    #[test]
    fn matrices() {
        let found =
            preamble("%%MatrixMarket matrix coordinate real general\n% by hand\n2 3 1\n1 3 4\n").unwrap();
        assert_eq!((found.bytes, found.matrix), (62, Some(Matrix { values: true })));
        let pattern = preamble("%%MatrixMarket matrix coordinate pattern general\n2 3 1\n1 3\n").unwrap();
        assert_eq!(pattern.matrix, Some(Matrix { values: false }));
        for (bad, expected) in [
            ("%%MatrixMarket matrix array real general\n2 3\n", "f:1: found a dense matrix"),
            (
                "%%MatrixMarket matrix coordinate real symmetric\n",
                "f:1: found a matrix of `matrix coordinate real symmetric`",
            ),
            ("%%MatrixMarket matrix coordinate real general\n%\n1 2\n", "f:3: found no size"),
        ] {
            let error = preamble(bad).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
