//! Ratings in Arrow files: the same as from text.

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use mfgpu::Error;
use mfgpu::input::{BadRows, Format, ReadOptions, ReadReport, read_ratings, read_timed_ratings};
use mfgpu::ratings::Dataset;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

type Columns = Vec<(&'static str, ArrayRef)>;

fn read(bytes: &[u8], options: &ReadOptions) -> Result<(Dataset, ReadReport), Error> {
    let (_folder, path) = file(bytes);
    read_ratings(&[path], options, &mut |_, _| Ok(()))
}

fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.arrow");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn written(batches: &[Columns], compression: Option<CompressionType>) -> Vec<u8> {
    let batches: Vec<RecordBatch> =
        batches.iter().map(|columns| RecordBatch::try_from_iter(columns.clone()).unwrap()).collect();
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batches[0].schema(), options).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

fn two(user: [Option<&'static str>; 2]) -> Columns {
    vec![
        ("note", Arc::new(Float64Array::from(vec![0.5, 0.5]))),
        ("userId", Arc::new(StringArray::from(user.to_vec()))),
        ("movieId", Arc::new(Int64Array::from(vec![7, 8]))),
        ("rating", Arc::new(Float64Array::from(vec![4.0, 3.5]))),
        ("timestamp", Arc::new(TimestampMicrosecondArray::from(vec![2_000_000, 1_000_000]))),
    ]
}

fn rows(data: &Dataset) -> Vec<String> {
    let text = |id: &[u8]| String::from_utf8_lossy(id).into_owned();
    let row =
        |(user, item, value)| format!("{} {} {value}", text(data.users.id(user)), text(data.items.id(item)));
    data.ratings.iter().map(row).collect()
}

#[test]
fn files_and_streams_of_several_batches() {
    let batches = [two([Some("a"), Some("b")]), two([Some("c"), Some("d")])];
    for compression in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
        let (data, report) = read(&written(&batches, compression), &ReadOptions::default()).unwrap();
        assert_eq!(rows(&data), ["a 7 4", "b 8 3.5", "c 7 4", "d 8 3.5"]);
        assert_eq!((&report.files[0].layout[..], report.files[0].rows), ("arrow", 4));
    }
    let batch = RecordBatch::try_from_iter(batches[0].clone()).unwrap();
    let mut stream = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    stream.write(&batch).unwrap();
    let bytes = stream.into_inner().unwrap();
    let (_folder, path) = file(&bytes);
    let (data, _) = read_timed_ratings(&[path], &ReadOptions::default(), &mut |_, _| Ok(())).unwrap();
    assert_eq!((rows(&data), data.times), (vec!["a 7 4".into(), "b 8 3.5".into()], vec![2000, 1000]));
}

#[test]
fn types_of_columns() {
    let users: DictionaryArray<Int32Type> = ["b", "a", "b"].into_iter().collect();
    let columns: Columns = vec![
        ("user", Arc::new(users)),
        ("item", Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0]))),
        ("liked", Arc::new(BooleanArray::from(vec![true, false, true]))),
        ("date", Arc::new(Date32Array::from(vec![1, 2, 3]))),
    ];
    let (_folder, path) = file(&written(&[columns], None));
    let (data, _) = read_timed_ratings(&[path], &ReadOptions::default(), &mut |_, _| Ok(())).unwrap();
    assert_eq!(rows(&data), ["b 1 1", "a 2 0", "b 3 1"]);
    assert_eq!(data.times, [86_400_000, 172_800_000, 259_200_000]);
}

#[test]
fn faults() {
    let options = ReadOptions::default();
    let holes = written(&[two([Some("a"), None])], None);
    let found = read(&holes, &options).unwrap_err().to_string();
    assert!(found.contains("r.arrow:2: found null in column `userId`, expected an id"), "{found}");
    let skip = ReadOptions { bad_rows: BadRows::Skip, ..options.clone() };
    assert_eq!(rows(&read(&holes, &skip).unwrap().0), ["a 7 4"]);
    let flags: Columns = vec![
        ("user", Arc::new(BooleanArray::from(vec![true]))),
        ("item", Arc::new(Int64Array::from(vec![1]))),
        ("rating", Arc::new(Int64Array::from(vec![1]))),
    ];
    let found = read(&written(&[flags], None), &options).unwrap_err().to_string();
    assert!(found.contains("column `user` holds Boolean, expected integers or text"), "{found}");
    let whole = written(&[two([Some("a"), Some("b")])], None);
    for end in [8, 100, whole.len() - 20] {
        let found = read(&whole[..end], &options).unwrap_err().to_string();
        assert!(found.contains("r.arrow: ") && found.contains("cannot be read"), "{end}: {found}");
    }
    let mut other = two([Some("a"), Some("b")]);
    other[4] = ("date", Arc::new(BooleanArray::from(vec![true, false])));
    assert_eq!(rows(&read(&written(&[other], None), &options).unwrap().0), ["a 7 4", "b 8 3.5"]);
    let csv = ReadOptions { format: Format::Arrow, ..options };
    let found = read(b"user,item,rating\na,x,4\n", &csv).unwrap_err().to_string();
    assert!(found.contains("found text, expected an Arrow file"), "{found}");
}

/// A table in memory gives what its file gives, in batches of any size, and says in which row a fault is.
#[test]
fn tables_in_memory() {
    use arrow_array::RecordBatchIterator;
    use mfgpu::input::read_table;

    // More rows than are read at a time.
    let count = 300_000;
    let columns = |from: i64, until: i64| -> Columns {
        let numbers = |make: fn(i64) -> i64| Int64Array::from_iter_values((from..until).map(make));
        vec![
            ("n", Arc::new(numbers(|n| n))),
            ("user", Arc::new(numbers(|n| n % 1009))),
            ("item", Arc::new(numbers(|n| n / 1009))),
            ("rating", Arc::new(Float64Array::from_iter_values((from..until).map(|n| (n % 5 + 1) as f64)))),
        ]
    };
    let read = |cuts: &[i64], options: &ReadOptions| {
        let batches: Vec<RecordBatch> = cuts
            .windows(2)
            .map(|ends| RecordBatch::try_from_iter(columns(ends[0], ends[1])).unwrap())
            .collect();
        let schema = batches[0].schema();
        let table = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
        read_table(Box::new(table), "the table", options, false, &mut |_, _| Ok(()))
    };
    let (whole, report, names) = read(&[0, count], &ReadOptions::default()).unwrap();
    assert_eq!((report.rows, names), (count as u64, ["user".to_owned(), "item".to_owned()]));
    let (file, _) =
        crate::input_arrow::read(&written(&[columns(0, count)], None), &ReadOptions::default()).unwrap();
    let (parts, ..) = read(&[0, 1, 150_000, 150_001, count], &ReadOptions::default()).unwrap();
    for other in [&file, &parts] {
        assert_eq!((&whole.ratings, whole.users.parts()), (&other.ratings, other.users.parts()));
    }
    let missing = ReadOptions { rating_column: Some("none_such".into()), ..ReadOptions::default() };
    let error = read(&[0, 10], &missing).unwrap_err().to_string();
    assert!(error.starts_with("the table: ") && error.contains("`n`"), "{error}");

    let bad = RecordBatch::try_from_iter(two([Some("a"), None])).unwrap();
    let schema = bad.schema();
    let table = Box::new(RecordBatchIterator::new([Ok(bad)], schema));
    let error =
        read_table(table, "the table", &ReadOptions::default(), true, &mut |_, _| Ok(())).unwrap_err();
    assert!(error.to_string().starts_with("the table:2: found null in column `userId`"), "{error}");
}
