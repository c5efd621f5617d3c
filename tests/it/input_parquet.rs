//! Ratings in parquet files, and in directories of files: the same as from text.

#[cfg(feature = "cli")]
use crate::program::{run, words};
use mfgpu::Error;
use mfgpu::input::{Format, ReadOptions, ReadReport, read_ratings, read_timed_ratings};
use mfgpu::ratings::Dataset;
#[cfg(feature = "parquet")]
use mfgpu::ratings::Feedback;
use std::fs;
use std::path::{Path, PathBuf};

fn options() -> ReadOptions {
    ReadOptions::default()
}

fn read(path: &Path) -> Result<(Dataset, ReadReport), Error> {
    read_ratings(&[path.to_owned()], &options(), &mut |_, _| Ok(()))
}

fn fault(path: &Path, options: &ReadOptions) -> String {
    let error = read_timed_ratings(&[path.to_owned()], options, &mut |_, _| Ok(())).unwrap_err();
    assert!(matches!(error.exit_code(), 2 | 3), "{error}");
    error.to_string()
}

/// User, item and rating of each row.
fn rows(data: &Dataset) -> Vec<String> {
    let text = |id: &[u8]| String::from_utf8_lossy(id).into_owned();
    let row =
        |(user, item, value)| format!("{} {} {value}", text(data.users.id(user)), text(data.items.id(item)));
    data.ratings.iter().map(row).collect()
}

