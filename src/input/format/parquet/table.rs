//! A parquet file: its metadata, and the bytes of its columns.

use super::column::{BATCH, Column};
use super::fault::{checked, damaged};
use super::kind::Kind;
use super::pages::{Chunk, Pages};
use super::thrift;
use crate::error::{Error, Result};
use crate::files::File;
use crate::input::format::cell::{Cell, Cells};
use parquet::column::reader::get_column_reader;
use parquet::errors::ParquetError;
use parquet::file::metadata::{FooterTail, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::schema::types::ColumnDescPtr;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of the last two fields of a file: the length of the metadata, and a magic number.
const TAIL: u64 = 8;

/// A file, with the metadata that lists its columns and row groups.
#[derive(Debug)]
pub(super) struct Table {
    path: PathBuf,
    /// The file as it was when its metadata was read.
    file: File,
    metadata: ParquetMetaData,
}

impl Table {
    /// Reads the metadata at the end of a file; also returns the length of the file.
    pub(super) fn open(path: &Path) -> Result<(Self, u64)> {
        let mut file = File::open(path).map_err(Error::read(path))?;
        let bytes = file.metadata().map_err(Error::read(path))?.len();
        let metadata = checked(|| {
            let end = end_of(&mut file, bytes)?;
            thrift::check_file(&end)?;
            ParquetMetaDataReader::decode_metadata(&end)
        });
        let metadata = metadata.map_err(|error| damaged(path, "its end", error))?;
        Ok((Self { path: path.to_owned(), file, metadata }, bytes))
    }

    /// The number of leaf columns: nested columns count, their parents do not.
    pub(super) fn width(&self) -> usize {
        self.metadata.file_metadata().schema_descr().num_columns()
    }

    fn leaf(&self, leaf: usize) -> ColumnDescPtr {
        self.metadata.file_metadata().schema_descr().column(leaf)
    }

    /// The name of a column; a nested one is `outer.inner`.
    pub(super) fn name(&self, leaf: usize) -> String {
        self.leaf(leaf).path().string()
    }

    /// The kind of a column. The error is a text that names contents that cannot be read.
    pub(super) fn kind(&self, leaf: usize) -> Result<Kind, String> {
        Kind::of(&self.leaf(leaf))
    }

    /// How many row groups there are.
    pub(super) fn groups(&self) -> usize {
        self.metadata.num_row_groups()
    }

    /// How many rows a row group has.
    pub(super) fn rows(&self, group: usize) -> u64 {
        self.metadata.row_group(group).num_rows().max(0).unsigned_abs()
    }

    /// How many bytes a row group takes.
    pub(super) fn bytes(&self, group: usize) -> u64 {
        self.metadata.row_group(group).compressed_size().max(0).unsigned_abs()
    }

    /// The cells of a column in a row group.
    pub(super) fn column(&self, group: usize, leaf: usize) -> Result<Column> {
        let place = (self.path.clone(), format!("row group {}", group + 1));
        let name = self.name(leaf);
        let what = format!("{}, column `{name}`", place.1);
        let kind = self.kind(leaf).map_err(|why| Error::Bug(format!("{what} of {why}")))?;
        let descriptor = self.leaf(leaf);
        let full = descriptor.max_def_level();
        let reader = checked(|| Ok(get_column_reader(descriptor, Box::new(self.pages(group, leaf)?))));
        let reader = reader.map_err(|error| damaged(&self.path, &what, error))?;
        Ok(Column::new(name, place, kind, full, reader))
    }

    fn pages(&self, group: usize, leaf: usize) -> Result<Pages, ParquetError> {
        let (group, mut file) = (self.metadata.row_group(group), File::open(&self.path)?);
        self.file.check_same(&file)?;
        let column = group.column(leaf);
        if column.column_type() != self.leaf(leaf).physical_type() {
            return Err(ParquetError::General("the type differs from that of the file".into()));
        }
        let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
        let range = u64::try_from(start).ok().zip(u64::try_from(column.compressed_size()).ok());
        let length = file.metadata()?.len();
        let inside = range.filter(|&(start, size)| start <= length && size <= length - start);
        let (start, size) =
            inside.ok_or_else(|| ParquetError::EOF("it is said to lie outside of the file".into()))?;
        let bytes = read_at(&mut file, start, size)?;
        file.check_unchanged()?;
        let rows = group.num_rows().max(0) as usize;
        let chunk = Arc::new(Chunk { start, bytes: bytes.into(), codec: column.compression() });
        let pages = SerializedPageReader::new(chunk, column, rows, None)?;
        Ok(Pages { pages, max_level: self.leaf(leaf).max_def_level().max(0).unsigned_abs() })
    }
}

fn read_at(file: &mut File, start: u64, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; size as usize];
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The metadata of a file of `bytes` bytes. Its length and a magic number follow it.
fn end_of(file: &mut File, bytes: u64) -> Result<Vec<u8>, ParquetError> {
    let short = || ParquetError::EOF("the file is too short".into());
    let before_tail = bytes.checked_sub(TAIL).ok_or_else(short)?;
    let tail = FooterTail::try_from(&read_at(file, before_tail, TAIL)?[..])?;
    if tail.is_encrypted_footer() {
        return Err(ParquetError::General("it is encrypted".into()));
    }
    let length = tail.metadata_length() as u64;
    let start = before_tail.checked_sub(length).ok_or_else(short)?;
    Ok(read_at(file, start, length)?)
}

/// A whole file as csv, with the columns that hold one value a row.
pub(in crate::input) fn as_text(path: &Path) -> Result<Vec<u8>> {
    let (table, _) = Table::open(path)?;
    let leaves: Vec<usize> = (0..table.width()).filter(|&leaf| table.kind(leaf).is_ok()).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let bug = |error: csv::Error| Error::Bug(format!("csv: {error}"));
    writer.write_record(leaves.iter().map(|&leaf| table.name(leaf))).map_err(bug)?;
    for group in 0..table.groups() {
        let mut columns: Vec<Column> =
            leaves.iter().map(|&leaf| table.column(group, leaf)).collect::<Result<_>>()?;
        let mut left = table.rows(group);
        while left > 0 && !columns.is_empty() {
            let count = left.min(BATCH);
            columns.iter_mut().try_for_each(|column| column.fill(count as usize))?;
            for _ in 0..count {
                for column in &mut columns {
                    match column.cell() {
                        Cell::Null => writer.write_field(""),
                        Cell::Text(text) => writer.write_field(text),
                        Cell::Integer(number) | Cell::Moment(number) => {
                            writer.write_field(number.to_string())
                        }
                        Cell::Unsigned(number) => writer.write_field(number.to_string()),
                        Cell::Number(number) => writer.write_field(number.to_string()),
                    }
                    .map_err(bug)?;
                }
                writer.write_record(None::<&[u8]>).map_err(bug)?;
            }
            left -= count;
        }
    }
    writer.into_inner().map_err(|error| Error::Bug(format!("csv: {error}")))
}
