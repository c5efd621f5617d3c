//! Parquet files of any types, for tests that read them.

use parquet::basic::Compression;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    FloatType, Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// The cells of a column in a row group; `None` is null.
#[derive(Debug, Clone)]
pub(crate) enum Cells {
    Int32(Vec<Option<i32>>),
    Int64(Vec<Option<i64>>),
    Int96(Vec<Option<[u32; 3]>>),
    Float(Vec<Option<f32>>),
    Double(Vec<Option<f64>>),
    Text(Vec<Option<Vec<u8>>>),
    Fixed(Vec<Option<Vec<u8>>>),
    Flag(Vec<Option<bool>>),
}

/// Writes the row groups of a file, each the cells of all columns.
pub(crate) fn write_groups(path: &Path, schema: &str, groups: &[Vec<Cells>]) {
    write_packed(path, schema, groups, Compression::UNCOMPRESSED);
}

/// As [`write_groups`], with packed pages.
pub(crate) fn write_packed(path: &Path, schema: &str, groups: &[Vec<Cells>], codec: Compression) {
    let schema = Arc::new(parse_message_type(&format!("message ratings {{ {schema} }}")).unwrap());
    let file = File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(
        file,
        schema,
        Arc::new(WriterProperties::builder().set_compression(codec).build()),
    )
    .unwrap();
    for cells in groups {
        let mut group = writer.next_row_group().unwrap();
        for cells in cells {
            let mut column = group.next_column().unwrap().expect("cells for each column of the schema");
            match cells {
                Cells::Int32(cells) => put::<Int32Type, _>(&mut column, cells, |cell| *cell),
                Cells::Int64(cells) => put::<Int64Type, _>(&mut column, cells, |cell| *cell),
                Cells::Int96(cells) => {
                    put::<Int96Type, _>(&mut column, cells, |cell| Int96::from(cell.to_vec()));
                }
                Cells::Float(cells) => put::<FloatType, _>(&mut column, cells, |cell| *cell),
                Cells::Double(cells) => put::<DoubleType, _>(&mut column, cells, |cell| *cell),
                Cells::Text(cells) => {
                    put::<ByteArrayType, _>(&mut column, cells, |cell| ByteArray::from(cell.clone()));
                }
                Cells::Fixed(cells) => put::<FixedLenByteArrayType, _>(&mut column, cells, |cell| {
                    FixedLenByteArray::from(cell.clone())
                }),
                Cells::Flag(cells) => put::<BoolType, _>(&mut column, cells, |cell| *cell),
            }
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}

fn put<T: DataType, C>(column: &mut SerializedColumnWriter, cells: &[Option<C>], value: impl Fn(&C) -> T::T) {
    let values: Vec<T::T> = cells.iter().flatten().map(value).collect();
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    column.typed::<T>().write_batch(&values, Some(&levels), None).unwrap();
}
