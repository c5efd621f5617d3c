//! Every output in every format, read back: all formats say what csv says, with types.

use crate::models::Small;
use crate::support::tables::{agree, formats, read, same, written};
use half::f16;
use mfgpu::Error;
use mfgpu::files::Sink;
use mfgpu::model::Model;
use mfgpu::output::{
    Cells, Column, Extra, Field, Kind, Precision, Table, TableFormat, TableOptions, User, completed,
    completed_npy, completed_size, completed_wide, completed_wide_size, predictions, similar_rows, top_n,
    top_n_users,
};
use mfgpu::ratings::{IdMap, Side};
use mfgpu::score::{TopItems, TopOptions, TopUsers, predict};
use serde_json::{Value, json};

/// A model with difficult ids: quotes, commas, line ends, letters beyond ASCII, numbers with leading zeros.
fn model(users: usize, items: usize, draws: usize) -> Model {
    let small = Small {
        users,
        items,
        draws,
        factors: 3,
        with_deviations: true,
        user_id: |number| format!("{number:03}").into_bytes(),
        item_id: |number| format!("é\"{number},\n\\\u{1}").into_bytes(),
        rated: |user, item| (user + item).is_multiple_of(5).then_some(4.5),
        ..Small::default()
    };
    small.model()
}

#[test]
fn predictions_in_every_format() {
    let model = model(20, 30, 2);
    let pairs = || (0..20).flat_map(|user| (0..30).map(move |item| (user, item)));
    for sd in [false, true] {
        let rows = agree(|table| {
            let pairs = pairs().map(|(user, item)| (model.users.id(user), model.items.id(item)));
            predictions(&model, pairs, sd, table, &mut |_| ())
        });
        assert_eq!(rows, 600);
    }
}

#[test]
fn lists_in_every_format() {
    let model = model(20, 30, 2);
    let title = |item: u32| if item.is_multiple_of(2) { "Ämter, \"1\"".as_bytes() } else { b"" };
    let users = User::all(&model);
    let options = TopOptions { count: 3, exclude: Some(&model.rated), ..TopOptions::default() };
    let rating =
        |user: &[u8], item: &[u8]| model.items.get(item).filter(|_| user != b"003").map(|item| item as f32);
    let extra = Extra { rating: Some(&rating), sd: true, titles: Some(&title), ..Extra::default() };
    assert_eq!(
        agree(|table| top_n(&model, &TopItems::new(&model, &options), &users, extra, table, &mut |_| ())),
        60
    );
    assert_eq!(
        agree(|table| top_n(&model, &TopItems::new(&model, &options), &[], extra, table, &mut |_| ())),
        0,
        "an empty table"
    );
    let all = |table: &mut dyn Table| {
        top_n_users(&model, &TopUsers::new(&model, &options), &[3, 0], true, table, &mut |_| ())
    };
    assert_eq!(agree(all), 6);
    let all = |table: &mut dyn Table| {
        similar_rows(&model, (Side::Item, &[3, 0]), (4, None), Some(&title), table, &mut |_| ())
    };
    assert_eq!(agree(all), 8);
}

#[test]
fn a_completed_matrix_in_every_format() {
    let mut model = model(20, 30, 2);
    let users = User::all(&model);
    for (cells, count) in [(Cells::All, 600), (Cells::Blanks, 480)] {
        for sd in [false, true] {
            let write = |table: &mut dyn Table| completed(&model, &users, (cells, sd), table, &mut |_| ());
            assert_eq!(agree(write), count);
        }
        assert_eq!(agree(|table| completed_wide(&model, &users, cells, table, &mut |_| ())), 20);
    }
    // Values equal single predictions, also for chosen items and for unknown items.
    let (all, ids) = (model.clone(), ["new", "new", "é\"7,\n\\\u{1}"].map(|id| id.as_bytes().to_vec()));
    let chosen = model.choose_items(&ids);
    assert_eq!((chosen.unknown, chosen.repeated), (1, 1));
    let users = User::all(&all);
    for format in formats() {
        let write = |table: &mut dyn Table| completed(&model, &users, (Cells::All, true), table, &mut |_| ());
        let (_, rows) = read(format, &written(format, false, write));
        assert_eq!(rows.len(), 40);
        for (at, row) in rows.iter().enumerate() {
            let (user, item) = (at as u32 / 2, [None, Some(7)][at % 2]);
            let given = item.and_then(|item| all.rated.get(user, item));
            let expected = given.unwrap_or_else(|| predict(&all, Some(user), item));
            assert!(same(&json!(expected.to_string()), &row[2]) || row[2] == json!(expected.to_string()));
            assert!(same(&json!(u8::from(given.is_some()).to_string()), &row[3]) || row[3].is_string());
        }
    }
}

/// Columns have their own types where the format has types.
#[test]
fn cells_have_types() {
    let columns = [
        Column::bytes("id"),
        Column::count("rank").optional(),
        Column::number("score").optional(),
        Column::new("metric", Kind::Double).optional(),
        Column::flag("known").optional(),
        Column::bytes("title").optional(),
    ];
    let full = [
        Field::Bytes(b"007"),
        Field::Count(1 << 40),
        Field::Number(4.0),
        Field::Double(0.1),
        Field::Flag(true),
        Field::Bytes(b""),
    ];
    let mut blank = [Field::Missing; 6];
    blank[0] = Field::Bytes(b"x");
    let write = |table: &mut dyn Table| {
        table.header(&columns)?;
        [full, blank, full].iter().try_for_each(|row| table.row(row))
    };
    assert_eq!(agree(write), 3);
    for format in formats().into_iter().skip(1) {
        let (names, rows) = read(format, &written(format, false, write));
        assert_eq!(names, ["id", "rank", "score", "metric", "known", "title"]);
        let expected = [json!("007"), json!(1_u64 << 40), json!(4.0), json!(0.1), json!(true), json!("")];
        assert_eq!((&rows[0][..], &rows[2]), (&expected[..], &rows[0]));
        assert!(rows[1][1..].iter().all(Value::is_null));
    }
    let csv = written(TableFormat::Csv, false, write);
    assert_eq!(String::from_utf8(csv).unwrap().lines().nth(1).unwrap(), "007,1099511627776,4,0.1,1,");
}

