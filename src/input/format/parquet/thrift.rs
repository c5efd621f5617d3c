//! Validates a file's Thrift metadata before the parquet crate reads it. The crate trusts declared types, and
//! skips a list of flags without reading a byte of it, so a few bytes could make it loop for billions of
//! steps. The check makes sure that every field has the type of its number, and that every listed value takes
//! bytes.
//!
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>,
//! <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>

use parquet::errors::ParquetError;

/// The deepest nesting of values.
const DEPTH: u8 = 48;

/// The fields of a struct by their numbers; fields that are not listed may have any type.
type Fields = &'static [(i16, Kind)];

/// The type of a field.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Flag,
    Byte,
    /// An integer of 16, 32 or 64 bits, which are written alike.
    Integer,
    Double,
    Bytes,
    List(&'static Kind),
    Struct(Fields),
}

use Kind::{Byte, Bytes, Double, Flag, Integer, List, Struct};

/// The metadata at the end of a file.
const FILE: Fields = &[
    (1, Integer),
    (2, List(&Struct(SCHEMA_ELEMENT))),
    (3, Integer),
    (4, List(&Struct(ROW_GROUP))),
    (5, List(&Struct(KEY_VALUE))),
    (6, Bytes),
    (7, List(&Struct(&[(1, EMPTY), (2, EMPTY), (3, EMPTY)]))),
];

/// The header of a page.
const PAGE: Fields = &[
    (1, Integer),
    (2, Integer),
    (3, Integer),
    (4, Integer),
    (5, Struct(&[(1, Integer), (2, Integer), (3, Integer), (4, Integer), (5, Struct(STATISTICS))])),
    (6, EMPTY),
    (7, Struct(&[(1, Integer), (2, Integer), (3, Flag)])),
    (8, Struct(DATA_PAGE_V2)),
];

const EMPTY: Kind = Struct(&[]);

const SCHEMA_ELEMENT: Fields = &[
    (1, Integer),
    (2, Integer),
    (3, Integer),
    (4, Bytes),
    (5, Integer),
    (6, Integer),
    (7, Integer),
    (8, Integer),
    (9, Integer),
    (10, Struct(LOGICAL_TYPE)),
];

const LOGICAL_TYPE: Fields = &[
    (1, EMPTY),
    (2, EMPTY),
    (3, EMPTY),
    (4, EMPTY),
    (5, Struct(&[(1, Integer), (2, Integer)])),
    (6, EMPTY),
    (7, Struct(TIME)),
    (8, Struct(TIME)),
    (10, Struct(&[(1, Byte), (2, Flag)])),
    (11, EMPTY),
    (12, EMPTY),
    (13, EMPTY),
    (14, EMPTY),
    (15, EMPTY),
    (16, Struct(&[(1, Byte)])),
    (17, Struct(&[(1, Bytes)])),
    (18, Struct(&[(1, Bytes), (2, Integer)])),
    (19, EMPTY),
];

const TIME: Fields = &[(1, Flag), (2, Struct(&[(1, EMPTY), (2, EMPTY), (3, EMPTY)]))];

const ROW_GROUP: Fields = &[
    (1, List(&Struct(COLUMN_CHUNK))),
    (2, Integer),
    (3, Integer),
    (4, List(&Struct(&[(1, Integer), (2, Flag), (3, Flag)]))),
    (5, Integer),
    (6, Integer),
    (7, Integer),
];

const COLUMN_CHUNK: Fields =
    &[(1, Bytes), (2, Integer), (3, Struct(COLUMN)), (4, Integer), (5, Integer), (6, Integer), (7, Integer)];

const COLUMN: Fields = &[
    (1, Integer),
    (2, List(&Integer)),
    (3, List(&Bytes)),
    (4, Integer),
    (5, Integer),
    (6, Integer),
    (7, Integer),
    (8, List(&Struct(KEY_VALUE))),
    (9, Integer),
    (10, Integer),
    (11, Integer),
    (12, Struct(STATISTICS)),
    (13, List(&Struct(&[(1, Integer), (2, Integer), (3, Integer)]))),
    (14, Integer),
    (15, Integer),
    (16, Struct(&[(1, Integer), (2, List(&Integer)), (3, List(&Integer))])),
    (17, Struct(&[(1, Struct(BOX)), (2, List(&Integer))])),
];

