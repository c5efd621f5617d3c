//! The input floor as its users see it: every layout, every fault, and the same result for any division of
//! the work.

use mfgpu::Error;
use mfgpu::input::{
    BadRows, Duplicates, Format, ReadOptions, ReadReport, read_cut, read_ids, read_names, read_pairs,
    read_ratings,
};
use mfgpu::ratings::{Dataset, IdMap, Side};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use tempfile::TempDir;

type Row = (String, String, f32);

fn row(user: &str, item: &str, value: f32) -> Row {
    (user.to_owned(), item.to_owned(), value)
}

/// Files in a folder that is deleted with the value.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn add(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

fn options() -> ReadOptions {
    ReadOptions::default()
}

fn read_with(content: impl AsRef<[u8]>, options: &ReadOptions) -> Result<(Dataset, ReadReport), Error> {
    let files = Files::new();
    read_ratings(&[files.add("r.txt", content)], options, &mut |_, _| Ok(()))
}

fn rows_of(data: &Dataset) -> Vec<Row> {
    let text = |id: &[u8]| String::from_utf8_lossy(id).into_owned();
    data.ratings
        .iter()
        .map(|(user, item, value)| (text(data.users.id(user)), text(data.items.id(item)), value))
        .collect()
}

fn rows(content: impl AsRef<[u8]>) -> Vec<Row> {
    rows_of(&read_with(content, &options()).unwrap().0)
}

/// The text of an error after the name of the file.
fn fault_with(content: impl AsRef<[u8]>, options: &ReadOptions) -> String {
    let text = read_with(content, options).unwrap_err().to_string();
    text[text.find("r.txt").unwrap_or(0)..].to_owned()
}

fn fault(content: impl AsRef<[u8]>) -> String {
    fault_with(content, &options())
}

fn two() -> Vec<Row> {
    vec![row("a", "x", 4.0), row("b", "y", 3.5)]
}

#[test]
fn layouts() {
    for content in [
        "user_id,item_id,rating\na,x,4\nb,y,3.5\n",
        "a,x,4\nb,y,3.5",
        "a,x,4,100\r\nb,y,3.5,200\r\n",
        "\u{feff}userId;movieId;rating\r\na;x;4\r\nb;y;3.5\r\n",
        "a\tx\t4\t881250949\nb\ty\t3.5\t881250949\n",
        "a::x::4::978300760\nb::y::3.5::978300760\n",
        "timestamp,Stars,Book-ID,USER ID\n1,4,x,a\n2,3.5,y,b\n",
        "\"User-ID\";\"ISBN\";\"Book-Rating\"\n\"a\";\"x\";\"4\"\n\"b\";\"y\";\"3.5\"\n",
        ",userId,asin,overall\n0,a,x,4\n1,b,y,3.5\n",
        "x:\na,4,2005-09-06\ny:\nb,3.5,2005-09-06\n",
        "\n\r\na,x,4\n\n\nb,y,3.5\n\n",
        "a|x|4\nb|y|3.5\n",
        "a x 4\nb y 3.5\n",
    ] {
        assert_eq!(rows(content), two(), "{content}");
    }
}

#[test]
fn columns_by_flag() {
    let flags = |user: &str, item: &str, rating: &str| {
        let flag = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ReadOptions {
            user_column: flag(user),
            item_column: flag(item),
            rating_column: flag(rating),
            ..options()
        }
    };
    let read = |content: &str, options| rows_of(&read_with(content, &options).unwrap().0);
    assert_eq!(read("x,a,4\ny,b,3.5\n", flags("2", "1", "3")), two());
    assert_eq!(read("x,a,4\ny,b,3.5\n", flags("2", "", "")), two());
    assert_eq!(read("who,what,how\na,x,4\nb,y,3.5\n", flags("who", "What", "HOW")), two());
    assert_eq!(read("how,user,what\n4,a,x\n3.5,b,y\n", flags("", "what", "how")), two());
    assert_eq!(read("title,n,user\nx,4,a\ny,3.5,b\n", flags("3", "1", "2")), two());
    for bad in [flags("4", "", ""), flags("0", "", ""), flags("none", "", ""), flags("1", "1", "3")] {
        let error = read_with("a,x,4\nb,y,3.5\n", &bad).unwrap_err();
        assert!(matches!(error, Error::Usage(_)), "{error}");
    }
}

