//! Numbers as plain bytes in a stream, for `#[serde(with = ..)]`: fast, exact, and without overhead. They are
//! in the machine's byte order.

use bytemuck::Pod;
use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serializer};
use serde_bytes::Bytes;
use std::fmt;
use std::marker::PhantomData;

/// Bytes in a piece: some formats limit a piece to 4 GiB.
const PIECE: usize = 1 << 26;

/// Writes `numbers` piece by piece.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<T: Pod, S: Serializer>(numbers: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    let pieces = bytemuck::cast_slice::<T, u8>(numbers).chunks(PIECE);
    let mut sequence = serializer.serialize_seq(Some(pieces.len()))?;
    for piece in pieces {
        sequence.serialize_element(Bytes::new(piece))?;
    }
    sequence.end()
}

/// Reads what [`serialize`] wrote.
///
/// # Errors
/// Those of the deserializer, and an error when the bytes are not whole numbers.
pub fn deserialize<'de, T: Pod, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(Pieces(PhantomData))
}

struct Pieces<T>(PhantomData<T>);

impl<'de, T: Pod> Visitor<'de> for Pieces<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("pieces of bytes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pieces: A) -> Result<Vec<T>, A::Error> {
        let mut numbers = Vec::new();
        while let Some(piece) = pieces.next_element::<Piece<'de>>()? {
            let bytes = piece.0.as_ref();
            if bytes.len() % size_of::<T>() != 0 {
                return Err(A::Error::custom(format!("{} bytes are no whole numbers", bytes.len())));
            }
            numbers.reserve_exact(bytes.len() / size_of::<T>());
            numbers.extend(bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned::<T>));
        }
        Ok(numbers)
    }
}

/// Bytes that are borrowed where possible.
struct Piece<'a>(std::borrow::Cow<'a, [u8]>);

impl<'de> Deserialize<'de> for Piece<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Piece<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("bytes")
            }
            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Piece<'de>, E> {
                Ok(Piece(bytes.into()))
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Piece<'de>, E> {
                Ok(Piece(bytes.into()))
            }
        }
        deserializer.deserialize_bytes(Any)
    }
}