const BOX: Fields =
    &[(1, Double), (2, Double), (3, Double), (4, Double), (5, Double), (6, Double), (7, Double), (8, Double)];

const STATISTICS: Fields = &[
    (1, Bytes),
    (2, Bytes),
    (3, Integer),
    (4, Integer),
    (5, Bytes),
    (6, Bytes),
    (7, Flag),
    (8, Flag),
    (9, Integer),
];

const DATA_PAGE_V2: Fields = &[
    (1, Integer),
    (2, Integer),
    (3, Integer),
    (4, Integer),
    (5, Integer),
    (6, Integer),
    (7, Flag),
    (8, Struct(STATISTICS)),
];

const KEY_VALUE: Fields = &[(1, Bytes), (2, Bytes)];

/// The sizes that a page declares, in bytes: in the file, and decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PageSizes {
    pub(super) unpacked: u64,
    pub(super) packed: u64,
}

/// Fails if these bytes are not the metadata of a file.
pub(super) fn check_file(bytes: &[u8]) -> Result<(), ParquetError> {
    walk(bytes, FILE).map(drop)
}

/// The sizes of the page whose header begins here; fails if none does.
pub(super) fn page_sizes(bytes: &[u8]) -> Result<PageSizes, ParquetError> {
    walk(bytes, PAGE)
}

/// Fails unless bytes begin with a struct of these fields.
fn walk(bytes: &[u8], fields: Fields) -> Result<PageSizes, ParquetError> {
    let damaged = || ParquetError::General("its thrift is damaged".into());
    let mut walk = Walk { left: bytes, sizes: PageSizes::default() };
    walk.fields(fields, DEPTH).ok_or_else(damaged)?;
    Ok(walk.sizes)
}

/// Takes a number of seven bits a byte, the lowest first, off the front.
pub(super) fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, left) = bytes.split_first()?;
        *bytes = left;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// A number whose lowest bit is its sign.
pub(super) fn signed(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// The bytes that are still to be checked. Invalid ones give `None`.
struct Walk<'a> {
    left: &'a [u8],
    /// The sizes in the outermost struct, if it is the header of a page.
    sizes: PageSizes,
}

