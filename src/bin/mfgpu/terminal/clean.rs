//! Makes control characters visible. A terminal would obey them: they move the cursor, change titles, ring, fake
//! lines, or show text in another order than it has.

use std::borrow::Cow;
use std::io::{self, Write};

/// A text as one line without control characters. They are shown as `\n`, `\x1b`, `\u{202e}`, so nothing is lost.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_obeyed) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    text.chars().for_each(|letter| show(letter, &mut shown));
    shown.into()
}

/// Whether a terminal may obey a character in place of showing it: those of C0 and C1, DEL, and the controls of
/// Unicode that break lines or turn the direction of writing.
fn is_obeyed(letter: char) -> bool {
    let turns = matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    letter.is_control() || turns || matches!(letter, '\u{2028}' | '\u{2029}')
}

fn show(letter: char, shown: &mut String) {
    match letter {
        '\n' => *shown += "\\n",
        '\r' => *shown += "\\r",
        '\t' => *shown += "\\t",
        letter if !is_obeyed(letter) => shown.push(letter),
        letter if letter.is_ascii() => *shown += &byte(letter as u8),
        letter => shown.extend(letter.escape_unicode()),
    }
}

fn byte(byte: u8) -> String {
    format!("\\x{byte:02x}")
}

/// Shows bytes as [`clean`] shows text, but for line ends, which are the writer's own. Bytes that are no UTF-8 are
/// shown as `\xff`.
pub(super) struct Cleaning<W: Write> {
    inner: W,
    /// The begin of a character whose end has not been written yet.
    begun: Vec<u8>,
}

impl<W: Write> Cleaning<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, begun: Vec::new() }
    }

    fn put(&mut self, bytes: &[u8], ended: bool) -> io::Result<()> {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let mut shown = String::with_capacity(all.len());
        let mut chunks = all.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            for letter in chunk.valid().chars() {
                if letter == '\n' { shown.push(letter) } else { show(letter, &mut shown) }
            }
            let last = chunks.peek().is_none() && !ended;
            if last && std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none()) {
                self.begun = chunk.invalid().to_vec();
            } else {
                shown.extend(chunk.invalid().iter().copied().map(byte));
            }
        }
        self.inner.write_all(shown.as_bytes())
    }
}

impl<W: Write> Write for Cleaning<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes, false).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.put(b"", true)?;
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character that is shown otherwise, by its number.
    #[test]
    fn no_control_character_is_left() {
        let shown = |letter: char| clean(&letter.to_string()).into_owned();
        let controls = (0..0x20).chain(0x7f..0xa0).chain([0x61c, 0x200e, 0x200f, 0x2028, 0x2029]);
        let controls: Vec<u32> = controls.chain(0x202a..=0x202e).chain(0x2066..=0x2069).collect();
        for number in (0..=0x10_ffff).filter(|number| char::from_u32(*number).is_some()) {
            let letter = char::from_u32(number).unwrap();
            assert_eq!(shown(letter) != letter.to_string(), controls.contains(&number), "{number:x}");
            assert!(!clean(&letter.to_string()).chars().any(is_obeyed), "{number:x}");
        }
        assert_eq!(
            clean("a\x1b]0;x\x07\n\r\t\u{9b}1m\u{7f}\u{202e}é\\"),
            "a\\x1b]0;x\\x07\\n\\r\\t\\u{9b}1m\\x7f\\u{202e}é\\"
        );
        assert!(matches!(clean("what is harmless, 日本 👩‍🚀"), Cow::Borrowed(_)));
    }

    /// The same, however the bytes are cut.
    #[test]
    fn a_writer_cleans_bytes() {
        let bytes =
            b"id\x1b[31m,\xc2\x9b2J \xe2\x80\xaex\xe2\x80\n\xff\x9b\x07\xc3\xa9\xf0\x9f\x91\xa9\n\xe2\x80";
        let expected = "id\\x1b[31m,\\u{9b}2J \\u{202e}x\\xe2\\x80\n\\xff\\x9b\\x07é👩\n\\xe2\\x80";
        for size in 1..=bytes.len() {
            let mut shown = Vec::new();
            let mut writer = Cleaning::new(&mut shown);
            bytes.chunks(size).for_each(|piece| writer.write_all(piece).unwrap());
            writer.flush().unwrap();
            assert_eq!(String::from_utf8(shown).unwrap(), expected, "pieces of {size}");
        }
    }
}