/// Many batches, with the same bytes for any number of threads.
#[test]
fn long_tables_come_in_order() {
    let write = |table: &mut dyn Table| {
        table.header(&[Column::bytes("id"), Column::count("n"), Column::number("half")])?;
        (0..250_000_u64).try_for_each(|n| {
            let id = format!("an id of some length {}", n % 1000);
            table.row(&[Field::Bytes(id.as_bytes()), Field::Count(n), Field::Number(n as f32 / 2.0)])
        })
    };
    for format in formats() {
        let expected = written(format, false, write);
        let (_, rows) = read(format, &expected);
        assert_eq!(rows.len(), 250_000);
        assert!(
            rows.iter()
                .zip(0..)
                .all(|(row, n)| same(&json!(n.to_string()), &row[1]) || row[1] == json!(n.to_string()))
        );
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert!(pool.install(|| written(format, false, write)) == expected, "{format:?} {threads}");
        }
    }
}

#[test]
fn arrays_of_both_precisions() {
    let model = model(70, 300, 1);
    let users = User::all(&model);
    let array = |precision, zstd| {
        let mut bytes = Vec::new();
        let mut sink = Sink::stream("memory", &mut bytes);
        if zstd {
            sink = sink.zstd().unwrap();
        }
        completed_npy(&model, &users, precision, sink, &mut |_| ()).unwrap();
        if zstd { zstd::decode_all(&bytes[..]).unwrap() } else { bytes }
    };
    let single = npyz::NpyFile::new(&array(Precision::Single, true)[..]).unwrap().into_vec::<f32>().unwrap();
    let bytes = array(Precision::Half, false);
    let half = npyz::NpyFile::new(&bytes[..]).unwrap();
    assert_eq!(half.shape(), [70, 300]);
    let numbers = bytes[bytes.len() - 2 * 70 * 300..].chunks(2);
    let half: Vec<f16> = numbers.map(|number| f16::from_le_bytes([number[0], number[1]])).collect();
    assert_eq!(single.len(), half.len());
    assert!(single.iter().zip(&half).all(|(single, half)| f16::from_f32(*single) == *half));
    assert_eq!(bytes.len() as u64, mfgpu::output::completed_npy_size(&model, &users, Precision::Half).bytes);
}

#[test]
fn sizes_are_announced_about_right() {
    let mut model = model(300, 400, 2);
    let mut items = IdMap::new();
    (0..400).for_each(|item| assert_eq!(items.number(format!("i{item}").as_bytes()), item));
    model.items = items;
    let users = User::all(&model);
    // The size depends on how well numbers compress.
    let near = |bytes: u64, found: usize, what: &str| {
        let error = bytes as f64 / found as f64 - 1.0;
        let most = if what.starts_with("Parquet") { 0.3 } else { 0.12 };
        assert!(error.abs() < most, "{what}: {bytes} {found}");
    };
    for cells in [Cells::All, Cells::Blanks] {
        for (format, sd) in formats().into_iter().flat_map(|format| [(format, false), (format, true)]) {
            let write = |table: &mut dyn Table| completed(&model, &users, (cells, sd), table, &mut |_| ());
            let size = completed_size(&model, &users, (cells, sd), format);
            near(size.bytes, written(format, false, write).len(), &format!("{format:?} {cells:?} {sd}"));
        }
        let wide = |table: &mut dyn Table| completed_wide(&model, &users, cells, table, &mut |_| ());
        let size = completed_wide_size(&model, &users, cells);
        near(size.bytes, written(TableFormat::Csv, false, wide).len(), "wide");
    }
}

/// Bytes that are not text are kept by csv, and refused by formats that cannot hold them.
#[test]
fn ids_of_other_encodings() {
    for format in formats() {
        for (name, id) in [(&b"id"[..], &b"\xff"[..]), (b"\xff", b"id")] {
            let mut bytes = Vec::new();
            let mut table =
                format.table(Sink::stream("memory", &mut bytes), TableOptions::default()).unwrap();
            let result = (|| {
                table.header(&[Column::bytes(name)])?;
                table.row(&[Field::Bytes(id)])?;
                table.finish()
            })();
            match result {
                Ok(()) => assert!(format == TableFormat::Csv && bytes.contains(&0xff)),
                Err(Error::Usage(why)) => {
                    assert!(format != TableFormat::Csv && why.contains("UTF-8"), "{why}");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_says_so() {
    let error = TableFormat::Parquet
        .open(std::path::Path::new("x.parquet"), mfgpu::output::TableOptions::default(), &mfgpu::Stop::new())
        .err()
        .unwrap();
    assert!(matches!(&error, Error::Usage(why) if why.contains("--features parquet")), "{error}");
    assert!(!std::path::Path::new("x.parquet").exists());
}