#[test]
fn formats_by_flag() {
    let read = |content, format| read_with(content, &ReadOptions { format, ..options() });
    for (content, format) in [
        ("a,x,4\nb,y,3.5\n", Format::Csv),
        ("a\tx\t4\nb\ty\t3.5\n", Format::Tsv),
        ("a::x::4\nb::y::3.5\n", Format::Movielens),
        ("a\tx\t4\nb\ty\t3.5\n", Format::Movielens),
        ("x:\na,4\ny:\nb,3.5\n", Format::Netflix),
    ] {
        assert_eq!(rows_of(&read(content, format).unwrap().0), two());
    }
    assert!(read("a,x,4\n", Format::Tsv).is_err());
    assert!(read("a,4,x\n", Format::Netflix).is_err());
}

#[test]
fn packed_and_several_files() {
    let files = Files::new();
    let mut gzip = Vec::new();
    for part in ["user,item,rating\na,x", ",4\n"] {
        let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        member.write_all(part.as_bytes()).unwrap();
        gzip.extend(member.finish().unwrap());
    }
    let zst = zstd::encode_all(&b"\xef\xbb\xbfb\ty\t3.5\n"[..], 1).unwrap();
    let paths = [files.add("one", &gzip), files.add("empty.csv", ""), files.add("two.zst", &zst)];
    let (data, report) = read_ratings(&paths, &options(), &mut |_, _| Ok(())).unwrap();
    assert_eq!(rows_of(&data), two());
    assert_eq!(report.bytes, (gzip.len() + zst.len()) as u64);
    assert_eq!(report.files.iter().map(|file| file.rows).collect::<Vec<_>>(), [1, 0, 1]);
    assert_eq!(report.files[0].layout, "delimiter `,`, header");
    let cut = files.add("cut.gz", &gzip[..gzip.len() - 12]);
    assert!(matches!(read_ratings(&[cut], &options(), &mut |_, _| Ok(())), Err(Error::Read { .. })));
}

#[test]
fn bad_rows_name_their_line() {
    for (content, expected) in [
        ("user,item,rating\na,x,4\n\nb,y,good\n", "r.txt:4: found rating `good`, expected a finite number"),
        ("a,x,4\nb,y,nan\n", "r.txt:2: found rating `nan`, expected a finite number"),
        ("a,x,inf\n", "r.txt:1: found rating `inf`, expected a finite number"),
        ("a,x,4\nb,y,1e39\n", "r.txt:2: found rating `1e39`, expected a finite number"),
        ("a,x,1e30\nb,y,-1.1e30\n", "r.txt:2: found rating `-1.1e30`, expected a number from -1e30 to 1e30"),
        ("a,x,4\nb,y,\n", "r.txt:2: found rating ``, expected a finite number"),
        ("1,2,oops\n1,3,4\n", "r.txt:1: found rating `oops`, expected a finite number"),
        ("a,x,4\n,y,3\n", "r.txt:2: found an empty user id, expected an id"),
        ("a,x,4\nb,,3\n", "r.txt:2: found an empty item id, expected an id"),
        ("a,x,4\nc,z,3\nb,y\n", "r.txt:3: found 2 columns, expected 3"),
        ("a,x,4\nb,y,3,2\n", "r.txt:2: found 4 columns, expected 3"),
        ("\"a\nb\",x,4\nb,y,?\n", "r.txt:3: found rating `?`, expected a finite number"),
        ("a,x,4\n\"b\"c,y,3\n", "r.txt:2: found text after a closing quote"),
        ("a,x,4\n\"b,y,3\nc,z,2\n", "r.txt:2: found a quote that is never closed"),
        ("x:\na,4\nb\n", "r.txt:3: found 1 column, expected `user,rating,date`"),
    ] {
        let found = fault(content);
        assert!(found.starts_with(expected), "{content:?}: {found}");
    }
    let netflix = ReadOptions { format: Format::Netflix, ..options() };
    assert!(fault_with("a,4\n", &netflix).starts_with("r.txt:1: found a rating, expected an `item:` line"));
}

