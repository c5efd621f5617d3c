//! Tables as Apache Parquet: typed columns, a row group a batch.

use crate::error::{Error, Result};
use crate::files::Sink;
use crate::output::batch::{Batch, Cells, text};
use crate::output::blocks::{Blocks, Encoding};
use crate::output::{Column, Kind, Table};
use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::column::writer::{
    ColumnCloseResult, ColumnWriter, get_column_writer, get_typed_column_writer_mut as typed,
};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{ColumnPath, SchemaDescriptor, Type};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A parquet file. Ids and titles are strings, counts `INT64`, ratings `FLOAT`, metrics `DOUBLE`, flags
/// `BOOLEAN`.
pub(super) struct Parquet<'a> {
    path: PathBuf,
    zstd: bool,
    state: State<'a>,
}

enum State<'a> {
    Opened(Sink<'a>),
    Begun(SerializedFileWriter<Sink<'a>>),
    /// Between the two.
    Failed,
}

/// A table that goes to a sink, its pages packed with zstd or snappy.
#[expect(clippy::unnecessary_wraps, reason = "a build without parquet refuses")]
pub(super) fn table<'a>(sink: Sink<'a>, zstd: bool) -> Result<Box<dyn Table + 'a>> {
    let path = sink.path().to_owned();
    Ok(Box::new(Blocks::with(Parquet { path, zstd, state: State::Opened(sink) })))
}

/// The columns, and how they are packed.
pub(super) struct Plan {
    schema: SchemaDescriptor,
    properties: WriterPropertiesPtr,
}

impl Encoding for Parquet<'_> {
    type Plan = Plan;
    /// The pages of each column.
    type Part = Vec<(Bytes, ColumnCloseResult)>;

    const BATCH: usize = 8 << 20;

    fn begin(&mut self, columns: &[Column]) -> Result<Plan> {
        let schema = Arc::new(schema(columns)?);
        let properties = Arc::new(properties(columns, self.zstd)?);
        let State::Opened(sink) = std::mem::replace(&mut self.state, State::Failed) else {
            return Err(Error::Bug("two headers".into()));
        };
        let writer = SerializedFileWriter::new(sink, Arc::clone(&schema), Arc::clone(&properties));
        self.state = State::Begun(writer.map_err(|error| failed(&self.path, error))?);
        Ok(Plan { schema: SchemaDescriptor::new(schema), properties })
    }

    fn encode(plan: &Plan, batch: &Batch) -> Result<Self::Part> {
        let column = |(at, (cells, missing)): (usize, (&Cells, &[usize]))| {
            let descriptor = plan.schema.column(at);
            let levels = (descriptor.max_def_level() > 0).then(|| {
                let mut levels = vec![1_i16; batch.rows()];
                missing.iter().for_each(|&row| levels[row] = 0);
                levels
            });
            let mut pages = TrackedWrite::new(Vec::new());
            let mut writer = get_column_writer(
                descriptor,
                Arc::clone(&plan.properties),
                Box::new(SerializedPageWriter::new(&mut pages)),
            );
            write(&mut writer, cells, missing, levels.as_deref())?;
            let closed = writer.close().map_err(bug)?;
            Ok((pages.into_inner().map_err(bug)?.into(), closed))
        };
        batch.columns().enumerate().map(column).collect()
    }

    fn append(&mut self, part: Self::Part) -> Result<()> {
        let State::Begun(writer) = &mut self.state else {
            return Err(Error::Bug("rows before the header".into()));
        };
        let add = || -> Result<(), ParquetError> {
            let mut group = writer.next_row_group()?;
            for (pages, closed) in part {
                group.append_column(&pages, closed)?;
            }
            group.close()?;
            Ok(())
        };
        add().map_err(|error| failed(&self.path, error))
    }

    fn end(self) -> Result<()> {
        let State::Begun(writer) = self.state else { return Err(Error::Bug("no header".into())) };
        writer.into_inner().map_err(|error| failed(&self.path, error))?.commit()
    }
}

