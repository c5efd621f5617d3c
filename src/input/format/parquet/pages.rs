//! Checks the pages of a column before the parquet crate decodes them. The crate allocates memory for as many
//! values as a page declares, however few bytes the page has.

use super::thrift;
use bytes::{Buf, Bytes};
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

type Result<T> = std::result::Result<T, ParquetError>;

/// Bytes that may be allocated for a page, however few bytes it has.
const ALLOWANCE: u64 = 16 << 20;

/// The most bytes that a byte of delta-encoded numbers may become, if they are more than [`ALLOWANCE`] in all:
/// somewhat more than the usual blocks reach with equal steps. Pages with other blocks have far fewer numbers
/// than [`ALLOWANCE`] allows.
const NUMBERS: u64 = 128;

/// The most bytes of text that a byte of a page may become, if they are more than [`ALLOWANCE`] in all and each
/// text may share its beginning with the one before.
const TEXT: u64 = 128;

/// The most bytes that a compressed byte may become, if they are more than [`ALLOWANCE`] in all: somewhat more
/// than the format allows, or, if the format has no bound, than equal numbers reach.
fn most_unpacked(codec: Compression) -> u64 {
    match codec {
        // Nothing is allocated for it.
        Compression::UNCOMPRESSED => u64::MAX,
        Compression::SNAPPY => 64,
        Compression::GZIP(_) => 1100,
        _ => 1 << 15,
    }
}

/// Fails if `made` bytes cannot come from `bytes` bytes, of which each becomes at most `most`.
fn plausible(made: u64, bytes: u64, most: u64) -> Result<()> {
    let most = bytes.saturating_mul(most).max(ALLOWANCE);
    if made <= most { Ok(()) } else { Err(nonsense("a page that would be too large")) }
}

fn nonsense(what: &str) -> ParquetError {
    ParquetError::General(what.into())
}

/// The bytes of a column in a row group.
pub(super) struct Chunk {
    /// Where they start in the file.
    pub(super) start: u64,
    pub(super) bytes: Bytes,
    pub(super) codec: Compression,
}

impl Chunk {
    /// The bytes from a position of the file on.
    fn from(&self, start: u64) -> Result<Bytes> {
        let at = start.checked_sub(self.start).filter(|&at| at <= self.bytes.len() as u64);
        at.map(|at| self.bytes.slice(at as usize..))
            .ok_or_else(|| ParquetError::EOF("a page outside of its column".into()))
    }
}

impl Length for Chunk {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Chunk {
    type T = bytes::buf::Reader<Bytes>;

    /// Called at the start of a page that the crate has not read yet, so the sizes in its header are checked
    /// here.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        let bytes = self.from(start)?;
        let sizes = thrift::page_sizes(&bytes)?;
        if sizes.packed > bytes.len() as u64 {
            return Err(ParquetError::EOF("a page that goes on behind its column".into()));
        }
        plausible(sizes.unpacked, sizes.packed, most_unpacked(self.codec))?;
        Ok(bytes.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let bytes = self.from(start)?;
        if length > bytes.len() {
            return Err(ParquetError::EOF("a page that goes on behind its column".into()));
        }
        Ok(bytes.slice(..length))
    }
}

/// The pages of a column, whose largest definition level is `max_level`.
pub(super) struct Pages {
    pub(super) pages: SerializedPageReader<Chunk>,
    pub(super) max_level: u16,
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        page.as_ref().map_or(Ok(()), |page| check(page, self.max_level))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }
}

