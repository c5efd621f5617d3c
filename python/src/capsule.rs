//! The Arrow C data interface, and arrays that share memory with Python: all that is unsafe to write.
#![expect(unsafe_code, reason = "memory of others is taken by its address")]

use arrow_array::RecordBatchReader;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_buffer::{Buffer, ScalarBuffer};
use numpy::ndarray::ArrayView;
use numpy::{Element, Ix1, Ix2, PyArray, PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::ffi::CStr;
use std::panic::AssertUnwindSafe;
use std::ptr::NonNull;
use std::sync::Arc;

/// The name of capsules that hold a stream, by the interface of Arrow for capsules.
const STREAM: &CStr = c"arrow_array_stream";

/// Takes the stream out of an object that offers one.
pub(crate) fn stream_of(object: &Bound<'_, PyAny>) -> PyResult<RecordBatchStreamReader> {
    let capsule = object.call_method0("__arrow_c_stream__")?;
    let capsule = capsule.cast::<PyCapsule>()?;
    let stream = capsule.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: by the interface, a capsule of this name holds such a stream, and whoever takes the stream leaves an
    // empty one, which `from_raw` does. The capsule lives until the end of this function.
    unsafe { RecordBatchStreamReader::from_raw(stream.as_ptr()) }
        .map_err(|error| PyValueError::new_err(format!("the Arrow stream cannot be read: {error}")))
}

/// A capsule with the stream of a reader.
pub(crate) fn capsule_of<'py>(
    py: Python<'py>,
    reader: Box<dyn RecordBatchReader + Send>,
) -> PyResult<Bound<'py, PyCapsule>> {
    // A stream that nobody took is released with the capsule.
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), STREAM)
}

/// Keeps an object of Python alive as long as a buffer of it is.
struct Owner(#[expect(dead_code, reason = "it is held, not read")] AssertUnwindSafe<Py<PyAny>>);

/// The numbers of a contiguous array, which are not copied.
pub(crate) fn shared<T: Element + arrow_buffer::ArrowNativeType>(
    array: &Bound<'_, PyArray1<T>>,
) -> PyResult<ScalarBuffer<T>> {
    let numbers: PyReadonlyArray1<'_, T> = array.try_readonly()?;
    let numbers = numbers.as_slice()?;
    let (start, length) = (NonNull::from(numbers).cast::<u8>(), numbers.len());
    let owner = Arc::new(Owner(AssertUnwindSafe(array.as_any().clone().unbind())));
    // SAFETY: the memory is that of the slice, which the array owns, and `owner` keeps the array. As everywhere with
    // numpy, whoever writes to an array while another call reads it gets what they asked for.
    let buffer = unsafe { Buffer::from_custom_allocation(start, length * size_of::<T>(), owner) };
    Ok(ScalarBuffer::new(buffer, 0, length))
}

/// A read-only array with the numbers of a matrix, which belong to `owner` and are not copied.
pub(crate) fn matrix<'py>(
    owner: Bound<'py, PyAny>,
    numbers: &[f32],
    shape: [usize; 2],
) -> PyResult<Bound<'py, PyArray<f32, Ix2>>> {
    let view =
        ArrayView::from_shape(shape, numbers).map_err(|error| PyValueError::new_err(error.to_string()))?;
    // SAFETY: `owner` is immutable, owns the numbers, and is kept by the array as its base.
    let array = unsafe { PyArray::borrow_from_array(&view, owner) };
    array.readwrite().make_nonwriteable();
    Ok(array)
}

/// As [`matrix`], with one dimension.
pub(crate) fn vector<'py>(owner: Bound<'py, PyAny>, numbers: &[f32]) -> Bound<'py, PyArray<f32, Ix1>> {
    let view = ArrayView::from(numbers);
    // SAFETY: as in `matrix`.
    let array = unsafe { PyArray::borrow_from_array(&view, owner) };
    array.readwrite().make_nonwriteable();
    array
}
