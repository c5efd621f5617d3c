//! Tables for Python: Arrow in memory, filled by the engine or made of arrays.

use crate::capsule::{capsule_of, shared};
use crate::ids::Ids;
use arrow_array::builder::{
    BooleanBuilder, Float32Builder, Float64Builder, LargeBinaryBuilder, LargeStringBuilder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMillisecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray, RecordBatch, RecordBatchIterator,
};
use arrow_schema::{DataType, Field as ArrowField, Schema};
use mfgpu::output::{Column, Field, Kind, Table as Output};
use mfgpu::{Error, Result};
use numpy::{Element, PyArray1, PyArrayMethods};
use pyo3::exceptions::{PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyList, PyString};
use std::sync::Arc;

/// A table of columns, which other libraries read through `__arrow_c_stream__` without a copy.
#[pyclass(frozen, module = "mfgpu._mfgpu")]
pub(crate) struct Table {
    pub(crate) batch: RecordBatch,
}

#[pymethods]
impl Table {
    /// A table of columns of one length: arrays of numbers, which are not copied, or lists of texts, numbers, bytes
    /// and None. Of columns marked as times the numbers are milliseconds since 1970.
    #[staticmethod]
    fn of(columns: Vec<(String, Bound<'_, PyAny>, bool)>) -> PyResult<Self> {
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for (name, column, is_time) in columns {
            let array = array_of(&column, is_time)?;
            fields.push(ArrowField::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays);
        Ok(Self { batch: batch.map_err(|error| PyValueError::new_err(error.to_string()))? })
    }

    /// The number of rows.
    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    /// The names of the columns.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.batch.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// A column: an array of numbers, or a list of texts.
    fn column<'py>(&self, py: Python<'py>, at: usize) -> PyResult<Bound<'py, PyAny>> {
        if at >= self.batch.num_columns() {
            return Err(PyIndexError::new_err(format!("column {at} of {}", self.batch.num_columns())));
        }
        values(py, self.batch.column(at))
    }

    /// The rows from `start`, `count` of them at most.
    fn slice(&self, start: usize, count: usize) -> Self {
        let start = start.min(self.batch.num_rows());
        Self { batch: self.batch.slice(start, count.min(self.batch.num_rows() - start)) }
    }

    /// The Arrow stream of the table; a requested schema is not looked at.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        let reader = RecordBatchIterator::new([Ok(self.batch.clone())], self.batch.schema());
        capsule_of(py, Box::new(reader))
    }
}

/// Numbers of numpy as a column.
fn numbers<T: ArrowPrimitiveType>(column: &Bound<'_, PyAny>) -> Option<PyResult<ArrayRef>>
where
    T::Native: Element,
{
    let array = column.cast::<PyArray1<T::Native>>().ok()?;
    Some(shared(array).map(|numbers| Arc::new(PrimitiveArray::<T>::new(numbers, None)) as ArrayRef))
}

fn array_of(column: &Bound<'_, PyAny>, is_time: bool) -> PyResult<ArrayRef> {
    let kinds = [
        numbers::<Int8Type>,
        numbers::<Int16Type>,
        numbers::<Int32Type>,
        numbers::<Int64Type>,
        numbers::<UInt8Type>,
        numbers::<UInt16Type>,
        numbers::<UInt32Type>,
        numbers::<UInt64Type>,
        numbers::<Float32Type>,
        numbers::<Float64Type>,
    ];
    if is_time && let Some(times) = numbers::<TimestampMillisecondType>(column) {
        return times;
    }
    if let Some(array) = kinds.iter().find_map(|kind| kind(column)) {
        return array;
    }
    if let Ok(flags) = column.cast::<PyArray1<bool>>() {
        let flags: BooleanArray = flags.try_readonly()?.as_array().iter().map(|&flag| Some(flag)).collect();
        return Ok(Arc::new(flags));
    }
    let Ok(list) = column.cast::<PyList>() else {
        let found = column.get_type();
        return Err(PyTypeError::new_err(format!("a column is a {found}, expected an array or a list")));
    };
    texts_of(list)
}

/// Texts and numbers as a column of text, or of bytes where there are some; None is a blank.
fn texts_of(list: &Bound<'_, PyList>) -> PyResult<ArrayRef> {
    if list.iter().any(|value| value.is_instance_of::<PyBytes>()) {
        let mut all = LargeBinaryBuilder::new();
        for value in list.iter() {
            match value.cast::<PyBytes>() {
                Ok(bytes) => all.append_value(bytes.as_bytes()),
                Err(_) if value.is_none() => all.append_null(),
                Err(_) => all.append_value(value.str()?.to_str()?),
            }
        }
        return Ok(Arc::new(all.finish()));
    }
    let mut all = LargeStringBuilder::new();
    for value in list.iter() {
        match value.cast::<PyString>() {
            Ok(text) => all.append_value(text.to_str()?),
            Err(_) if value.is_none() => all.append_null(),
            Err(_) => all.append_value(value.str()?.to_str()?),
        }
    }
    Ok(Arc::new(all.finish()))
}

/// A column for Python.
fn values<'py>(py: Python<'py>, column: &ArrayRef) -> PyResult<Bound<'py, PyAny>> {
    fn numbers<'py, T: ArrowPrimitiveType>(py: Python<'py>, column: &ArrayRef) -> Bound<'py, PyAny>
    where
        T::Native: Element,
    {
        PyArray1::from_slice(py, column.as_primitive::<T>().values()).into_any()
    }
    Ok(match column.data_type() {
        DataType::Int8 => numbers::<Int8Type>(py, column),
        DataType::Int16 => numbers::<Int16Type>(py, column),
        DataType::Int32 => numbers::<Int32Type>(py, column),
        DataType::Int64 => numbers::<Int64Type>(py, column),
        DataType::UInt8 => numbers::<UInt8Type>(py, column),
        DataType::UInt16 => numbers::<UInt16Type>(py, column),
        DataType::UInt32 => numbers::<UInt32Type>(py, column),
        DataType::UInt64 => numbers::<UInt64Type>(py, column),
        DataType::Float32 if column.null_count() > 0 => {
            let numbers = column.as_primitive::<Float32Type>().iter();
            PyArray1::from_iter(py, numbers.map(|number| number.unwrap_or(f32::NAN))).into_any()
        }
        DataType::Float32 => numbers::<Float32Type>(py, column),
        DataType::Float64 => numbers::<Float64Type>(py, column),
        DataType::Boolean => {
            let flags = column.as_boolean().iter();
            PyArray1::from_iter(py, flags.map(Option::unwrap_or_default)).into_any()
        }
        DataType::LargeUtf8 => PyList::new(py, column.as_string::<i64>().iter())?.into_any(),
        DataType::LargeBinary => {
            let bytes = column.as_binary::<i64>().iter();
            PyList::new(py, bytes.map(|bytes| bytes.map(|bytes| PyBytes::new(py, bytes))))?.into_any()
        }
        other => return Err(PyTypeError::new_err(format!("a column of {other}"))),
    })
}

