//! Files as people have them: each kind is read as it is meant, or refused by a sentence that names it.

use mfgpu::input::{
    Arrangement, BadRows, Duplicates, ReadOptions, ReadReport, read_cut, read_pairs, read_ratings,
    read_timed_ratings,
};
use mfgpu::ratings::Dataset;
use mfgpu::{Error, Feedback};
use std::fmt::Write as _;
use std::path::PathBuf;
use tempfile::TempDir;

fn options() -> ReadOptions {
    ReadOptions::default()
}

fn file(content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.txt");
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

/// Reads a file, in pieces of several sizes with the same result.
fn read_with(content: impl AsRef<[u8]>, options: &ReadOptions) -> Result<(Dataset, ReadReport), Error> {
    let (_folder, path) = file(content);
    let paths = [path];
    let (data, report) = read_ratings(&paths, options, &mut |_, _| Ok(()))?;
    for size in [1, 50] {
        if let Ok((again, cut)) = read_cut(&paths, options, &mut |_, _| Ok(()), size) {
            assert!(again.ratings == data.ratings && cut == report, "{cut:?} {report:?}");
        }
    }
    Ok((data, report))
}

fn rows_of(data: &Dataset) -> Vec<String> {
    let text = |id: &[u8]| String::from_utf8_lossy(id).into_owned();
    let row =
        |(user, item, value)| format!("{} {} {value}", text(data.users.id(user)), text(data.items.id(item)));
    data.ratings.iter().map(row).collect()
}

fn rows(content: impl AsRef<[u8]>) -> Vec<String> {
    let (data, report) = read_with(content, &options()).unwrap();
    assert_eq!(report.skipped, 0);
    rows_of(&data)
}

fn fault(content: impl AsRef<[u8]>, options: &ReadOptions) -> String {
    read_with(content, options).unwrap_err().to_string()
}

fn doubts(content: impl AsRef<[u8]>) -> String {
    read_with(content, &options()).unwrap().1.doubts.join("\n")
}

/// A text of so many lines.
fn lines(count: i32, line: impl Fn(i32) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().join("\n") + "\n"
}

/// Each of some contents is read as `a x 4`, `b y 3.5`.
fn two(contents: &[&str]) {
    for content in contents {
        assert_eq!(rows(content), ["a x 4", "b y 3.5"], "{content}");
    }
}

#[test]
fn what_surrounds_the_rows() {
    two(&[
        "a x 4\nb y 3.5\n\u{1a}",
        "user,item,rating\na,x,4\n   \nb,y,3.5\n\t\n,,\n",
        "user,item,rating\ra,x,4\rb,y,3.5\r",
        "# made by hand\n#\na,x,4\nb,y,3.5\n",
        "% bip weighted\n% 2 2 2\na x 4\nb y 3.5\n",
        "# item,user,score\nx,a,4\ny,b,3.5\n",
        "sep=;\r\nuser_id;item_id;rating\r\na;x;4\r\nb;y;3.5\r\n",
        "\u{feff}sep=\t\na\tx\t4\nb\ty\t3.5\n",
        "   a    x   4\n   b    y   3.5\n",
        "a\t x  4\nb \ty\t3.5\n",
        "  \n\nuser,item,rating\na,x,4\nb,y,3.5\n",
        "  user item rating\n1    a    x      4\n2    b    y    3.5\n",
        "user,item,rating,\na,x,4,\nb,y,3.5,\n",
    ]);
    let units = "user,item,rating\r\na,x,4\r\nb,y,3.5\r\n".encode_utf16();
    let bytes: Vec<u8> = std::iter::once(0xfeff).chain(units).flat_map(u16::to_le_bytes).collect();
    assert_eq!(rows(bytes), ["a x 4", "b y 3.5"]);
}

#[test]
fn names_as_programs_write_them() {
    two(&[
        "User.ID,Item.ID,Book.Rating\na,x,4\nb,y,3.5\n",
        "r.user_id,r.item_id,r.rating\na,x,4\nb,y,3.5\n",
        "[User ID];[Movie ID];[Rating]\na;x;4\nb;y;3.5\n",
        "\"\",\"user\",\"item\",\"rating\"\n\"1\",\"a\",\"x\",4\n\"2\",\"b\",\"y\",3.5\n",
        "\"user\" \"item\" \"rating\"\n\"1\" \"a\" \"x\" 4\n\"2\" \"b\" \"y\" 3.5\n",
        "0,1,2\na,x,4\nb,y,3.5\n",
        ",0,1,2\n0,a,x,4\n1,b,y,3.5\n",
        "V1,V2,V3\na,x,4\nb,y,3.5\n",
        "_c0\t_c1\t_c2\na\tx\t4\nb\ty\t3.5\n",
        "Unnamed: 0,user,item,rating\n0,a,x,4\n1,b,y,3.5\n",
        "user_id,podcast_number,rating\na,x,4\nb,y,3.5\n",
    ]);
    let (data, report) = read_with("0,1,2,3\na,x,4,978300760\nb,y,3.5,978300761\n", &options()).unwrap();
    assert!(data.ratings.len() == 2 && report.files[0].columns.contains("time 4 `3`"), "{report:?}");
    assert_eq!(rows("0,1,2\n0,2,3\n1,1,4\n"), ["0 1 2", "0 2 3", "1 1 4"], "a user whose id is 0");
    assert_eq!(rows("0,5,6,4\n1,5,7,3\n2,6,6,1\n"), ["5 6 4", "5 7 3", "6 6 1"], "an index");
    for unknown in ["brewery,review,score2,palate\n1,2,3,4\n", "qui,livre,note\na,x,4\nb,y,3.5\n"] {
        let found = fault(unknown, &options());
        assert!(found.contains("r.txt:1: found columns `") && found.contains("no user or item"), "{found}");
    }
}

#[test]
fn what_is_read_is_said() {
    let columns = |content: &str| read_with(content, &options()).unwrap().1.files[0].columns.clone();
    assert_eq!(
        columns("ts,stars,userId,movieId\n5,4,a,x\n"),
        "user 3 `userId`, item 4 `movieId`, rating 2 `stars`, time 1 `ts` (by name)"
    );
    assert_eq!(
        columns("a,x,4,978300760\nb,y,3,978300761\n"),
        "user 1, item 2, rating 3, time 4 (by position)"
    );
    let named = ReadOptions { item_column: Some("3".into()), ..options() };
    let report = read_with("a,4,x\nb,3,y\n", &named).unwrap().1;
    assert_eq!(report.files[0].columns, "user 1 (by position), item 3 (as asked), rating 2 (by position)");
}

#[test]
fn columns_that_look_like_something_else() {
    two(&["a,x,978300760,4\nb,y,978300761,3.5\n", "a,x,2014-05-13,4\nb,y,2014-05-14,3.5\n"]);
    let (data, report) = read_with("a,x,978300760\nb,y,978300761\n", &options()).unwrap();
    assert_eq!((data.feedback, rows_of(&data)), (Feedback::Pairs, vec!["a x 1".into(), "b y 1".into()]));
    assert!(report.files[0].columns.contains("time 3"), "{report:?}");
    let found =
        fault("0,2014-04-07T10:00:00.277Z,214536502,0\n0,2014-04-07T10:01:00Z,214536500,0\n", &options());
    assert!(
        found.contains("column 2") && found.contains("dates") && found.contains("input.item_column"),
        "{found}"
    );
    let mut ids = String::new();
    let mut places = String::new();
    for n in 0..30_u32 {
        writeln!(ids, "{},{},{}", n % 7, n % 5, 7_000_000 + n * 977).unwrap();
        writeln!(places, "{},{},30.{:06},-97.{:06}", n % 7, n % 5, n * 7919 % 999_983, n * 104_729 % 999_983)
            .unwrap();
    }
    assert!(doubts(&ids).contains("looks like ids"));
    assert!(doubts(&places).contains("looks like coordinates"));
    let found = fault("a,x,3,5\nb,y,4,0\nc,y,1,5\n", &options());
    assert!(found.contains("two halves of numbers with a decimal comma"), "{found}");
    let found = fault("user,item,rating\na,x,3,5\nb,y,4,0\n", &options());
    assert!(found.contains("decimal comma") && found.contains("3 columns above rows of 4"), "{found}");
    let once = lines(30, |n| format!("{n},{},{}", n % 5, n % 4 + 1));
    assert!(doubts(&once).contains("has one rating"));
}

#[test]
fn numbers_with_separators() {
    two(&[
        "user;item;rating\na;x;4,0\nb;y;3,5\n",
        "a\tx\t4,0\nb\ty\t3,5\n",
        "user,item,rating\na,x,\"4,0\"\nb,y,\"3,5\"\n",
    ]);
    let values = |content: &str| read_with(content, &options()).unwrap().0.ratings.values;
    assert_eq!(values("user,item,plays\na,x,\"841,596\"\nb,y,12\n"), [841_596.0, 12.0]);
    assert_eq!(values("user;item;plays\na;x;1.234,5\nb;y;2,25\n"), [1234.5, 2.25]);
    assert_eq!(values("user,item,plays\na,x,1'234\nb,y,7\n"), [1234.0, 7.0]);
    assert!(fault("user;item;rating\na;x;3,125\nb;y;4,250\n", &options()).contains("`input.decimal = ,`"));
    let comma = ReadOptions { decimal: Some(','), ..options() };
    let grouped = ReadOptions { thousands: Some(','), ..options() };
    let read =
        |options| read_with("user;item;rating\na;x;3,125\nb;y;4,250\n", options).unwrap().0.ratings.values;
    assert_eq!((read(&comma), read(&grouped)), (vec![3.125, 4.25], vec![3125.0, 4250.0]));
    // A number with a separator that the first rows do not have is no row to skip: only the large ones would go.
    let late = "user,item,plays\n".to_owned() + &"a,x,5\n".repeat(200) + "b,y,nan\nb,y,\"1,234\"\n";
    let skip = ReadOptions { bad_rows: BadRows::Skip, ..options() };
    let found = fault(&late, &skip);
    assert!(
        found.contains("r.txt:203: found weight `1,234`") && found.contains("input.thousands"),
        "{found}"
    );
    let cut = "user,item,rating\n".to_owned() + &"a,x,5\n".repeat(200) + "b,y,3,5\n";
    let found = fault(&cut, &skip);
    assert!(found.contains("r.txt:202: found 4 columns, expected 3; a decimal comma"), "{found}");
    assert_eq!(values("user,item,liked\na,x,true\nb,y,False\n"), [1.0, 0.0]);
    let found = fault("user,item,rating\na,x,1000000001\nb,y,1000000002\n", &options());
    assert!(found.contains("32 bits"), "{found}");
}

#[test]
fn values_that_stand_for_no_rating() {
    let missing = |values: &[&str]| ReadOptions {
        missing: values.iter().map(|&value| value.into()).collect(),
        ..options()
    };
    let content = "user,item,rating\na,x,4\nb,x,-1\nb,y,3.5\nc,z,NA\n";
    let (data, report) = read_with(content, &missing(&["-1", "NA"])).unwrap();
    assert_eq!(
        (rows_of(&data), report.missing, data.users.len()),
        (vec!["a x 4".into(), "b y 3.5".into()], 2, 2)
    );
    assert!(fault(content, &options()).contains("`input.missing` names values that stand for no rating"));
    assert!(fault("user,item,rating\na,x,0\n", &missing(&["0"])).contains("stand for no rating"));
    let apart = lines(60, |n| format!("{},{n},{}", n % 9, if n % 4 == 0 { -1 } else { n % 5 + 2 }));
    assert!(doubts(&apart).contains("`input.missing = -1`"));
    let far = lines(60, |n| format!("{},{n},{}", n % 9, n % 5 + 1)) + "3,70,1000000\n";
    let found = doubts(&far);
    assert!(found.contains("the rating 1000000 of item `70` by user `3`"), "{found}");
    assert!(doubts("user, item, rating\na, x, 4\nb, y, 3\n").contains("all item ids begin with a blank"));
}

#[test]
fn times_of_every_notation() {
    let times = |content: &str| {
        let (_folder, path) = file(content);
        read_timed_ratings(&[path], &options(), &mut |_, _| Ok(())).unwrap().0.times
    };
    let expected = [1_399_939_200_000, 1_424_304_000_000];
    for (first, second) in [
        ("2014/05/13", "2015/02/19"),
        ("2014-05-13", "2015-02-19"),
        ("2014-05-13 00:00:00 UTC", "2015-02-19 00:00:00 UTC"),
        ("20140513", "20150219"),
        ("13.05.2014", "19.02.2015"),
        ("05/13/2014", "2/19/2015"),
        ("13/05/2014 00:00", "19/02/2015 00:00"),
        ("\"05 13, 2014\"", "\"02 19, 2015\""),
        ("\"May 13, 2014\"", "\"February 19, 2015\""),
        ("Mon May 12 17:00:00 -0700 2014", "Wed Feb 18 16:00:00 -0800 2015"),
        ("1399939200", "1424304000"),
        ("1399939200000", "1424304000000"),
        ("1399939200000000", "1424304000000000"),
    ] {
        let named = format!("user,item,rating,timestamp\na,x,4,{first}\nb,y,3,{second}\n");
        assert_eq!(times(&named), expected, "{named}");
        let plain = format!("a,x,4,{first}\nb,y,3,{second}\n");
        assert_eq!(times(&plain), expected, "{plain}");
    }
    let (_folder, path) = file("user,item,rating,date\na,x,4,05/06/2014\nb,y,3,01/02/2014\n");
    let found = read_timed_ratings(&[path], &options(), &mut |_, _| Ok(())).unwrap_err().to_string();
    assert!(found.contains("`05/06/2014`") && found.contains("day or the month"), "{found}");
}

#[test]
fn the_latest_of_several_ratings_counts() {
    let content = "user,item,rating,timestamp\na,x,5,1400000300\nb,x,2,1400000100\na,x,1,1400000200\n";
    let (data, report) = read_with(content, &options()).unwrap();
    assert_eq!(rows_of(&data), ["a x 5", "b x 2"]);
    assert!(report.merged.contains("latest by its time") && data.times.is_empty(), "{report:?}");
    let (data, report) = read_with("user,item,rating\na,x,5\na,x,1\n", &options()).unwrap();
    assert!(rows_of(&data) == ["a x 1"] && report.merged.contains("order of the files"), "{report:?}");
    let (data, report) = read_with("user,item,rating,time\na,x,5,soon\na,x,1,9\n", &options()).unwrap();
    assert!(rows_of(&data) == ["a x 1"] && report.merged.contains("found time `soon`"), "{report:?}");
    let sum = ReadOptions { duplicates: Some(Duplicates::Sum), ..options() };
    assert_eq!(rows_of(&read_with(content, &sum).unwrap().0), ["a x 6", "b x 2"]);
}

#[test]
fn json_and_other_layouts() {
    two(&[
        "{\"user_id\":\"a\",\"item_id\":\"x\",\"stars\":4.0}\n{\"item_id\":\"y\",\"stars\":3.5,\"user_id\":\"b\"}\n",
        "[{\"user\":\"a\",\"item\":\"x\",\"rating\":4},\n {\"user\":\"b\",\"item\":\"y\",\"rating\":\"3.5\"}]\n",
        "[\n  [\"a\", \"x\", 4],\n  [\"b\", \"y\", 3.5]\n]\n",
        "[\"a\",\"x\",4]\n[\"b\",\"y\",3.5]\n",
    ]);
    let found = fault(
        "{\"user\":1,\"item\":2,\"rating\":4}\n{\"user\":1,\"item\":{\"id\":2},\"rating\":4}\n",
        &options(),
    );
    assert!(found.contains("r.txt:2: found an object or an array in `item`"), "{found}");
    let found = fault("{'user': 1, 'item': 2}\n", &options());
    let found_nested = fault("{\"ratings\": [{\"user\": 1, \"item\": 2}]}\n", &options());
    assert!(found_nested.contains("one object with objects or arrays in it (`ratings`)"), "{found_nested}");
    assert!(found.contains("Python dictionary") && found.contains("json.dumps"), "{found}");
    assert_eq!(
        rows("%%MatrixMarket matrix coordinate real general\n% by hand\n2 3 2\n1 3 4\n2 1 3.5\n"),
        ["1 3 4", "2 1 3.5"]
    );
    let (data, _) =
        read_with("%%MatrixMarket matrix coordinate pattern general\n2 3 2\n1 3\n2 1\n", &options()).unwrap();
    assert_eq!(data.feedback, Feedback::Pairs);
    assert!(fault("%%MatrixMarket matrix array real general\n2 3\n", &options()).contains("dense matrix"));
    let (data, _) = read_with("0 5 6 7 8 9 10\n1 5\n2\n3 6 8 10\n", &options()).unwrap();
    assert_eq!((data.feedback, data.ratings.len(), data.users.len()), (Feedback::Pairs, 10, 3));
    assert_eq!(rows("4 0:1 7:1\n3.5 1:1 8:1\n"), ["0 7 4", "1 8 3.5"]);
    assert_eq!(rows("0 5:4 6:3.5\n1 5:2\n"), ["0 5 4", "0 6 3.5", "1 5 2"]);
    let (_folder, path) = file("128:\n17,2005-12-19\n9,2005-12-01\n119:\n17,2005-12-23\n");
    let pairs = read_pairs(&path, &options(), &mut |_, _| Ok(())).unwrap();
    assert_eq!(rows_of(&pairs), ["17 128 0", "9 128 0", "17 119 0"]);
    two(&["user,item,rating\n\"a\",x,4\n\"b\",\"y\",3.5\n"]);
    assert_eq!(rows("user,item,rating\n\"O\\\"Neil\",2,3\n2,3,4\n"), ["O\"Neil 2 3", "2 3 4"]);
}

#[test]
fn a_row_a_user() {
    let jester =
        "3,99,-1.5,9.2,99,3.1,99\n2,99,-9.5,99,99,1.1,99\n4,5.1,-1.5,2.2,99,-3.1,99\n2,99,99,0.2,99,2.1,99\n";
    let (data, report) = read_with(jester, &options()).unwrap();
    assert_eq!((data.ratings.len(), data.users.len(), data.items.len(), report.missing), (11, 4, 4, 13));
    assert!(report.files[0].layout.contains("wide") && report.files[0].layout.contains("`99`"), "{report:?}");
    let named = "user,Heat,Up,Alien,Jaws,Big\nann,5,,3,1,\nbob,1,4,,5,2\ncy,,2,5,,4\n";
    let found = rows(named);
    assert_eq!((found.len(), &found[0][..], &found[3][..]), (10, "ann Heat 5", "bob Heat 1"));
    let r_matrix =
        "Heat\tUp\tAlien\tJaws\tBig\nann\t5\tNA\t3\t1\tNA\nbob\t1\t4\tNA\t5\t2\ncy\tNA\t2\t5\tNA\t4\n";
    assert_eq!((rows(r_matrix).len(), &rows(r_matrix)[0][..]), (10, "ann Heat 5"));
    let wide = ReadOptions { layout: Arrangement::Wide, ..options() };
    let (data, _) = read_with("user,x,y\na,4,\nb,,3.5\n", &wide).unwrap();
    assert_eq!(rows_of(&data), ["a x 4", "b y 3.5"]);
    let long = ReadOptions { layout: Arrangement::Long, ..options() };
    assert_eq!(read_with(jester, &long).unwrap().0.items.len(), 2);
}

/// A table whose header names users and items is no matrix, whatever its other columns hold.
#[test]
fn a_row_a_rating_with_many_numbers() {
    let features =
        lines(20, |n| format!("{},{},{},{},{},{}", n % 5, n % 4, n % 5 + 1, n % 6, n % 3, n % 4 + 1));
    let found = rows("user,item,rating,a,b,c\n".to_owned() + &features);
    assert_eq!((found.len(), &found[0][..]), (20, "0 0 1"));
}

#[test]
fn other_kinds_of_files_are_named() {
    for (start, expected) in [
        (&b"SQLite format 3\0\x10\0\x01\x01"[..], "SQLite"),
        (b"\x80\x04\x95\x10\0\0\0", "pickle"),
        (b"\x89HDF\r\n\x1a\n\0\0", "HDF5"),
        (b"<!DOCTYPE html>\n<html>", "web page"),
        (b"PGDMP\x01", "PostgreSQL"),
    ] {
        let found = fault(start, &options());
        assert!(found.contains(expected) && !found.contains('\0'), "{found}");
    }
}

/// An array as numpy writes it: a header of text, then the numbers.
fn npy(kind: &str, shape: &str, numbers: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
    let header = format!("{header:<117}\n");
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.into_bytes());
    bytes.extend(numbers);
    bytes
}