fn write(directory: &Path, name: &str, content: &str) -> PathBuf {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn directories_are_read_in_the_order_of_names() {
    let here = tempfile::tempdir().unwrap();
    let table = here.path().join("table");
    for (name, content) in [
        ("year=2021/part-1.csv", "user,item,rating\nd,x,4\n"),
        ("year=2020/part-1.csv", "b,x,2\nc,x,3\n"),
        ("year=2020/part-0.csv", "user,item,rating\na,x,1\n"),
        ("_SUCCESS", ""),
        (".part-0.csv.crc", "\u{1}"),
        ("year=2020/_temporary/part-9.csv", "z,z,9\n"),
    ] {
        write(&table, name, content);
    }
    let (data, report) = read(&table).unwrap();
    assert_eq!(rows(&data), ["a x 1", "b x 2", "c x 3", "d x 4"]);
    assert_eq!(report.files.iter().map(|file| file.rows).collect::<Vec<_>>(), [1, 2, 1]);
    assert!(report.files[0].path.ends_with("table/year=2020/part-0.csv"));
    write(&table, "year=2021/part-2.csv", "e,x,much\n");
    let text = fault(&table, &options());
    assert!(text.contains("year=2021/part-2.csv:1: ") || text.contains("part-2.csv:1: found"), "{text}");

    write(&table, "README.md", "a table");
    let text = fault(&table, &options());
    assert!(text.contains("`.csv`, `.md`") && text.contains("name the files"), "{text}");
    let empty = here.path().join("empty");
    fs::create_dir_all(empty.join("_notes")).unwrap();
    assert!(fault(&empty, &options()).contains("a directory without files"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&empty, empty.join("again")).unwrap();
        assert!(fault(&empty, &options()).contains("directories inside one another"));
    }
}

#[test]
fn parquet_is_no_text_and_text_no_parquet() {
    let here = tempfile::tempdir().unwrap();
    let text = write(here.path(), "r.csv", "a,x,4\n");
    let found = fault(&text, &ReadOptions { format: Format::Parquet, ..options() });
    assert!(found.contains("r.csv:1: found text, expected a parquet file"), "{found}");
    let parquet = write(here.path(), "r.parquet", "PAR1");
    let found = fault(&parquet, &ReadOptions { format: Format::Csv, ..options() });
    assert!(
        found.contains("a parquet file within another") && found.contains("`input.format = auto`"),
        "{found}"
    );
    let found = fault(&parquet, &options());
    assert!(found.contains(if cfg!(feature = "parquet") {
        "its end cannot be read"
    } else {
        "--features parquet"
    }));
}

/// A whole run, from a directory of parts.
#[cfg(feature = "cli")]
#[test]
fn the_same_model_from_a_directory() {
    let here = tempfile::tempdir().unwrap();
    run(
        here.path(),
        &words("generate --users 60 --items 40 --ratings 1200 --seed 7 --string-ids -o r.csv"),
        0,
    );
    let text = fs::read_to_string(here.path().join("r.csv")).unwrap();
    let lines: Vec<&str> = text.lines().skip(1).collect();
    for (part, lines) in lines.chunks(500).enumerate() {
        let content = format!("user,item,rating\n{}\n", lines.join("\n"));
        write(here.path(), &format!("table/n={part}/part-0.csv"), &content);
    }
    same_model(here.path(), "r.csv", "table");
    let (_, stderr) = run(here.path(), &words("describe table"), 0);
    assert_eq!(stderr, "");
}

/// Trains on both files and compares the bytes.
#[cfg(feature = "cli")]
fn same_model(here: &Path, one: &str, other: &str) {
    let model = |ratings: &str| {
        let out = format!("model-of-{}", ratings.replace('.', "-"));
        run(here, &words(&format!("train {ratings} --epochs 2 -k 5 --device cpu --out {out} --force -q")), 0);
        fs::read(here.join(out).join("model.safetensors")).unwrap()
    };
    assert!(model(one) == model(other), "{one} and {other} give different models");
}

#[cfg(feature = "parquet")]
mod parquet {
    use super::*;
    use crate::support::parquet_files::{Cells, write_groups, write_packed};
    use ::parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
    use mfgpu::input::{BadRows, Duplicates, read_names, read_pairs};
    use mfgpu::ratings::IdMap;
    use std::fmt::Write as _;

    const SCHEMA: &str = "optional int64 user; optional binary item (STRING); optional double rating;";

    fn texts(cells: &[&str]) -> Cells {
        Cells::Text(cells.iter().map(|cell| (*cell != "null").then(|| cell.as_bytes().to_vec())).collect())
    }

    fn two<T>(one: T, other: T) -> Vec<Option<T>> {
        vec![Some(one), Some(other)]
    }

    fn file(here: &Path, schema: &str, cells: Vec<Cells>) -> PathBuf {
        let path = here.join("r.parquet");
        write_groups(&path, schema, &[cells]);
        path
    }

    #[test]
    fn pages_of_every_packing() {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("r.parquet");
        let schema = "required int64 user; required int64 item; required boolean liked;";
        let many = 5000_i64;
        let flags = (0..many).map(|n| Some(n % 3 == 0)).collect();
        let numbers = |of: fn(i64) -> i64| Cells::Int64((0..many).map(|n| Some(of(n))).collect());
        let cells = [numbers(|n| n % 97), numbers(|n| n / 97), Cells::Flag(flags)];
        for codec in [
            Compression::SNAPPY,
            Compression::GZIP(GzipLevel::default()),
            Compression::ZSTD(ZstdLevel::default()),
            Compression::BROTLI(BrotliLevel::default()),
            Compression::LZ4,
            Compression::LZ4_RAW,
        ] {
            write_packed(&path, schema, &[cells.to_vec()], codec);
            let (data, _) = read(&path).unwrap();
            assert_eq!(data.ratings.len(), 5000, "{codec}");
            assert_eq!(rows(&data)[96..99], ["96 0 1", "0 1 0", "1 1 0"], "{codec}");
        }
    }

    #[test]
    fn every_type_that_suits() {
        let here = tempfile::tempdir().unwrap();
        let items = || texts(&["é,\"x", "y"]);
        for (schema, users) in [
            ("required int64 user", Cells::Int64(two(-7, 1 << 40))),
            ("optional int64 user", Cells::Int64(two(-7, 1 << 40))),
            ("required double user", Cells::Double(two(-7.0, 1_099_511_627_776.0))),
            ("required binary user", texts(&["-7", "1099511627776"])),
        ] {
            for (rating, cells) in [
                ("required float score", Cells::Float(two(4.1, 3.5))),
                ("required double score", Cells::Double(two(4.1, 3.5))),
                ("required binary score (STRING)", texts(&["4.1", " 3.5"])),
                ("required int32 score (DECIMAL(5, 2))", Cells::Int32(two(410, 350))),
                ("required int64 score (DECIMAL(5, 1))", Cells::Int64(two(41, 35))),
                (
                    "required fixed_len_byte_array(3) score (DECIMAL(5, 1))",
                    Cells::Fixed(two(vec![0, 0, 41], vec![0, 0, 35])),
                ),
            ] {
                let schema =
                    format!("{schema}; required boolean other; {rating}; required binary item (STRING);");
                let cells = vec![users.clone(), Cells::Flag(two(true, false)), cells, items()];
                let (data, report) = read(&file(here.path(), &schema, cells)).unwrap();
                assert_eq!(rows(&data), ["-7 é,\"x 4.1", "1099511627776 y 3.5"], "{schema}");
                assert_eq!(report.files[0].layout, "parquet");
            }
        }
        let schema = "required int32 user (INTEGER(32, false)); required int64 item (INTEGER(64, false)); \
                      required fixed_len_byte_array(2) rating (FLOAT16);";
        let halves = two(vec![0, 0x42], vec![0, 0xc2]);
        let cells = vec![Cells::Int32(two(-1, 5)), Cells::Int64(two(-1, 6)), Cells::Fixed(halves)];
        let (data, _) = read(&file(here.path(), schema, cells)).unwrap();
        assert_eq!(rows(&data), ["4294967295 18446744073709551615 3", "5 6 -3"]);
    }

    #[test]
    fn every_kind_of_time() {
        let here = tempfile::tempdir().unwrap();
        let moment = 1_588_687_728_923_i64;
        let one = |number: i64| Cells::Int64(vec![Some(number)]);
        for (schema, cells, expected) in [
            ("int64 timestamp", one(978_300_760), 978_300_760_000),
            ("int64 timestamp (TIMESTAMP(MILLIS, true))", one(moment), moment),
            ("int64 timestamp (TIMESTAMP(MICROS, false))", one(moment * 1000 + 7), moment),
            ("int64 timestamp (TIMESTAMP(NANOS, true))", one(-1), -1),
            ("int32 timestamp (DATE)", Cells::Int32(vec![Some(-1)]), -86_400_000),
            ("double timestamp", Cells::Double(vec![Some(978_300_760.5)]), 978_300_760_500),
            ("binary timestamp (STRING)", texts(&["1970-01-02"]), 86_400_000),
            // Nanoseconds of the day, then the Julian day.
            ("int96 timestamp", Cells::Int96(vec![Some([1_000_000, 0, 2_440_589])]), 86_400_001),
        ] {
            let schema = format!(
                "required int32 user; required int32 item; required int32 rating; required {schema};"
            );
            let int = || Cells::Int32(vec![Some(1)]);
            let path = file(here.path(), &schema, vec![int(), int(), int(), cells]);
            let (data, _) = read_timed_ratings(&[path], &options(), &mut |_, _| Ok(())).unwrap();
            assert_eq!(data.times, [expected], "{schema}");
        }
    }

    #[test]
    fn columns_by_name_and_place() {
        let here = tempfile::tempdir().unwrap();
        let schema =
            "required double how; required group who { required int64 id; } required binary what (STRING);";
        let cells = || vec![Cells::Double(vec![Some(4.0)]), Cells::Int64(vec![Some(7)]), texts(&["x"])];
        let path = file(here.path(), schema, cells());
        let named = |user: &str, item: &str, rating: &str| ReadOptions {
            user_column: Some(user.into()),
            item_column: Some(item.into()),
            rating_column: Some(rating.into()),
            ..options()
        };
        for options in [named("who.id", "what", "how"), named("2", "3", "1"), named("Who.ID", "3", "HOW")] {
            let (data, _) = read_ratings(std::slice::from_ref(&path), &options, &mut |_, _| Ok(())).unwrap();
            assert_eq!(rows(&data), ["7 x 4"]);
        }
        let text = fault(&path, &options());
        for part in [
            "r.parquet: found columns `how`, `who.id`, `what`",
            "no user or item or rating column",
            "`input.user_column`",
        ] {
            assert!(text.contains(part), "{text}");
        }
        let text = fault(&path, &named("none", "2", "3"));
        assert!(text.contains("r.parquet: no column for `input.user_column = none`"), "{text}");
        let clock = ReadOptions { time_column: Some("clock".into()), ..named("2", "3", "1") };
        assert!(fault(&path, &clock).contains("`input.time_column = clock`"));
        let flags = "required boolean user; required int64 item; repeated double rating;";
        let path = here.path().join("flags.parquet");
        write_groups(&path, flags, &[]);
        let text = fault(&path, &options());
        assert!(
            text.contains("flags.parquet: column `user` holds booleans, expected integers or text"),
            "{text}"
        );
        let text = fault(
            &path,
            &ReadOptions { user_column: Some("2".into()), item_column: Some("1".into()), ..options() },
        );
        assert!(text.contains("column `user` holds booleans, expected integers or text"), "{text}");
        let path = here.path().join("lists.parquet");
        write_groups(&path, "required int64 user; required int64 item; repeated double rating;", &[]);
        assert!(fault(&path, &options()).contains("column `rating` holds lists, expected numbers"));
    }

    #[test]
    fn bad_cells_name_file_row_and_column() {
        let here = tempfile::tempdir().unwrap();
        let read = |users: Vec<Option<i64>>, items: &[&str], ratings: Vec<Option<f64>>| {
            let cells = vec![Cells::Int64(users), texts(items), Cells::Double(ratings)];
            file(here.path(), SCHEMA, cells)
        };
        let users = || vec![Some(1), Some(2), Some(3)];
        let ratings = || vec![Some(1.0), Some(2.0), Some(3.0)];
        for (users, items, ratings, expected) in [
            (
                vec![Some(1), None, Some(3)],
                ["x"; 3],
                ratings(),
                "2: found null in column `user`, expected an id",
            ),
            (users(), ["x", "y", "null"], ratings(), "3: found null in column `item`, expected an id"),
            (users(), ["x", "", "y"], ratings(), "2: found an empty text in column `item`, expected an id"),
            (
                users(),
                ["x"; 3],
                vec![Some(1.0), None, None],
                "2: found null in column `rating`, expected a finite number",
            ),
            (
                users(),
                ["x"; 3],
                vec![Some(1.0), Some(f64::NAN), None],
                "2: found `NaN` in column `rating`, expected",
            ),
            (
                users(),
                ["x"; 3],
                vec![Some(1e39), None, None],
                "1: found `1000000000000000000000000000000000000000` in",
            ),
        ] {
            let text = fault(&read(users, &items, ratings), &options());
            assert!(text.contains(&format!("r.parquet:{expected}")), "{text}");
        }
        let path = read(
            vec![Some(1), None, Some(3), Some(4)],
            &["x", "x", "y", "z"],
            vec![Some(1.0), Some(2.0), None, Some(4.0)],
        );
        let skip = ReadOptions { bad_rows: BadRows::Skip, ..options() };
        let (data, report) = read_ratings(std::slice::from_ref(&path), &skip, &mut |_, _| Ok(())).unwrap();
        assert_eq!(rows(&data), ["1 x 1", "4 z 4"]);
        assert_eq!(report.skipped, 2);
        assert!(
            report
                .first_skipped
                .unwrap()
                .ends_with("r.parquet:2: found null in column `user`, expected an id")
        );
        // Pairs need no rating.
        let path = read(vec![Some(4), Some(1)], &["z", "x"], vec![Some(4.0), None]);
        assert_eq!(rows(&read_pairs(&path, &options(), &mut |_, _| Ok(())).unwrap()), ["4 z 4", "1 x 0"]);
        // Half an id is no id.
        let schema = "required double user; required int32 item; required int32 rating;";
        let int = || Cells::Int32(vec![Some(1)]);
        let path = file(here.path(), schema, vec![Cells::Double(vec![Some(1.5)]), int(), int()]);
        assert!(
            fault(&path, &options()).contains("r.parquet:1: found `1.5` in column `user`, expected an id")
        );
    }

    #[test]
    fn pairs_and_weights() {
        let here = tempfile::tempdir().unwrap();
        let ids = || vec![texts(&["a", "b"]), Cells::Int64(two(1, 2))];
        let pairs = "required binary user (STRING); required int64 item;";
        let (data, report) = read(&file(here.path(), pairs, ids())).unwrap();
        assert_eq!((data.feedback, report.feedback), (Feedback::Pairs, Feedback::Pairs));
        assert_eq!(rows(&data), ["a 1 1", "b 2 1"]);

        let timed = format!("{pairs} required int64 timestamp (TIMESTAMP(MILLIS, true));");
        let path = file(here.path(), &timed, [ids(), vec![Cells::Int64(two(5, 6))]].concat());
        let (data, _) = read_timed_ratings(&[path], &options(), &mut |_, _| Ok(())).unwrap();
        assert_eq!((data.feedback, data.times), (Feedback::Pairs, vec![5, 6]));

        // Text is no column of values, numbers may be one.
        let genres = format!("{pairs} required binary genre (STRING);");
        let (data, _) =
            read(&file(here.path(), &genres, [ids(), vec![texts(&["w", "v"])]].concat())).unwrap();
        assert_eq!(data.feedback, Feedback::Pairs);
        let unknown = format!("{pairs} required double much;");
        let path = file(here.path(), &unknown, [ids(), vec![Cells::Double(two(4.0, -2.0))]].concat());
        let text = fault(&path, &options());
        assert!(text.contains("no rating column is known") && text.contains("= none`"), "{text}");
        let none = ReadOptions { rating_column: Some("none".into()), ..options() };
        let (data, _) = read_ratings(std::slice::from_ref(&path), &none, &mut |_, _| Ok(())).unwrap();
        assert_eq!((data.feedback, rows(&data)), (Feedback::Pairs, vec!["a 1 1".into(), "b 2 1".into()]));
        let weight = ReadOptions { weight_column: Some("much".into()), ..options() };
        let text = fault(&path, &weight);
        assert!(
            text.ends_with("r.parquet:2: found `-2` in column `much`, expected a weight from 0"),
            "{text}"
        );

        let plays = format!("{pairs} required int64 Play_Count;");
        let path = file(here.path(), &plays, [ids(), vec![Cells::Int64(two(7, 0))]].concat());
        let (data, _) = read(&path).unwrap();
        assert_eq!((data.feedback, rows(&data)), (Feedback::Weights, vec!["a 1 7".into(), "b 2 0".into()]));

        let text = write(here.path(), "r.csv", "a,1,5\n");
        let error = read_ratings(&[path, text], &options(), &mut |_, _| Ok(())).unwrap_err().to_string();
        assert!(error.contains("r.csv: found ratings, expected weights, which "), "{error}");
        assert!(error.contains("r.parquet has"), "{error}");
    }

    /// The same ratings as text and in row groups of any length.
    fn both(here: &Path, sizes: &[i64]) -> [PathBuf; 2] {
        let (mut text, mut groups, mut n) = (String::from("user,item,rating,timestamp\n"), Vec::new(), 0_i64);
        for &size in sizes {
            let numbers: Vec<i64> = (n..n + size).collect();
            n += size;
            let item = |n: &i64| format!("i{}", n * n % 83);
            for n in &numbers {
                writeln!(text, "{},{},{},{}", n * 7919 % 53, item(n), n % 10, 1_000_000 + n).unwrap();
            }
            let ints =
                |value: &dyn Fn(i64) -> i64| Cells::Int64(numbers.iter().map(|n| Some(value(*n))).collect());
            groups.push(vec![
                ints(&|n| n * 7919 % 53),
                Cells::Text(numbers.iter().map(|n| Some(item(n).into_bytes())).collect()),
                ints(&|n| n % 10),
                ints(&|n| 1_000_000 + n),
            ]);
        }
        let schema = "required int64 user; required binary item (STRING); required int64 rating; required int64 timestamp;";
        write_groups(&here.join("r.parquet"), schema, &groups);
        [write(here, "r.csv", &text), here.join("r.parquet")]
    }

    /// Row groups larger than the number of rows decoded at a time, empty ones, and many.
    #[test]
    fn groups_and_threads_change_nothing() {
        let here = tempfile::tempdir().unwrap();
        for sizes in [&[20_000][..], &[0, 9000, 0, 1, 8192, 8193], &[10; 100]] {
            let [text, parquet] = both(here.path(), sizes);
            let numbers = |(data, _): &(Dataset, ReadReport)| {
                let ids = |map: &IdMap| (map.parts().0.to_vec(), map.parts().1.to_vec());
                (data.ratings.clone(), ids(&data.users), ids(&data.items), data.times.clone())
            };
            let read = |path: &PathBuf, options: &ReadOptions| {
                read_timed_ratings(std::slice::from_ref(path), options, &mut |_, _| Ok(()))
            };
            let expected = read(&text, &options()).unwrap();
            let strict = ReadOptions { duplicates: Some(Duplicates::Error), ..options() };
            for threads in [1, 3] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| {
                    let found = read(&parquet, &options()).unwrap();
                    assert!(numbers(&found) == numbers(&expected), "{sizes:?}");
                    assert_eq!(found.1.bytes, fs::metadata(&parquet).unwrap().len());
                    assert_eq!((found.1.rows, found.1.duplicates), (expected.1.rows, expected.1.duplicates));
                    // Rows are counted from 1; text has a header.
                    let again = read(&parquet, &strict).unwrap_err().to_string();
                    let row = again.split_once("r.parquet:").unwrap().1.split_once(": ").unwrap();
                    let line = read(&text, &strict).unwrap_err().to_string();
                    let line = line.split_once("r.csv:").unwrap().1.split_once(": ").unwrap().0.to_owned();
                    assert_eq!(row.0.parse::<u64>().unwrap() + 1, line.parse::<u64>().unwrap(), "{again}");
                });
            }
        }
    }

    #[cfg(feature = "cli")]
    #[test]
    fn the_same_model_as_from_text() {
        let here = tempfile::tempdir().unwrap();
        both(here.path(), &[500, 700, 800]);
        same_model(here.path(), "r.csv", "r.parquet");
        let table = here.path().join("table/day=1");
        fs::create_dir_all(&table).unwrap();
        both(&table, &[500, 700, 800]);
        fs::remove_file(table.join("r.csv")).unwrap();
        same_model(here.path(), "r.csv", "table");
    }

    #[test]
    fn titles() {
        let here = tempfile::tempdir().unwrap();
        let mut known = IdMap::new();
        ["7", "3", "9"].iter().for_each(|id| assert!(known.number(id.as_bytes()) < 3));
        let schema = "required boolean x; optional int64 movie_id; optional binary title (STRING);";
        let cells = vec![
            Cells::Flag(vec![Some(true); 4]),
            Cells::Int64(vec![Some(3), Some(7), Some(9), None]),
            texts(&["Amélie", "Seven, \"or\" 7\n", "null", "nothing"]),
        ];
        let titles = read_names(&file(here.path(), schema, cells), &known).unwrap();
        assert_eq!(titles, [Some("Seven, \"or\" 7\n".into()), Some("Amélie".into()), None]);
    }

    /// Flipped and missing bytes give an error or other numbers, but no panic.
    #[test]
    fn damaged_files() {
        let here = tempfile::tempdir().unwrap();
        let [_, path] = both(here.path(), &[300, 200]);
        let whole = fs::read(&path).unwrap();
        let mut refused = 0;
        for n in 0..600_usize {
            let mut bytes = whole.clone();
            let at = n * 7919 % bytes.len();
            if n % 4 == 0 {
                bytes.drain(at..(at + 1 + n % 50).min(whole.len()));
            } else {
                bytes[at] ^= 1 << (n % 8);
            }
            fs::write(&path, &bytes).unwrap();
            refused += usize::from(read(&path).is_err());
        }
        assert!(refused > 100, "{refused}");
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(fault(&path, &options()).contains("r.parquet: its end cannot be read"));
    }
}
