//! Ids as users of the library have them: text, bytes or numbers.

use std::fmt;
use std::io::Write;

/// A value that can be the id of a user or an item. The library stores ids as bytes; a number is stored as
/// its decimal text, as in files.
pub trait Id {
    /// Appends the bytes of the id.
    fn append_to(&self, bytes: &mut Vec<u8>);

    /// The bytes of the id.
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.append_to(&mut bytes);
        bytes
    }
}

impl<T: Id + ?Sized> Id for &T {
    fn append_to(&self, bytes: &mut Vec<u8>) {
        (**self).append_to(bytes);
    }
}

/// Types that are bytes already.
macro_rules! bytes {
    ($($kind:ty),*) => {$(
        impl Id for $kind {
            fn append_to(&self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(self.as_ref());
            }
        }
    )*};
}

bytes!(str, String, [u8], Vec<u8>);

impl<const LENGTH: usize> Id for [u8; LENGTH] {
    fn append_to(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self);
    }
}

/// Types that are numbers.
macro_rules! numbers {
    ($($kind:ty),*) => {$(
        impl Id for $kind {
            fn append_to(&self, bytes: &mut Vec<u8>) {
                write!(bytes, "{self}").expect("memory takes it");
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

/// An id of a model or of a dataset. It is displayed as text, in which bytes that are not UTF-8 are replaced,
/// and it can be used wherever an [`Id`] is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdText<'a>(&'a [u8]);

impl<'a> IdText<'a> {
    /// The original bytes.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The text, if the bytes are UTF-8.
    pub fn as_str(self) -> Option<&'a str> {
        std::str::from_utf8(self.0).ok()
    }
}

impl<'a> From<&'a [u8]> for IdText<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for IdText<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&String::from_utf8_lossy(self.0))
    }
}

impl Id for IdText<'_> {
    fn append_to(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.0);
    }
}

impl PartialEq<&str> for IdText<'_> {
    fn eq(&self, text: &&str) -> bool {
        self.0 == text.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_bytes_and_numbers_are_ids() {
        assert_eq!("é".to_bytes(), "é".as_bytes());
        let all: [Vec<u8>; 7] = [
            "17".to_owned().to_bytes(),
            Id::to_bytes(&"17"),
            Id::to_bytes(b"17"),
            vec![b'1', b'7'].to_bytes(),
            17_u64.to_bytes(),
            Id::to_bytes(&17_usize),
            IdText::from(&b"17"[..]).to_bytes(),
        ];
        assert!(all.iter().all(|bytes| bytes == b"17"), "{all:?}");
        assert_eq!((-3_i64).to_bytes(), b"-3");
    }

    #[test]
    fn an_id_is_shown_as_text() {
        let id = IdText::from(&b"caf\xe9"[..]);
        assert_eq!((id.to_string(), id.as_str()), ("caf\u{fffd}".into(), None));
        assert!(IdText::from(&b"ann"[..]) == "ann");
        assert_eq!(format!("{:>5}", IdText::from(&b"ann"[..])), "  ann");
    }
}
