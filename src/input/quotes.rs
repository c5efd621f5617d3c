//! Where records end when fields may be quoted. The rules are those of the csv crate: a quote opens a field
//! only at its start, and is written twice inside. The csv crate accepts a quote that never closes, or that
//! closes before the end of its field. Both are found here, so that no row is misread in silence.

use memchr::{memchr, memrchr};

/// A quoted stretch of a text.
struct Stretch {
    start: usize,
    /// The position after the closing quote; `None` if the text ends first.
    end: Option<usize>,
    /// Whether something other than the end of the field follows.
    loose: bool,
}

/// The quoted stretches of a text that starts at the start of a record.
fn stretches(text: &[u8], delimiter: u8) -> impl Iterator<Item = Stretch> {
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
            let Some(at) = memchr(b'"', text.get(from..).unwrap_or_default()) else {
                from = text.len();
                return Some(Stretch { start, end: None, loose: false });
            };
            from += at + 1;
            if text.get(from) != Some(&b'"') {
                break from;
            }
            from += 1;
        };
        let loose = text.get(end).is_some_and(|&next| next != delimiter && next != b'\n' && next != b'\r');
        Some(Stretch { start, end: Some(end), loose })
    })
}

/// The stretches outside quotes, in order; `delimiter` is `None` if quotes mean nothing.
fn outside(text: &[u8], delimiter: Option<u8>) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut quoted = delimiter.map(|delimiter| stretches(text, delimiter));
    let mut from = Some(0);
    std::iter::from_fn(move || {
        let start = from?;
        let stretch = quoted.as_mut().and_then(Iterator::next);
        from = stretch.as_ref().and_then(|stretch| stretch.end);
        Some(start..stretch.map_or(text.len(), |stretch| stretch.start))
    })
}

/// The position after the line end of the last complete record. The text starts with a record.
pub(super) fn last_record_end(text: &[u8], delimiter: Option<u8>) -> Option<usize> {
    let delimiter = delimiter.filter(|_| memchr(b'"', text).is_some());
    outside(text, delimiter)
        .filter_map(|gap| memrchr(b'\n', &text[gap.clone()]).map(|at| gap.start + at + 1))
        .last()
}

/// The position after the line end of the first record.
pub(super) fn first_record_end(text: &[u8], delimiter: Option<u8>) -> Option<usize> {
    outside(text, delimiter).find_map(|gap| memchr(b'\n', &text[gap.clone()]).map(|at| gap.start + at + 1))
}

/// Whether a text that starts at the start of a record ends inside a quoted field.
pub(super) fn is_open(text: &[u8], delimiter: u8) -> bool {
    stretches(text, delimiter).any(|stretch| stretch.end.is_none())
}

/// The fault in the quotes of one record, if there is one.
pub(super) fn fault(record: &[u8], delimiter: u8) -> Option<&'static str> {
    stretches(record, delimiter).find_map(|stretch| match stretch {
        Stretch { end: None, .. } => Some("found a quote that is never closed, expected `\"` at the end of the field"),
        Stretch { loose: true, .. } => {
            Some("found text after a closing quote, expected a delimiter (a quote inside a quoted field is written twice)")
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_records() {
        let text = b"a,\"b\n\"\"x\",1\nc\"d,2\n\"e\nf";
        assert_eq!(last_record_end(text, Some(b',')), Some(18));
        assert_eq!(first_record_end(text, Some(b',')), Some(12));
        assert_eq!(last_record_end(text, None), Some(21));
        assert_eq!(first_record_end(text, None), Some(5));
        assert_eq!(last_record_end(b"\"a\nb\n", Some(b',')), None);
        assert_eq!(last_record_end(b"", Some(b',')), None);
    }

    #[test]
    fn faults() {
        for fine in ["a,b\n", "\"a\",\"b\"\"\"\r\n", "a\"b,c\"\n", "\"\",\"\""] {
            assert_eq!(fault(fine.as_bytes(), b','), None, "{fine}");
        }
        for bad in ["\"a,b\n", "\"a\"b,c\n", "a,\"b\" ,c"] {
            assert!(fault(bad.as_bytes(), b',').is_some(), "{bad}");
        }
    }
}
