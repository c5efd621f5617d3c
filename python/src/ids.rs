//! Ids from Python and back. The engine keeps an id as bytes, a number as its digits; Python gets them in the type
//! they had.

use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{ArrayRef, LargeBinaryArray, LargeStringArray, PrimitiveArray};
use arrow_schema::DataType;
use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use std::sync::Arc;

/// The bytes of many ids, one after another.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Ids {
    pub(crate) fn push(&mut self, id: &[u8]) {
        self.bytes.extend_from_slice(id);
        self.ends.push(self.bytes.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start..self.ends[at]]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|at| self.get(at))
    }

    pub(crate) fn to_vecs(&self) -> Vec<Vec<u8>> {
        self.iter().map(<[u8]>::to_vec).collect()
    }

    /// The ids of an array of whole numbers, or of a sequence of texts, numbers and bytes.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut ids = Self::default();
        if let Ok(numbers) = object.cast::<PyArray1<i64>>() {
            let mut digits = itoa::Buffer::new();
            let numbers = numbers.try_readonly()?;
            numbers.as_array().iter().for_each(|&number| ids.push(digits.format(number).as_bytes()));
            return Ok(ids);
        }
        for id in object.try_iter()? {
            let id = id?;
            if let Ok(text) = id.cast::<PyString>() {
                ids.push(text.to_str()?.as_bytes());
            } else if let Ok(bytes) = id.cast::<PyBytes>() {
                ids.push(bytes.as_bytes());
            } else if id.is_none() {
                return Err(PyTypeError::new_err("an id is None, expected a number, a text or bytes"));
            } else {
                ids.push(id.str()?.to_str()?.as_bytes());
            }
        }
        Ok(ids)
    }

    /// A column of the ids in a type. Where one does not fit the type, all are text.
    pub(crate) fn column(&self, kind: &str) -> ArrayRef {
        let numbers = match kind {
            "int8" => self.numbers::<Int8Type>(),
            "int16" => self.numbers::<Int16Type>(),
            "int32" => self.numbers::<Int32Type>(),
            "int64" => self.numbers::<Int64Type>(),
            "uint8" => self.numbers::<UInt8Type>(),
            "uint16" => self.numbers::<UInt16Type>(),
            "uint32" => self.numbers::<UInt32Type>(),
            "uint64" => self.numbers::<UInt64Type>(),
            "float32" => self.numbers::<Float32Type>(),
            "float64" => self.numbers::<Float64Type>(),
            _ => None,
        };
        if let Some(numbers) = numbers {
            return numbers;
        }
        let texts: Option<Vec<&str>> = match kind {
            "bytes" => None,
            _ => self.iter().map(|id| std::str::from_utf8(id).ok()).collect(),
        };
        match texts {
            Some(texts) => Arc::new(LargeStringArray::from_iter_values(texts)),
            None => Arc::new(LargeBinaryArray::from_iter_values(self.iter())),
        }
    }

    fn numbers<T: ArrowPrimitiveType>(&self) -> Option<ArrayRef>
    where
        T::Native: std::str::FromStr,
    {
        let number = |id| std::str::from_utf8(id).ok()?.parse::<T::Native>().ok();
        let numbers: Vec<T::Native> = self.iter().map(number).collect::<Option<_>>()?;
        Some(Arc::new(PrimitiveArray::<T>::from_iter_values(numbers)))
    }
}

/// The name of the type of ids in a column of a table.
pub(crate) fn kind_of(data: &DataType) -> &'static str {
    match data {
        DataType::Int8 => "int8",
        DataType::Int16 => "int16",
        DataType::Int32 => "int32",
        DataType::Int64 => "int64",
        DataType::UInt8 => "uint8",
        DataType::UInt16 => "uint16",
        DataType::UInt32 => "uint32",
        DataType::UInt64 => "uint64",
        DataType::Float32 => "float32",
        DataType::Float16 | DataType::Float64 => "float64",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "bytes",
        DataType::Dictionary(_, values) => kind_of(values),
        _ => "str",
    }
}
