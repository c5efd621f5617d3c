//! Text in UTF-16, as UTF-8.

use encoding_rs::{CoderResult, Decoder, Encoding};
use std::io::{self, Read};

/// How many bytes are read at a time.
const PART: usize = 1 << 16;

/// Decodes what it reads. What is no text becomes the character that stands for such.
pub(super) struct Decoded<Inner> {
    inner: Inner,
    decoder: Decoder,
    packed: Vec<u8>,
    text: Vec<u8>,
    /// How much of `text` was returned.
    from: usize,
    ended: bool,
}

impl<Inner: Read> Decoded<Inner> {
    /// A text that begins with a byte order mark.
    pub(super) fn new(inner: Inner, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { inner, decoder, packed: vec![0; PART], text: Vec::new(), from: 0, ended: false }
    }

    /// Decodes the next part.
    fn fill(&mut self) -> io::Result<()> {
        let count = self.inner.read(&mut self.packed)?;
        self.ended = count == 0;
        self.text.resize(self.decoder.max_utf8_buffer_length(count).unwrap_or(4 * PART), 0);
        self.from = 0;
        let (result, _, written, _) =
            self.decoder.decode_to_utf8(&self.packed[..count], &mut self.text, self.ended);
        debug_assert_eq!(result, CoderResult::InputEmpty, "there is room for all");
        self.text.truncate(written);
        Ok(())
    }
}

impl<Inner: Read> Read for Decoded<Inner> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.from == self.text.len() && !self.ended {
            self.fill()?;
        }
        let count = (&self.text[self.from..]).read(buffer)?;
        self.from += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{UTF_16BE, UTF_16LE};

    #[test]
    fn both_orders() {
        let text = "user\titem\u{1F600}\n".repeat(PART / 16);
        let units: Vec<u16> = std::iter::once(0xfeff).chain(text.encode_utf16()).collect();
        let bytes =
            |order: fn(u16) -> [u8; 2]| units.iter().flat_map(|&unit| order(unit)).collect::<Vec<u8>>();
        for (encoding, bytes) in [(UTF_16LE, bytes(u16::to_le_bytes)), (UTF_16BE, bytes(u16::to_be_bytes))] {
            let mut found = String::new();
            Decoded::new(&bytes[..], encoding).read_to_string(&mut found).unwrap();
            assert!(found == text);
        }
    }
}
