//! Where records end when fields may be quoted. The rules are those of the csv crate: a quote opens a field
//! only at its start, and is written twice inside. The csv crate accepts a quote that never closes, or that
//! closes before the end of its field. Both are found here, so that no row is misread in silence. Where quotes
//! are escaped, a backslash inside a quoted field takes the meaning from the byte after it.

use crate::input::layout::Quoting;
use memchr::{memchr, memchr2, memrchr};

/// A quoted stretch of a text.
struct Stretch {
    start: usize,
    /// The position after the closing quote; `None` if the text ends first.
    end: Option<usize>,
    /// Whether something other than the end of the field follows.
    loose: bool,
}

/// The quoted stretches of a text that starts at the start of a record.
fn stretches(text: &[u8], Quoting { delimiter, escaped }: Quoting) -> impl Iterator<Item = Stretch> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = loop {
            let at = from + memchr(b'"', text.get(from..)?)?;
            if at == 0 || text[at - 1] == delimiter || text[at - 1] == b'\n' {
                break at;
            }
            from = at + 1;
        };
        from = start + 1;
        let end = loop {
            let rest = text.get(from..).unwrap_or_default();
            let Some(at) = (if escaped { memchr2(b'"', b'\\', rest) } else { memchr(b'"', rest) }) else {
                from = text.len();
                return Some(Stretch { start, end: None, loose: false });
            };
            from += at + 1;
            if rest[at] == b'\\' {
                from += 1;
                continue;
            }
            if text.get(from) != Some(&b'"') {
                break from;
            }
            from += 1;
        };
        let loose = text.get(end).is_some_and(|&next| next != delimiter && next != b'\n' && next != b'\r');
        Some(Stretch { start, end: Some(end), loose })
    })
}

/// The stretches outside quotes, in order; `quoting` is `None` if quotes mean nothing.
fn outside(text: &[u8], quoting: Option<Quoting>) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut quoted = quoting.map(|quoting| stretches(text, quoting));
    let mut from = Some(0);
    std::iter::from_fn(move || {
        let start = from?;
        let stretch = quoted.as_mut().and_then(Iterator::next);
        from = stretch.as_ref().and_then(|stretch| stretch.end);
        Some(start..stretch.map_or(text.len(), |stretch| stretch.start))
    })
}

/// The position after the line end of the last complete record. The text starts with a record.
pub(in crate::input) fn last_record_end(text: &[u8], quoting: Option<Quoting>) -> Option<usize> {
    let quoting = quoting.filter(|_| memchr(b'"', text).is_some());
    outside(text, quoting)
        .filter_map(|gap| memrchr(b'\n', &text[gap.clone()]).map(|at| gap.start + at + 1))
        .last()
}

/// The position after the line end of the first record.
pub(in crate::input) fn first_record_end(text: &[u8], quoting: Option<Quoting>) -> Option<usize> {
    outside(text, quoting).find_map(|gap| memchr(b'\n', &text[gap.clone()]).map(|at| gap.start + at + 1))
}

/// Whether a text that starts at the start of a record ends inside a quoted field.
pub(in crate::input) fn is_open(text: &[u8], quoting: Quoting) -> bool {
    stretches(text, quoting).any(|stretch| stretch.end.is_none())
}

/// The fault in the quotes of one record, if there is one.
pub(in crate::input) fn fault(record: &[u8], quoting: Quoting) -> Option<&'static str> {
    stretches(record, quoting).find_map(|stretch| match stretch {
        Stretch { end: None, .. } => Some("found a quote that is never closed, expected `\"` at the end of the field"),
        Stretch { loose: true, .. } => {
            Some("found text after a closing quote, expected a delimiter (a quote inside a quoted field is written twice, or has a backslash before it in all of the file)")
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Quoting = Quoting { delimiter: b',', escaped: false };
    const COMMA: Option<Quoting> = Some(PLAIN);

    #[test]
    fn ends_of_records() {
        let text = b"a,\"b\n\"\"x\",1\nc\"d,2\n\"e\nf";
        assert_eq!(last_record_end(text, COMMA), Some(18));
        assert_eq!(first_record_end(text, COMMA), Some(12));
        assert_eq!(last_record_end(text, None), Some(21));
        assert_eq!(first_record_end(text, None), Some(5));
        assert_eq!(last_record_end(b"\"a\nb\n", COMMA), None);
        assert_eq!(last_record_end(b"", COMMA), None);
    }

    #[test]
    fn faults() {
        for fine in ["a,b\n", "\"a\",\"b\"\"\"\r\n", "a\"b,c\"\n", "\"\",\"\""] {
            assert_eq!(fault(fine.as_bytes(), PLAIN), None, "{fine}");
        }
        for bad in ["\"a,b\n", "\"a\"b,c\n", "a,\"b\" ,c"] {
            assert!(fault(bad.as_bytes(), PLAIN).is_some(), "{bad}");
        }
    }

    #[test]
    fn escaped_quotes() {
        let escaped = Quoting { delimiter: b',', escaped: true };
        let text = b"\"O\\\"Neil\n\\\\\",2\nb,3\n";
        assert_eq!(first_record_end(text, Some(escaped)), Some(15));
        assert_eq!(fault(&text[..15], escaped), None);
        assert!(fault(b"\"O\\\"Neil\",2\n", PLAIN).is_some());
        assert!(is_open(b"\"a\\\"\n", escaped));
    }
}
