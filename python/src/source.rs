//! Where ratings come from: files, or a table of another library.

use crate::capsule::stream_of;
use crate::ids::kind_of;
use arrow_array::RecordBatchReader;
use arrow_array::ffi_stream::RecordBatchStreamReader;
use mfgpu::input::{Progress, ReadOptions, ReadReport, read_ratings, read_table, read_timed_ratings};
use mfgpu::{Dataset, Result};
use pyo3::prelude::*;
use std::path::PathBuf;

/// Files, or a table.
pub(crate) enum Source {
    Files(Vec<PathBuf>),
    Table(RecordBatchStreamReader),
}

/// The columns of users and of items in a table: their names, and the types of their ids.
#[derive(Debug, Clone)]
pub(crate) struct IdColumns {
    pub(crate) names: [String; 2],
    pub(crate) kinds: [String; 2],
}

/// What was read.
pub(crate) struct Read {
    pub(crate) data: Dataset,
    pub(crate) report: ReadReport,
    /// The columns of ids; none of files, whose ids are text.
    pub(crate) ids: Option<IdColumns>,
}

impl<'py> FromPyObject<'_, 'py> for Source {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.hasattr("__arrow_c_stream__")? {
            return stream_of(&object).map(Self::Table);
        }
        object.extract().map(Self::Files)
    }
}

impl Source {
    /// Reads the ratings; messages call a table `name`. Times are read if `times` asks for them.
    pub(crate) fn read(
        self,
        name: &str,
        options: &ReadOptions,
        times: bool,
        progress: &mut Progress,
    ) -> Result<Read> {
        match self {
            Self::Files(paths) => {
                let read = if times { read_timed_ratings } else { read_ratings };
                let (data, report) = read(&paths, options, progress)?;
                Ok(Read { data, report, ids: None })
            }
            Self::Table(table) => {
                let schema = table.schema();
                let (data, report, names) = read_table(Box::new(table), name, options, times, progress)?;
                let kind = |name: &String| {
                    let field = schema.field_with_name(name);
                    field.map_or("str", |field| kind_of(field.data_type())).to_owned()
                };
                let kinds = names.each_ref().map(kind);
                Ok(Read { data, report, ids: Some(IdColumns { names, kinds }) })
            }
        }
    }
}
