//! The layout of the Netflix Prize: an `item:` line, then a `user,rating,date` line for each of its ratings.

use super::lines::lines;
use crate::input::rows::Rows;
use crate::input::value::time::is_written;
use memchr::{memrchr, memrchr_iter};

/// Reads the rows of a text that starts at line `line`; those before its first `item:` line belong to `item`.
/// Lists of pairs may lack the rating, or the rating and the date.
pub(super) fn parse<'t>(text: &'t [u8], line: u64, mut item: Option<&'t [u8]>, rows: &mut Rows) {
    for (line, row) in (line..).zip(lines(text)) {
        if row.trim_ascii().is_empty() || row == b"\x1a" {
            continue;
        }
        if let Some(id) = heading(row) {
            item = Some(id);
            continue;
        }
        let mut fields = row.split(|&byte| byte == b',');
        let (user, mut rating, mut date) = (fields.next().unwrap_or_default(), fields.next(), fields.next());
        let extra = fields.next();
        if !rows.needs_values() && date.is_none() && rating.is_some_and(is_written) {
            date = rating.take();
        }
        let flow = match (item, rating) {
            (None, _) => {
                rows.refuse(line, "found a rating, expected an `item:` line before the first".into())
            }
            (Some(_), _) if extra.is_some() => {
                rows.refuse(line, "found more than 3 columns, expected `user,rating,date`".into())
            }
            (Some(_), None) if rows.needs_values() => {
                rows.refuse(line, "found 1 column, expected `user,rating,date`".into())
            }
            (Some(item), rating) => {
                rows.accept(line, user, item, rating, rows.wants_times().then(|| date.unwrap_or_default()))
            }
        };
        if flow.is_break() {
            return;
        }
    }
}

/// The item of an `item:` line.
fn heading(line: &[u8]) -> Option<&[u8]> {
    line.strip_suffix(b":").filter(|item| !item.contains(&b','))
}

/// The item whose ratings continue after `text`, if `text` names one.
pub(in crate::input) fn last_item(text: &[u8]) -> Option<&[u8]> {
    memrchr_iter(b':', text).find_map(|at| {
        let rest = &text[at + 1..];
        let ends = rest.is_empty() || rest.starts_with(b"\n") || rest.starts_with(b"\r\n");
        let start = memrchr(b'\n', &text[..at]).map_or(0, |before| before + 1);
        heading(&text[start..=at]).filter(|_| ends)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_item() {
        assert_eq!(last_item(b"1:\n2,3,4\n12:\r\n5,6,7\n"), Some(&b"12"[..]));
        assert_eq!(last_item(b"x:1,2,3\n4,5,6\n"), None);
        assert_eq!(last_item(b""), None);
    }
}
