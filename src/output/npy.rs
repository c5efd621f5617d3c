//! Numpy arrays in files: their header and their numbers.

use super::batch::finite;
use crate::Result;
use std::borrow::Cow;

/// The number format of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// `float32`.
    #[default]
    Single,
    /// `float16`: three digits, half the size.
    Half,
}

impl Precision {
    /// Every precision.
    pub const ALL: [Self; 2] = [Self::Single, Self::Half];

    /// The name in flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "f32",
            Self::Half => "f16",
        }
    }

    /// The largest number that it can hold.
    pub fn largest(self) -> f32 {
        match self {
            Self::Single => f32::MAX,
            Self::Half => half::f16::MAX.to_f32(),
        }
    }

    /// Bytes of a number.
    pub(super) fn bytes(self) -> u64 {
        match self {
            Self::Single => 4,
            Self::Half => 2,
        }
    }
}

/// Numbers as little-endian bytes, as in files.
///
/// # Errors
/// [`Error::Bug`](crate::Error::Bug) for a number that is infinite or none.
pub(super) fn little_endian(values: &[f32]) -> Result<Cow<'_, [u8]>> {
    finite(values.iter().map(|&value| value.into()))?;
    Ok(if cfg!(target_endian = "little") {
        bytemuck::cast_slice(values).into()
    } else {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    })
}

/// Version 1.0 of the format: magic, length, a Python literal, blanks up to a multiple of 64 bytes.
pub(super) fn header(shape: &[usize], precision: Precision) -> Vec<u8> {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    let literal = format!(
        "{{'descr': '<f{}', 'fortran_order': False, 'shape': ({}{comma}), }}",
        precision.bytes(),
        sizes.join(", ")
    );
    let length = (10 + literal.len() + 1).next_multiple_of(64) - 10;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((length as u16).to_le_bytes());
    bytes.extend(literal.bytes());
    bytes.resize(10 + length - 1, b' ');
    bytes.push(b'\n');
    bytes
}
