//! Reads small files in one go.

use super::{header, open, quotes};
use crate::error::{Error, Result};
use std::io::Read;
use std::path::Path;

/// The unpacked content of a file.
pub(super) fn read_all(path: &Path) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    open::open(path)?.reader.read_to_end(&mut content).map_err(Error::read(path))?;
    Ok(content)
}

/// The ids of a file with one id a line, in order, with repetitions. A first line that is a usual name of a
/// column of ids, such as `user_id`, is a header. Quotes around an id are removed; blank lines are skipped.
///
/// # Errors
/// If the file cannot be read, or a quote in it never closes.
pub fn read_ids(path: &Path) -> Result<Vec<Vec<u8>>> {
    let content = read_all(path)?;
    let mut ids = Vec::new();
    let (mut rest, mut line) = (&content[..], 1);
    while !rest.is_empty() {
        // A line is one field: nothing but its end closes it.
        let end = quotes::first_record_end(rest, Some(b'\n')).unwrap_or(rest.len());
        let (record, after) = rest.split_at(end);
        let id = record.strip_suffix(b"\n").unwrap_or(record);
        let id = id.strip_suffix(b"\r").unwrap_or(id);
        if let Some(fault) = quotes::fault(record, b'\n') {
            return Err(Error::Input(format!("{}:{line}: {fault}", path.display())));
        }
        let header = line == 1 && header::names_ids(id.trim_ascii_end());
        if !id.is_empty() && !header {
            ids.push(unquoted(id));
        }
        line += memchr::memchr_iter(b'\n', record).count();
        rest = after;
    }
    Ok(ids)
}

/// A field without its quotes, if it has them.
fn unquoted(field: &[u8]) -> Vec<u8> {
    let Some(inner) = field.strip_prefix(b"\"").and_then(|field| field.strip_suffix(b"\"")) else {
        return field.to_vec();
    };
    let mut doubled = false;
    let once = |byte: &&u8| {
        doubled = **byte == b'"' && !doubled;
        **byte != b'"' || doubled
    };
    inner.iter().filter(once).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_come_off() {
        assert_eq!(unquoted(b"\"a\"\"b\"\"\"\"\""), b"a\"b\"\"");
        assert_eq!(unquoted(b"a\"b"), b"a\"b");
        assert_eq!(unquoted(b"\""), b"\"");
    }
}