/// The types of ids of users and of items.
#[derive(Debug, Clone)]
pub(crate) struct Kinds(pub(crate) String, pub(crate) String);

/// A column that is filled.
enum Cells {
    Ids(String, Ids),
    Texts(LargeStringBuilder),
    Counts(Vec<i64>),
    Numbers(Float32Builder),
    Doubles(Float64Builder),
    Flags(BooleanBuilder),
}

/// A table that the engine fills.
pub(crate) struct Filled {
    kinds: Kinds,
    names: Vec<String>,
    columns: Vec<Cells>,
}

impl Filled {
    /// An empty table whose columns of ids are of these types.
    pub(crate) fn new(kinds: Kinds) -> Self {
        Self { kinds, names: Vec::new(), columns: Vec::new() }
    }

    /// The table.
    pub(crate) fn done(self) -> Result<Table> {
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for (name, cells) in self.names.into_iter().zip(self.columns) {
            let array: ArrayRef = match cells {
                Cells::Ids(kind, ids) => ids.column(&kind),
                Cells::Texts(mut texts) => Arc::new(texts.finish()),
                Cells::Counts(counts) => Arc::new(PrimitiveArray::<Int64Type>::from(counts)),
                Cells::Numbers(mut numbers) => Arc::new(numbers.finish()),
                Cells::Doubles(mut numbers) => Arc::new(numbers.finish()),
                Cells::Flags(mut flags) => Arc::new(flags.finish()),
            };
            fields.push(ArrowField::new(name, array.data_type().clone(), array.null_count() > 0));
            arrays.push(array);
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays);
        Ok(Table { batch: batch.map_err(|error| Error::Bug(error.to_string()))? })
    }
}

impl Output for Filled {
    fn header(&mut self, columns: &[Column]) -> Result<()> {
        for column in columns {
            let name = String::from_utf8_lossy(column.name).into_owned();
            self.columns.push(match (column.kind, name.as_str()) {
                // Lists of what is similar have ids of one side alone, for which both kinds stand.
                (Kind::Bytes, "user" | "id" | "other") => Cells::Ids(self.kinds.0.clone(), Ids::default()),
                (Kind::Bytes, "item") => Cells::Ids(self.kinds.1.clone(), Ids::default()),
                (Kind::Bytes, _) => Cells::Texts(LargeStringBuilder::new()),
                (Kind::Count, _) => Cells::Counts(Vec::new()),
                (Kind::Number, _) => Cells::Numbers(Float32Builder::new()),
                (Kind::Double, _) => Cells::Doubles(Float64Builder::new()),
                (Kind::Flag, _) => Cells::Flags(BooleanBuilder::new()),
            });
            self.names.push(name);
        }
        Ok(())
    }

    fn row(&mut self, fields: &[Field]) -> Result<()> {
        for (cells, field) in self.columns.iter_mut().zip(fields) {
            match (cells, field) {
                (Cells::Ids(_, ids), Field::Bytes(id)) => ids.push(id),
                (Cells::Texts(texts), Field::Bytes(text)) => {
                    texts.append_value(String::from_utf8_lossy(text));
                }
                (Cells::Texts(texts), _) => texts.append_null(),
                (Cells::Counts(counts), Field::Count(count)) => counts.push(count.cast_signed()),
                (Cells::Numbers(numbers), Field::Number(number)) => numbers.append_value(*number),
                (Cells::Numbers(numbers), _) => numbers.append_null(),
                (Cells::Doubles(numbers), Field::Double(number)) => numbers.append_value(*number),
                (Cells::Doubles(numbers), _) => numbers.append_null(),
                (Cells::Flags(flags), Field::Flag(flag)) => flags.append_value(*flag),
                (Cells::Flags(flags), _) => flags.append_null(),
                (Cells::Ids(..) | Cells::Counts(_), field) => {
                    return Err(Error::Bug(format!("{field:?} in a column of another kind")));
                }
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