/// Fails if a page declares more values than its bytes can hold.
fn check(page: &Page, max_level: u16) -> Result<()> {
    let (bytes, count) = (page.buffer(), page.num_values() as usize);
    let values = match page {
        // Each value takes at least a byte.
        Page::DictionaryPage { .. } if count > bytes.len() => {
            return Err(nonsense("a dictionary of more values than bytes"));
        }
        Page::DictionaryPage { .. } => return Ok(()),
        Page::DataPage { .. } if max_level == 0 => Some(&bytes[..]),
        Page::DataPage { def_level_encoding: Encoding::RLE, .. } => {
            bytes.split_first_chunk().and_then(|(size, rest)| rest.get(u32::from_le_bytes(*size) as usize..))
        }
        Page::DataPage { .. } => {
            let bits = (u16::BITS - max_level.leading_zeros()) as usize;
            bytes.get((count * bits).div_ceil(8)..)
        }
        Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } => {
            bytes.get(*def_levels_byte_len as usize + *rep_levels_byte_len as usize..)
        }
    };
    let values = values.ok_or_else(|| nonsense("levels that go on behind their page"))?;
    let (mut deltas, count) = (Deltas { left: values }, count as u64);
    match page.encoding() {
        Encoding::DELTA_BINARY_PACKED | Encoding::DELTA_LENGTH_BYTE_ARRAY => deltas.list(count, None),
        Encoding::DELTA_BYTE_ARRAY => {
            // For each text, the length that it shares with the one before, and the length of the rest.
            let (mut same, mut rest) = (Vec::new(), Vec::new());
            deltas.list(count, Some(&mut same))?;
            deltas.list(count, Some(&mut rest))?;
            let length =
                |(&same, &rest): (&i64, &i64)| same.max(0).unsigned_abs() + rest.max(0).unsigned_abs();
            let text = same.iter().zip(&rest).map(length).fold(0, u64::saturating_add);
            plausible(text, values.len() as u64, TEXT)
        }
        _ => Ok(()),
    }
}

/// Delta-encoded numbers, in blocks of miniblocks of equal size:
/// <https://parquet.apache.org/docs/file-format/data-pages/encodings/#delta-encoding-delta_binary_packed--5>.
struct Deltas<'a> {
    left: &'a [u8],
}

impl Deltas<'_> {
    /// Skips a list of at most `most` numbers; appends them to `numbers`, if given.
    fn list(&mut self, most: u64, mut numbers: Option<&mut Vec<i64>>) -> Result<()> {
        let short = || ParquetError::EOF("a page that ends within its numbers".into());
        let (whole, header) = (self.left, [(); 4].map(|()| thrift::varint(&mut self.left)));
        let [Some(block), Some(miniblocks), Some(count), Some(first)] = header else { return Err(short()) };
        if count > most {
            return Err(nonsense("a page of more numbers than values"));
        }
        plausible(count.saturating_mul(size_of::<i32>() as u64), whole.len() as u64, NUMBERS)?;
        let size = block.checked_div(miniblocks).filter(|&size| size > 0);
        let size = size.ok_or_else(|| nonsense("blocks without numbers"))?;
        if let Some(numbers) = &mut numbers {
            numbers.push(thrift::signed(first));
        }
        let mut steps = count.saturating_sub(1);
        while steps > 0 {
            self.block((miniblocks, size), &mut steps, numbers.as_deref_mut()).ok_or_else(short)?;
        }
        Ok(())
    }

    /// Skips a block of `miniblocks` miniblocks of `size` steps each; the last block may have fewer.
    fn block(
        &mut self,
        (miniblocks, size): (u64, u64),
        steps: &mut u64,
        mut numbers: Option<&mut Vec<i64>>,
    ) -> Option<()> {
        let least = thrift::signed(thrift::varint(&mut self.left)?);
        let (widths, mut left) = self.left.split_at_checked(usize::try_from(miniblocks).ok()?)?;
        for &width in widths.iter().take(usize::try_from(steps.div_ceil(size)).ok()?) {
            let bytes = |steps: u64| usize::try_from(steps.checked_mul(width.into())?.div_ceil(8)).ok();
            // The last miniblock may end with its last step.
            let here = size.min(*steps);
            let own = left.get(..bytes(here)?)?;
            if let Some(numbers) = &mut numbers {
                let mut last = numbers.last().copied()?;
                for step in 0..here as usize {
                    last = last.wrapping_add(least).wrapping_add(bits(own, step * usize::from(width), width));
                    numbers.push(last);
                }
            }
            left = left.get(bytes(size)?..).unwrap_or_default();
            *steps -= here;
        }
        self.left = left;
        Some(())
    }
}