#[test]
fn bad_rows_are_skipped_and_counted() {
    let skip = ReadOptions { bad_rows: BadRows::Skip, ..options() };
    let (data, report) = read_with("a,x,4\nb,y,nan\n,y,1\nb,y\nb,y,3.5\n", &skip).unwrap();
    assert_eq!(rows_of(&data), two());
    assert_eq!((report.rows, report.skipped), (2, 3));
    assert!(report.first_skipped.unwrap().contains("r.txt:2: found rating `nan`, expected a finite number"));
    assert!(fault_with("1,2,nan\n", &skip).contains("no ratings found, 1 bad rows were skipped"));
    let lost = fault_with("a,x,4\n\"b,y,3\nc,z,2\n", &skip);
    assert!(lost.contains("never closed"), "where rows end is unknown from there on: {lost}");
}

#[test]
fn nothing_to_read() {
    for content in ["", "\n\n", "user,item,rating\n", "\u{feff}"] {
        assert!(fault(content).contains("no ratings found"), "{content:?}");
    }
    let files = Files::new();
    let read = |paths: &[PathBuf]| read_ratings(paths, &options(), &mut |_, _| Ok(())).unwrap_err();
    assert!(read(&[files.0.path().to_owned()]).to_string().contains("a directory without files"));
    assert!(matches!(read(&[files.0.path().join("none")]), Error::Read { .. }));
    assert!(matches!(read(&[]), Error::Usage(_)));
    assert!(matches!(read(&["-".into(), "-".into()]), Error::Usage(_)));
    assert!(fault(b"PK\x03\x04").contains("zip"));
}

#[test]
fn columns_that_are_not_there() {
    let found = fault("user_id,item_id,much\na,x,100\n");
    for part in ["r.txt:1: ", "`user_id`, `item_id`, `much`", "no rating column", "`input.rating_column`"] {
        assert!(found.contains(part), "{found}");
    }
    assert!(fault("a\nb\n").contains("expected at least 2: user, item"));
    let found = fault("qui,livre,quand\na,x,hier\n");
    assert!(
        found.contains("`qui`, `livre`, `quand`")
            && found.contains("`input.user_column`, `input.item_column`, `input.rating_column`")
    );
    assert!(fault("qui,livre,rating\na,x,4\n").contains("no user or item column is known"));
}

#[test]
fn one_user_one_item_odd_ids() {
    assert_eq!(rows("a,x,4\na,y,3\n").len(), 2);
    assert_eq!(rows("a,x,4\nb,x,3\n").len(), 2);
    assert_eq!(rows("user,item,rating\n\"a,\"\"\n\",\" x\",4\n"), [row("a,\"\n", " x", 4.0)]);
    let (data, _) = read_with(b"caf\xe9\0,x,4\n", &options()).unwrap();
    assert_eq!(data.users.id(0), b"caf\xe9\0");
}

#[test]
fn duplicates() {
    let content = "user,item,rating\na,x,1\nb,x,2\na,x,4\na,y,5\n\na,x,3\nb,x,3\n";
    let read = |duplicates| read_with(content, &ReadOptions { duplicates: Some(duplicates), ..options() });
    let (data, report) = read(Duplicates::Last).unwrap();
    assert_eq!(rows_of(&data), [row("a", "x", 3.0), row("b", "x", 3.0), row("a", "y", 5.0)]);
    assert_eq!((report.rows, report.duplicates), (6, 3));
    let (data, _) = read(Duplicates::Mean).unwrap();
    assert_eq!(rows_of(&data), [row("a", "x", 8.0 / 3.0), row("b", "x", 2.5), row("a", "y", 5.0)]);
    let error = read(Duplicates::Error).unwrap_err().to_string();
    assert!(error.contains("r.txt:4: found user `a` and item `x` again (first at "), "{error}");
    assert!(error.contains("r.txt:2)"), "{error}");
    let error = fault_with(
        "a,x,1\n\n\nb,x,1\nb,x,1\n",
        &ReadOptions { duplicates: Some(Duplicates::Error), ..options() },
    );
    assert!(error.starts_with("r.txt:5: ") && error.contains("r.txt:4)"), "{error}");
}