impl Walk<'_> {
    fn skip(&mut self, bytes: u64) -> Option<()> {
        self.left = self.left.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, left) = self.left.split_first()?;
        self.left = left;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        varint(&mut self.left)
    }

    fn fields(&mut self, known: Fields, depth: u8) -> Option<()> {
        let mut number = 0_i16;
        loop {
            let header = self.byte()?;
            if header % 16 == 0 {
                return Some(());
            }
            number = match header >> 4 {
                0 => self.varint().map(|number| signed(number) as i16)?,
                step => number.checked_add(step.into())?,
            };
            let kind = known.iter().find(|field| field.0 == number).map(|field| field.1);
            let value = self.left;
            self.value(header % 16, kind, depth)?;
            // The sign is the lowest bit; a negative size is refused later.
            let size = |mut value| varint(&mut value).map_or(0, |size| size >> 1);
            match (depth, number) {
                (DEPTH, 2) => self.sizes.unpacked = size(value),
                (DEPTH, 3) => self.sizes.packed = size(value),
                _ => {}
            }
        }
    }

    /// Skips a value of the type `wire`; fails if that is not the expected kind.
    fn value(&mut self, wire: u8, kind: Option<Kind>, depth: u8) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match (wire, kind) {
            // In a struct, the type of a flag is its value.
            (1 | 2, None | Some(Flag)) => Some(()),
            (3, None | Some(Byte)) => self.skip(1),
            (4..=6, None | Some(Integer)) => self.varint().map(drop),
            // Some writers write all numbers alike; the crate reads a byte.
            (4..=6, Some(Byte)) => self.byte().filter(|&byte| byte < 0x80).map(drop),
            (7, None | Some(Double)) => self.skip(8),
            (8, None | Some(Bytes)) => self.varint().and_then(|length| self.skip(length)),
            (9 | 10, None) => self.list(None, depth),
            (9, Some(List(kind))) => self.list(Some(*kind), depth),
            (11, None) => self.map(depth),
            (12, None) => self.fields(&[], depth),
            (12, Some(Struct(fields))) => self.fields(fields, depth),
            (13, None) => self.skip(16),
            _ => None,
        }
    }

    fn list(&mut self, kind: Option<Kind>, depth: u8) -> Option<()> {
        let header = self.byte()?;
        let count = if header >> 4 == 15 { self.varint()? } else { (header >> 4).into() };
        (0..count).try_for_each(|_| self.listed(header % 16, kind, depth))
    }

    fn map(&mut self, depth: u8) -> Option<()> {
        let count = self.varint()?;
        let kinds = if count > 0 { self.byte()? } else { 0 };
        (0..count).try_for_each(|_| {
            self.listed(kinds >> 4, None, depth)?;
            self.listed(kinds % 16, None, depth)
        })
    }

    /// Skips a value in a list. No field of the format is a list of flags.
    fn listed(&mut self, wire: u8, kind: Option<Kind>, depth: u8) -> Option<()> {
        if matches!(wire, 1 | 2) { None } else { self.value(wire, kind, depth) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether bytes behind those of a first field, which is number 3 of a file, are taken.
    fn takes(bytes: &[u8]) -> bool {
        check_file(&[&[0x36, 2], bytes].concat()).is_ok()
    }

    #[test]
    fn fields_are_what_they_should_be() {
        assert!(takes(&[0]) && !takes(&[]));
        // Number 6 is bytes, however its number is written.
        assert!(takes(&[0x38, 2, 7, 7, 0]) && takes(&[0x08, 12, 2, 7, 7, 0]) && !takes(&[0x38, 2, 7]));
        assert!(!takes(&[0x36, 4, 0]) && !takes(&[0x08, 12, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]));
        // The schema: a list of structs with a name.
        assert!(check_file(&[0x29, 0x1c, 0x48, 1, b'a', 0, 0]).is_ok());
        assert!(check_file(&[0x29, 0x1c, 0x45, 1, 0, 0]).is_err());
        assert!(check_file(&[0x29, 0x15, 1, 0]).is_err());
    }

    #[test]
    fn unknown_fields_may_be_anything_that_takes_bytes() {
        // Number 13: a list of two integers, a set of bytes, a map, an identifier of 16 bytes, a struct, a
        // double, a byte.
        for value in [
            [&[0xa9][..], &[0x25, 1, 2]].concat(),
            [&[0xaa][..], &[0x18, 1, 9]].concat(),
            [&[0xab][..], &[1, 0x58, 3, 1, 4]].concat(),
            [&[0xab][..], &[0]].concat(),
            [&[0xad][..], &[5; 16]].concat(),
            [&[0xac][..], &[0x11, 0x15, 4, 0]].concat(),
            [&[0xa7][..], &[5; 8]].concat(),
            [&[0xa3][..], &[5]].concat(),
        ] {
            assert!(takes(&[&value[..], &[0]].concat()), "{value:?}");
            assert!(!takes(&value), "{value:?}");
        }
        // Lists of flags, short and long, and maps of them.
        let long = [0xf1, 0xff, 0xff, 0xff, 0xff, 7];
        assert!(takes(&[0xa9, 0x01, 0]) && !takes(&[0xa9, 0x11, 1, 0]));
        assert!(!takes(&[&[0xa9][..], &long, &[0]].concat()));
        assert!(!takes(&[0xab, 0xff, 0xff, 0xff, 0xff, 7, 0x11, 0]));
    }

    #[test]
    fn sizes_of_a_page() {
        let page = [0x15, 0, 0x15, 0xc0, 0x84, 0x3d, 0x15, 200, 1, 0x2c, 0x15, 8, 0, 0, 99];
        assert_eq!(page_sizes(&page).unwrap(), PageSizes { unpacked: 500_000, packed: 100 });
        assert!(page_sizes(&page[..13]).is_err());
    }

    #[test]
    fn neither_deep_nor_endless() {
        let deep = |levels: usize| [vec![0xac; 1], vec![0x1c; levels], vec![0; levels + 2]].concat();
        assert!(takes(&deep(40)) && !takes(&deep(60)) && !takes(&deep(1_000_000)));
        // A number of eleven bytes.
        assert!(!takes(&[&[0xa6][..], &[0x80; 10], &[0, 0]].concat()));
        // Many lists of as many lists, each with nothing in it, end with the bytes.
        let lists = [&[0xa9, 0xf9, 0xff, 0xff, 3][..], &[0x09; 1000]].concat();
        assert!(!takes(&lists));
    }
}
