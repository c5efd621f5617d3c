//! Tables of every format, read back into cells.

use mfgpu::Result;
use mfgpu::files::Sink;
use mfgpu::output::{Table, TableFormat, TableOptions};
use serde_json::{Map, Value};

/// The formats that this build writes.
pub(crate) fn formats() -> Vec<TableFormat> {
    let there = |format: &TableFormat| cfg!(feature = "parquet") || *format != TableFormat::Parquet;
    TableFormat::ALL.into_iter().filter(there).collect()
}

/// The bytes that a function writes.
pub(crate) fn written<T>(
    format: TableFormat,
    zstd: bool,
    write: impl Fn(&mut dyn Table) -> Result<T>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut table = format
        .table(Sink::stream("memory", &mut bytes), TableOptions { zstd, ..TableOptions::default() })
        .unwrap();
    write(&mut *table).unwrap();
    table.finish().unwrap();
    bytes
}

/// The names of the columns, and the rows. For csv all cells are strings; for the other formats they have
/// their types.
pub(crate) fn read(format: TableFormat, bytes: &[u8]) -> (Vec<String>, Vec<Vec<Value>>) {
    match format {
        TableFormat::Csv => csv(bytes),
        TableFormat::Jsonl => jsonl(bytes),
        TableFormat::Parquet => parquet(bytes),
    }
}

fn csv(bytes: &[u8]) -> (Vec<String>, Vec<Vec<Value>>) {
    let mut reader = csv::Reader::from_reader(bytes);
    let names = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |record: csv::StringRecord| record.iter().map(|cell| Value::from(cell.to_owned())).collect();
    (names, reader.records().map(|record| row(record.unwrap())).collect())
}

fn jsonl(bytes: &[u8]) -> (Vec<String>, Vec<Vec<Value>>) {
    let rows: Vec<Map<String, Value>> = std::str::from_utf8(bytes)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    let names = rows.first().map_or(Vec::new(), |row| row.keys().cloned().collect());
    (names, rows.into_iter().map(|row| row.into_iter().map(|(_, cell)| cell).collect()).collect())
}

#[cfg(feature = "parquet")]
fn parquet(bytes: &[u8]) -> (Vec<String>, Vec<Vec<Value>>) {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    let reader = SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes)).unwrap();
    let fields = reader.metadata().file_metadata().schema_descr().root_schema().get_fields().to_vec();
    let cell = |field: &Field| match field {
        Field::Str(text) => text.clone().into(),
        Field::Long(count) => (*count).into(),
        Field::Float(number) => f64::from(*number).into(),
        Field::Double(number) => (*number).into(),
        Field::Bool(flag) => (*flag).into(),
        Field::Null => Value::Null,
        other => panic!("{other:?}"),
    };
    let row = |row: parquet::record::Row| row.get_column_iter().map(|(_, field)| cell(field)).collect();
    let rows = reader.get_row_iter(None).unwrap().map(|found| row(found.unwrap())).collect();
    (fields.iter().map(|field| field.name().to_owned()).collect(), rows)
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: &[u8]) -> (Vec<String>, Vec<Vec<Value>>) {
    panic!("this build writes no parquet")
}

/// Whether a cell says what the csv says.
pub(crate) fn same(csv: &Value, cell: &Value) -> bool {
    let text = csv.as_str().expect("csv has text");
    match cell {
        Value::Null => text.is_empty(),
        Value::Bool(flag) => text == if *flag { "1" } else { "0" },
        Value::Number(number) if number.is_u64() => number.to_string() == text,
        // A number written as f64 is not exactly the f32.
        Value::Number(number) => {
            let number = number.as_f64().unwrap();
            text.parse() == Ok(number) || text.parse() == Ok(number as f32)
        }
        Value::String(cell) => text == cell,
        other => panic!("{other:?}"),
    }
}

/// Checks that a function writes the same table in each format as in csv.
pub(crate) fn agree<T>(write: impl Fn(&mut dyn Table) -> Result<T>) -> usize {
    let (names, expected) = csv(&written(TableFormat::Csv, false, &write));
    for format in formats() {
        for zstd in [false, true] {
            let mut bytes = written(format, zstd, &write);
            if zstd && format != TableFormat::Parquet {
                bytes = zstd::decode_all(&bytes[..]).unwrap();
            }
            let (found_names, found) = read(format, &bytes);
            assert!(
                found_names == names || (expected.is_empty() && format == TableFormat::Jsonl),
                "{format:?}"
            );
            assert_eq!(found.len(), expected.len(), "{format:?}");
            for (row, cells) in expected.iter().zip(&found) {
                assert_eq!(row.len(), cells.len(), "{format:?}");
                assert!(row.iter().zip(cells).all(|(csv, cell)| same(csv, cell)), "{row:?} {cells:?}");
            }
        }
    }
    expected.len()
}