#[test]
fn pairs() {
    let files = Files::new();
    let read = |content: &str| {
        read_pairs(&files.add("p", content), &options(), &mut |_, _| Ok(())).map(|data| rows_of(&data))
    };
    let twice = [row("b", "y", 0.0), row("a", "x", 0.0), row("b", "y", 0.0)];
    assert_eq!(read("user,item\nb,y\na,x\nb,y\n").unwrap(), twice);
    assert_eq!(read("b,y\na,x\nb,y\n").unwrap(), twice);
    assert_eq!(read("item,when,user\ny,now,b\nx,then,a\ny,now,b\n").unwrap(), twice);
    assert_eq!(read("a,x,4\nb,y,3.5\n").unwrap(), two());
    assert_eq!(read("user,item,rating\na,x,4\nb,y,\n").unwrap(), [row("a", "x", 4.0), row("b", "y", 0.0)]);
    assert_eq!(read("x:\na\ny:\nb\n").unwrap(), [row("a", "x", 0.0), row("b", "y", 0.0)]);
    assert!(read("").unwrap_err().to_string().contains("no pairs found"));
    assert!(read("a\nb\n").unwrap_err().to_string().contains("expected at least 2: user, item"));
}

#[test]
fn lists_of_ids() {
    let files = Files::new();
    let read = |content: &str| read_ids(&files.add("ids", content), Side::User, &IdMap::new()).unwrap();
    assert_eq!(read("user_id\r\nb,c\r\n\r\n\"a\"\"\n\"\nb,c"), [&b"b,c"[..], b"a\"\n", b"b,c"]);
    assert_eq!(read("someone\nuser\n"), [&b"someone"[..], b"user"]);
    assert!(read("").is_empty());
}

#[test]
fn names() {
    let files = Files::new();
    let mut known = IdMap::new();
    for id in ["7", "3", "9"] {
        known.number(id.as_bytes());
    }
    let read = |content: &[u8]| read_names(&files.add("n", content), &known);
    let expected = [Some("Seven, or 7".to_owned()), Some("Amélie".to_owned()), None];
    for content in [
        &b"id,book_id,pages,title\n3,7,9,Am\xe9lie\n7,8,9,\"Seven, or 7\"\n4,9,9,Four\n"[..],
        b"3::Am\xe9lie::Drama|War\n7::Seven, or 7::Crime\n",
        b"3|Am\xe9lie|x\n7|Seven, or 7|y\n",
        b"label;isbn\nAm\xe9lie;3\n\"Seven, or 7\";7\n",
        "{\"pages\": 9, \"book_id\": 3, \"title\": \"Am\\u00e9lie\"}\n{\"book_id\": \"7\", \"title\": \"Seven, or 7\"}\n".as_bytes(),
        "item\tname\n3\tAmélie\n7\tSeven, or 7\n9\t \n".as_bytes(),
    ] {
        assert_eq!(read(content).unwrap(), expected);
    }
    let quoted = read(b"id\ttitle\n3\t\"Heroes\" live\n").unwrap();
    assert_eq!(quoted[1].as_deref(), Some("\"Heroes\" live"));
    assert!(read(b"id,title\n100,A\n").unwrap_err().to_string().contains("id, title"));
    assert!(read(b"one\n").unwrap_err().to_string().contains("expected ids and titles"));
}

/// All data that could differ.
fn bytes_of((data, report): &(Dataset, ReadReport)) -> impl PartialEq + std::fmt::Debug + use<> {
    let ids = |map: &IdMap| (map.parts().0.to_vec(), map.parts().1.to_vec());
    (data.ratings.clone(), ids(&data.users), ids(&data.items), report.clone())
}