/// The number in the `width` bits from bit `start` on, the lowest first.
fn bits(bytes: &[u8], start: usize, width: u8) -> i64 {
    let bit = |at: usize| i64::from((bytes[at / 8] >> (at % 8)) & 1);
    (0..usize::from(width.min(64))).fold(0, |sum, at| sum | (bit(start + at) << at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(encoding: Encoding, bytes: &[u8], num_values: u32) -> Page {
        Page::DataPage {
            buf: Bytes::copy_from_slice(bytes),
            num_values,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        }
    }

    /// The header of a list of so many numbers in blocks of 128, in four parts.
    fn list(count: u64) -> Vec<u8> {
        let mut bytes = vec![0x80, 1, 4];
        let mut left = count;
        while left >= 0x80 {
            bytes.push(left as u8 | 0x80);
            left >>= 7;
        }
        bytes.extend([left as u8, 0]);
        bytes
    }

    #[test]
    fn lists_of_numbers_are_no_longer_than_pages() {
        let packed = Encoding::DELTA_BINARY_PACKED;
        assert!(check(&data(packed, &list(1), 1), 0).is_ok());
        assert!(check(&data(packed, &list(3), 2), 0).is_err());
        // 130 numbers: a block with all widths zero, and one with a miniblock of two bits.
        let two = |last: usize| [list(130), vec![0, 0, 0, 0, 0], vec![0, 2, 0, 0, 0], vec![0; last]].concat();
        assert!([1, 8, 9].iter().all(|&last| check(&data(packed, &two(last), 130), 0).is_ok()));
        assert!(check(&data(packed, &two(0), 130), 0).is_err());
        // After levels.
        let levels = [&[2, 0, 0, 0, 9, 9][..], &list(1)].concat();
        assert!(check(&data(packed, &levels, 1), 1).is_ok());
        assert!(check(&data(packed, &[200, 0, 0, 0, 9, 9], 1), 1).is_err());
        // Numbers come out as they went in: 7, then steps of -1 and of 0 to 3 more than that.
        let mut numbers = Vec::new();
        let packed_steps = [&[0x80, 1, 4, 5, 14, 1, 2, 0, 0, 0, 0b11_10_01_00][..], &[0; 7]].concat();
        Deltas { left: &packed_steps }.list(5, Some(&mut numbers)).unwrap();
        assert_eq!(numbers, [7, 6, 6, 7, 9]);
        // Both lists of such texts are looked at.
        let strings = Encoding::DELTA_BYTE_ARRAY;
        assert!(check(&data(strings, &[list(1), list(1)].concat(), 1), 0).is_ok());
        assert!(check(&data(strings, &[list(1), list(9)].concat(), 1), 0).is_err());
    }

    #[test]
    fn texts_that_begin_as_the_one_before_are_not_endless() {
        let strings = Encoding::DELTA_BYTE_ARRAY;
        // Lists of 129 numbers whose steps are all equal: the shared lengths, from 0 up, and the lengths of
        // the rest.
        let equal = |first: u8, step: u8| [&list(129)[..5], &[first, step, 0, 0, 0, 0]].concat();
        // 129 lengths of 1 to 129 bytes.
        assert!(check(&data(strings, &[equal(0, 2), equal(2, 0)].concat(), 129), 0).is_ok());
        // The shared lengths go up by 2^27.
        let long = [&list(129)[..5], &[0, 0x80, 0x80, 0x80, 0x80, 1, 0, 0, 0, 0]].concat();
        assert!(check(&data(strings, &[long, equal(2, 0)].concat(), 129), 0).is_err());
    }

    #[test]
    fn a_few_bytes_are_not_billions_of_values() {
        let many = u32::MAX >> 1;
        assert!(check(&data(Encoding::DELTA_LENGTH_BYTE_ARRAY, &list(many.into()), many), 0).is_err());
        // No blocks, no numbers in a block, no end.
        for bytes in [&[0, 0, 9, 0][..], &[0, 4, 9, 0], &[0x80, 1, 4, 9, 0], &[0x80; 20]] {
            assert!(check(&data(Encoding::DELTA_BINARY_PACKED, bytes, 9), 0).is_err(), "{bytes:?}");
        }
        let dictionary = |num_values| Page::DictionaryPage {
            buf: Bytes::from_static(&[0; 8]),
            num_values,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        assert!(check(&dictionary(8), 0).is_ok() && check(&dictionary(9), 0).is_err());
        assert!(plausible(ALLOWANCE, 1, 9).is_ok() && plausible(ALLOWANCE + 1, 1, 9).is_err());
        assert!(plausible(1 << 31, 1 << 21, 1 << 10).is_ok() && plausible(u64::MAX, u64::MAX, 2).is_ok());
    }
}