fn schema(columns: &[Column]) -> Result<Type> {
    let field = |column: &Column| {
        let physical = match column.kind {
            Kind::Bytes => Physical::BYTE_ARRAY,
            Kind::Count => Physical::INT64,
            Kind::Number => Physical::FLOAT,
            Kind::Double => Physical::DOUBLE,
            Kind::Flag => Physical::BOOLEAN,
        };
        let name = text(column.name, "parquet").map_err(Error::Usage)?;
        Type::primitive_type_builder(name, physical)
            .with_repetition(if column.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED })
            .with_logical_type((column.kind == Kind::Bytes).then_some(LogicalType::String))
            .build()
            .map(Arc::new)
            .map_err(bug)
    };
    let fields = columns.iter().map(field).collect::<Result<_>>()?;
    Type::group_type_builder("table").with_fields(fields).build().map_err(bug)
}

/// Numbers hardly repeat, so they have no dictionary; ids do.
fn properties(columns: &[Column], zstd: bool) -> Result<WriterProperties> {
    let level = ZstdLevel::try_new(3).map_err(bug)?;
    let compression = if zstd { Compression::ZSTD(level) } else { Compression::SNAPPY };
    let created_by = concat!("mfgpu version ", env!("CARGO_PKG_VERSION")).to_owned();
    let mut properties = WriterProperties::builder().set_compression(compression).set_created_by(created_by);
    for column in columns.iter().filter(|column| matches!(column.kind, Kind::Number | Kind::Double)) {
        let name = text(column.name, "parquet").map_err(Error::Usage)?;
        properties = properties.set_column_dictionary_enabled(ColumnPath::new(vec![name.into()]), false);
    }
    Ok(properties.build())
}

/// Writes the cells of a column that are not missing.
fn write(writer: &mut ColumnWriter, cells: &Cells, missing: &[usize], levels: Option<&[i16]>) -> Result<()> {
    match cells {
        Cells::Bytes(arena, ends) => {
            let whole = ByteArray::from(arena.clone());
            let mut start = 0;
            let mut strings = Vec::with_capacity(ends.len());
            for &end in ends {
                text(&arena[start..end], "parquet").map_err(Error::Usage)?;
                strings.push(whole.slice(start, end - start));
                start = end;
            }
            put::<ByteArrayType>(writer, &present(strings, missing), levels)
        }
        Cells::Counts(counts) => {
            let counts = counts.iter().map(|&count| count.cast_signed()).collect();
            put::<Int64Type>(writer, &present(counts, missing), levels)
        }
        Cells::Numbers(numbers) => put::<FloatType>(writer, &present(numbers.clone(), missing), levels),
        Cells::Doubles(doubles) => put::<DoubleType>(writer, &present(doubles.clone(), missing), levels),
        Cells::Flags(flags) => put::<BoolType>(writer, &present(flags.clone(), missing), levels),
    }
}

fn put<T: DataType>(writer: &mut ColumnWriter, cells: &[T::T], levels: Option<&[i16]>) -> Result<()> {
    typed::<T>(writer).write_batch(cells, levels, None).map(drop).map_err(bug)
}

/// The cells whose rows are not among `missing`, which ascend.
fn present<T>(cells: Vec<T>, missing: &[usize]) -> Vec<T> {
    if missing.is_empty() {
        return cells;
    }
    let there = |(row, cell)| missing.binary_search(&row).is_err().then_some(cell);
    cells.into_iter().enumerate().filter_map(there).collect()
}

/// The error for a file that cannot be written.
fn failed(path: &Path, error: ParquetError) -> Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => Error::write(path)(*error),
            Err(other) => Error::write(path)(io::Error::other(other.to_string())),
        },
        other => Error::write(path)(io::Error::other(other.to_string())),
    }
}

/// The error for calls that cannot fail.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn bug(error: ParquetError) -> Error {
    Error::Bug(format!("parquet: {error}"))
}