#[test]
fn threads_and_pieces_change_nothing() {
    let files = Files::new();
    let (mut plain, mut quoted, mut netflix) =
        (String::new(), String::from("item,user,rating\n"), String::new());
    for n in 0_u32..400 {
        let (user, item) = (n * 7919 % 53, n * 104_729 % 31);
        let bad = if n % 50 == 3 { "\nbad\t\t\n" } else { "" };
        let heading = if n % 9 == 0 { format!("i{item}:\n") } else { String::new() };
        // Some ids are too long for the words of a table.
        let length = if user % 3 == 0 { 40 } else { 2 };
        write!(plain, "u{user:0length$}\ti{item}\t{}\n{bad}", n % 10).unwrap();
        write!(quoted, "\"i\n{item}\",\"u\"\"{user},\",{}.5\r\n", n % 5).unwrap();
        writeln!(netflix, "{heading}u{user},{},2005-01-01", n % 5).unwrap();
    }
    let paths = [files.add("a", &plain), files.add("b", &quoted), files.add("c", &netflix)];
    let skip = ReadOptions { bad_rows: BadRows::Skip, ..options() };
    let strict = ReadOptions { duplicates: Some(Duplicates::Error), bad_rows: BadRows::Skip, ..options() };
    let expected = read_ratings(&paths, &skip, &mut |_, _| Ok(())).unwrap();
    assert_eq!((expected.1.rows, expected.1.skipped), (1200, 8));
    let refusal = read_ratings(&paths, &strict, &mut |_, _| Ok(())).unwrap_err().to_string();
    for threads in [1, 2, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for size in [1, 7, 64, 1000, 1 << 20] {
            let read = |options| pool.install(|| read_cut(&paths, options, &mut |_, _| Ok(()), size));
            assert_eq!(
                bytes_of(&read(&skip).unwrap()),
                bytes_of(&expected),
                "{threads} threads, {size} bytes"
            );
            assert_eq!(read(&strict).unwrap_err().to_string(), refusal, "{threads} threads, {size} bytes");
        }
    }
}

/// Runs this test binary again with some text on standard input.
#[test]
fn standard_input() {
    if std::env::var_os("MFGPU_TEST_STDIN").is_some() {
        let (data, report) = read_ratings(&["-".into()], &options(), &mut |_, _| Ok(())).unwrap();
        assert_eq!((rows_of(&data), report.bytes), (two(), 14));
        return;
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "input::standard_input"])
        .env("MFGPU_TEST_STDIN", "1")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"a,x,4\nb,y,3.5\n").unwrap();
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn progress_ends_at_everything() {
    let files = Files::new();
    let content = "a,x,4\n".repeat(20_000);
    let mut seen = Vec::new();
    let mut progress = |bytes, rows| {
        seen.push((bytes, rows));
        Ok(())
    };
    read_cut(&[files.add("a", &content)], &options(), &mut progress, 512).unwrap();
    assert!(seen.is_sorted() && seen.len() > 2, "{seen:?}");
    assert_eq!(seen.last(), Some(&(120_000, 20_000)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// All ids written by the csv crate are read back unchanged.
    #[test]
    fn round_trip(
        ids in prop::collection::vec(("[\"',;\t\r\n a-cé☃\u{1F600}|:]{1,6}", "[\",\nx-z]{1,3}"), 1..40),
        delimiter in prop::sample::select(&b",;\t"[..]),
        size in 1_usize..200,
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["user", "item", "rating"]).unwrap();
        let mut expected: Vec<Row> = Vec::new();
        for (n, (user, item)) in ids.iter().enumerate() {
            let value = n as f32 / 2.0;
            writer.write_record([user, item, &value.to_string()]).unwrap();
            match expected.iter_mut().find(|row| row.0 == *user && row.1 == *item) {
                Some(row) => row.2 = value,
                None => expected.push(row(user, item, value)),
            }
        }
        let files = Files::new();
        let path = files.add("r", writer.into_inner().unwrap());
        let (data, report) = read_cut(&[path], &options(), &mut |_, _| Ok(()), size).unwrap();
        prop_assert_eq!(report.rows, ids.len() as u64);
        prop_assert_eq!(rows_of(&data), expected);
    }
}