fn zipped(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn arrays_and_sparse_matrices() {
    let doubles =
        |numbers: &[f64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let whole = |numbers: &[i32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let triples = npy("<f8", "(2, 3)", &doubles(&[7.0, 3.0, 4.0, 8.0, 1.0, 3.5]));
    assert_eq!(rows(&triples), ["7 3 4", "8 1 3.5"]);
    let dense = npy(
        "<i4",
        "(4, 6)",
        &whole(&[5, 0, 3, 1, 0, 0, 1, 4, 0, 5, 2, 0, 0, 2, 5, 0, 4, 1, 2, 0, 0, 3, 0, 5]),
    );
    assert_eq!(read_with(&dense, &options()).unwrap().0.ratings.len(), 14);
    let line = npy("<f8", "(3,)", &doubles(&[1.0, 2.0, 3.0]));
    assert!(fault(&line, &options()).contains("a numpy array of shape (3)"));
    let data = npy("<f8", "(2,)", &doubles(&[4.0, 3.5]));
    let shape = npy("<i4", "(2,)", &whole(&[3, 4]));
    let (row, column) = (npy("<i4", "(2,)", &whole(&[0, 2])), npy("<i4", "(2,)", &whole(&[3, 1])));
    let pointers = npy("<i4", "(4,)", &whole(&[0, 1, 1, 2]));
    let format = |name: &str| npy("|S3", "()", name.as_bytes());
    let shared = [("data", data.clone()), ("shape", shape.clone())];
    let coo =
        [&shared[..], &[("format", format("coo")), ("row", row.clone()), ("col", column.clone())]].concat();
    let csr = [&shared[..], &[("format", format("csr")), ("indptr", pointers), ("indices", column.clone())]]
        .concat();
    for matrix in [&coo, &csr] {
        assert_eq!(rows(zipped(matrix)), ["0 3 4", "2 1 3.5"]);
    }
    let broken = [("data", data), ("shape", shape), ("format", format("coo")), ("row", row)];
    assert!(fault(zipped(&broken), &options()).contains("no sparse matrix"));
    assert!(fault(b"PK\x03\x04", &options()).contains("zip"));
}
