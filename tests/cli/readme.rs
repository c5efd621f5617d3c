//! The console blocks of the README and of the longer tour, run in a copy of the examples. The documents show
//! what the program printed; what another machine prints otherwise is masked here, in the document and in what
//! the program prints, before the two are compared.
//!
//! The rules of [`Mask`]: a device is `DEVICE`; a title of the example is `TITLE`; a date with a time is
//! `DATE`; a duration is `TIME`; free space is `SPACE`; a number with a point is `0.0` after its sign; a whole
//! number that training decides or that is a speed is `0` (behind the words of [`COUNTED`], and in a row of
//! `mfgpu runs`); whether a candidate of a race was kept is `BOOL`; in a row of a list, which has its rank
//! second, the third cell is `ID`, and numbers behind it are `0.0`; more than one blank is two; the line that
//! names the GPU which makes lists is left out. All other
//! words and numbers, their order, the columns and the lines must be the same. A line `...` of a document
//! stands for any lines. What `mfgpu describe` prints of ratings is the same everywhere, and is not masked.

use crate::program::command;
use std::fs::{self, File};
use std::path::Path;

/// The documents, in their order: the second goes on where the first ends.
const DOCUMENTS: [&str; 2] = ["README.md", "docs/tour.md"];
/// The files of the example.
const FILES: [&str; 3] = ["ratings.csv", "titles.csv", "new-users.csv"];
/// What stands before a whole number that is masked.
const COUNTED: [&str; 9] = [
    "epoch=",
    "epochs=",
    "factors=",
    "ratings_per_second=",
    "best epoch ",
    "best epoch 0 of ",
    "on all ratings for ",
    "trained for lists: ",
    "lists 0 factors, best epoch ",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A command of a document and the lines below it.
#[derive(Debug, Clone)]
struct Shown {
    command: String,
    lines: Vec<String>,
}

/// The commands of the console blocks of a document.
fn commands(document: &str) -> Vec<Shown> {
    let (mut all, mut inside): (Vec<Shown>, bool) = (Vec::new(), false);
    for line in document.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            all.push(Shown { command: command.to_owned(), lines: Vec::new() });
        } else if inside {
            all.last_mut().expect("a command first").lines.push(line.to_owned());
        }
    }
    for shown in &mut all {
        trim(&mut shown.lines);
    }
    all
}

/// Blank lines at the end say nothing.
fn trim(lines: &mut Vec<String>) {
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
}

/// What the program prints on both outputs, in the order in which it does.
fn printed(directory: &Path, line: &str) -> Vec<String> {
    let mut words = line.split(' ');
    assert_eq!(words.next(), Some("mfgpu"), "{line}");
    let path = directory.join("printed.txt");
    let open = || File::options().create(true).append(true).open(&path).unwrap();
    let status = command(directory).args(words).stdout(open()).stderr(open()).status().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(status.success(), "{line}: {status}\n{text}");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    trim(&mut lines);
    lines
}

/// Masks what differs between machines.
struct Mask {
    titles: Vec<String>,
}

impl Mask {
    fn new() -> Self {
        let table = fs::read_to_string(root().join("examples/titles.csv")).unwrap();
        let mut titles: Vec<String> =
            table.lines().skip(1).map(|row| row.split_once(',').unwrap().1.into()).collect();
        // A title may be part of a longer one.
        titles.sort_by_key(|title| std::cmp::Reverse(title.len()));
        Self { titles }
    }

    /// The lines of a command, masked.
    fn lines(&self, shown: &Shown) -> Vec<String> {
        if shown.command.starts_with("mfgpu describe examples/") {
            return shown.lines.clone();
        }
        let lines = shown.lines.iter().filter(|line| !line.starts_with("lists: "));
        lines.map(|line| self.line(line)).collect()
    }

    fn line(&self, line: &str) -> String {
        for start in ["device: ", "device  "] {
            if line.starts_with(start) {
                return format!("{start}DEVICE");
            }
        }
        let mut line = line.to_owned();
        if let Some(title) = self.titles.iter().find(|title| line.ends_with(title.as_str())) {
            line.truncate(line.len() - title.len());
            line.push_str("TITLE");
        }
        if let Some(start) = line.strip_suffix(" free").and_then(|line| line.rfind(", ")) {
            line.replace_range(start + 2..line.len() - " free".len(), "SPACE");
        }
        if let Some(row) = row_of_a_list(&line) {
            return row;
        }
        let mut line = numbers(&line);
        for value in ["true", "false"] {
            line = line.replace(&format!("kept={value}"), "kept=BOOL");
        }
        for before in COUNTED {
            line = counted(&line, before);
        }
        let is_run = line.ends_with("DATE");
        let cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
        let number = |cell: &str| cell.bytes().all(|byte| byte.is_ascii_digit());
        let cells = cells.map(|cell| if is_run && number(cell) { "0" } else { cell });
        let indent = if line.starts_with(' ') { "  " } else { "" };
        format!("{indent}{}", cells.collect::<Vec<_>>().join("  "))
    }
}

/// A row of a list, `17,1,31,0.216,4.18,TITLE`, masked.
fn row_of_a_list(line: &str) -> Option<String> {
    let cells: Vec<&str> = line.split(',').collect();
    let [first, rank, _, rest @ ..] = &cells[..] else { return None };
    if rest.is_empty() || rank.parse::<u32>().is_err() || first.contains(' ') {
        return None;
    }
    let rest = rest.iter().map(|cell| if cell.parse::<f64>().is_ok() { "0.0" } else { cell });
    Some([&[*first, *rank, "ID"], &rest.collect::<Vec<_>>()[..]].concat().join(","))
}

/// Masks dates, durations, and numbers with a point.
fn numbers(line: &str) -> String {
    let (mut masked, mut rest) = (String::new(), line);
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        masked.push_str(&rest[..start]);
        let end = |letter: char| !(letter.is_ascii_alphanumeric() || ".:+-".contains(letter));
        let word = &rest[start..start + rest[start..].find(end).unwrap_or(rest.len() - start)];
        let word = word.trim_end_matches(|letter: char| ".:+-".contains(letter));
        // A digit within a word is part of the word.
        let inside = masked.ends_with(|letter: char| letter.is_ascii_alphabetic() || letter == '@');
        masked.push_str(match word {
            word if inside => word,
            word if is_date(word) => "DATE",
            word if is_duration(word) => "TIME",
            word if word.contains('.') && word.parse::<f64>().is_ok() => "0.0",
            word => word,
        });
        rest = &rest[start + word.len()..];
    }
    masked + rest
}

/// Whether a word is a date with a time, `2026-11-30T06:07:17+00:00`.
fn is_date(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.contains('T') && word.contains(':') && digits >= 14
}

/// Whether a word is a duration: `0.25s`, `12s`, `3m20s`, `7h30m`.
fn is_duration(word: &str) -> bool {
    word.ends_with(['s', 'm']) && word.bytes().all(|byte| byte.is_ascii_digit() || b".hms".contains(&byte))
}

/// Masks the whole numbers behind some words.
fn counted(line: &str, before: &str) -> String {
    let (mut masked, mut rest) = (String::new(), line);
    while let Some(at) = rest.find(before) {
        let number = at + before.len();
        let is_end = |letter: char| !letter.is_ascii_digit();
        let end = number + rest[number..].find(is_end).unwrap_or(rest.len() - number);
        masked.push_str(&rest[..number]);
        masked.push_str(if end > number { "0" } else { "" });
        rest = &rest[end..];
    }
    masked + rest
}

/// Whether lines are those of a document, in which `...` stands for any lines. If not, the line of the document
/// up to which they are.
fn compare(document: &[String], lines: &[String]) -> Result<(), usize> {
    let Some((first, rest)) = document.split_first() else {
        return if lines.is_empty() { Ok(()) } else { Err(0) };
    };
    let furthest = if first == "..." {
        let all = (0..=lines.len()).map(|start| compare(rest, &lines[start..]));
        all.reduce(
            |best, next| if best.is_ok() { best } else { next.map_err(|at| at.max(best.unwrap_err())) },
        )
    } else {
        (lines.first() == Some(first)).then(|| compare(rest, &lines[1..]))
    };
    furthest.map_or(Err(0), |found| found.map_err(|at| at + 1))
}

#[test]
fn the_documents_tell_the_truth() {
    let directory = tempfile::tempdir().unwrap();
    let examples = directory.path().join("examples");
    fs::create_dir(&examples).unwrap();
    for name in FILES {
        fs::copy(root().join("examples").join(name), examples.join(name)).unwrap();
    }
    let mask = Mask::new();
    for document in DOCUMENTS {
        let shown = commands(&fs::read_to_string(root().join(document)).unwrap());
        assert!(shown.len() >= 5, "{document}");
        for shown in shown {
            let found = Shown { lines: printed(directory.path(), &shown.command), ..shown.clone() };
            let (expected, masked) = (mask.lines(&shown), mask.lines(&found));
            if let Err(at) = compare(&expected, &masked) {
                let line = expected.get(at).map_or("the end", String::as_str);
                panic!(
                    "{document}: `{}` prints something else from this line of the document on, which is masked:\n{line}\n\n\
                     masked:\n{}\n\nas it was printed:\n{}",
                    shown.command,
                    masked.join("\n"),
                    found.lines.join("\n")
                );
            }
        }
    }
}

#[test]
fn what_differs_between_machines_is_masked() {
    let mask = Mask::new();
    for (one, other) in [
        ("device: cpu, 2 threads (no GPU found)", "device: NVIDIA H200, Vulkan"),
        ("device          cpu", "device          llvmpipe, 2 threads"),
        (
            "trained for lists: 64 factors, best epoch 5 (x), then on all ratings for 5 epochs, in 0.34s",
            "trained for lists: 128 factors, best epoch 11 (x), then on all ratings for 11 epochs, in 1m05s",
        ),
        ("trained: best epoch 16 of 19 (x)", "trained: best epoch 9 of 12 (x)"),
        (
            "race factors=64 epochs=6 held_out_ndcg@10=0.4069 kept=true",
            "race factors=128 epochs=3 held_out_ndcg@10=0.4 kept=false",
        ),
        ("epoch=1 ratings_per_second=42580645 seconds=0.001", "epoch=2 ratings_per_second=7 seconds=12.5"),
        (
            "17,1,31,0.21609434,4.1766872,The Last Carnival of Samarkand (1964)",
            "17,1,65,0.2,5,The Forgotten Sister of Lisbon (1978)",
        ),
        ("RMSE          -0.0049 [-0.0082, -0.0015]  better", "RMSE     -0.0051 [-0.0085, -0.0011]    better"),
        ("writing 800 rows, about 12.9 KiB, 26.5 GiB free", "writing 800 rows, about 12.8 KiB, 1.1 TiB free"),
        (
            "./model  finished  sgd  128      64            0.6112  0.58s    2026-11-30T06:07:17+00:00",
            "./model  finished  sgd  128      128           0.6     1m02s    2027-01-02T16:17:18+00:00",
        ),
        ("time            read 0.01s, trained 0.17s", "time            read 12s, trained 3m20s"),
    ] {
        assert_eq!(mask.line(one), mask.line(other));
    }
}

#[test]
fn what_does_not_differ_is_not_masked() {
    let mask = Mask::new();
    for (one, other) in [
        ("device: cpu", "device cpu"),
        ("data: 30,000 ratings, 600 users, 400 items", "data: 30,000 ratings, 601 users, 400 items"),
        ("RMSE  0.6112  0.8124", "RMSE  0.6112"),
        ("RMSE  0.6112  0.8124", "MAE   0.6112  0.8124"),
        ("RMSE  -0.0049  better", "RMSE  +0.0049  better"),
        ("RMSE  -0.0049  better", "RMSE  -0.0049  worse"),
        ("test: rmse=0.6112 mae=0.4880 on 3,034 ratings", "test: mae=0.6112 rmse=0.4880 on 3,034 ratings"),
        ("test: rmse=0.6112 on 3,034 ratings", "test: rmse=0.6112 on 3,035 ratings"),
        ("test: rmse=0.6112 on 3,034 ratings", "test: rmse=6112 on 3,034 ratings"),
        ("test lists: ndcg@10=0.5", "test lists: ndcg@20=0.5"),
        ("race start=centred views=0", "race start=centred views=1"),
        ("race start=centred kept=true", "race start=offset kept=true"),
        (
            "17,1,31,0.21609434,The Empty Mirror of Edinburgh (2005)",
            "17,2,31,0.21609434,The Empty Mirror of Edinburgh (2005)",
        ),
        (
            "17,1,31,0.21609434,The Empty Mirror of Edinburgh (2005)",
            "18,1,31,0.21609434,The Empty Mirror of Edinburgh (2005)",
        ),
        (
            "17,1,31,0.21609434,The Empty Mirror of Edinburgh (2005)",
            "17,1,31,0.21609434,4.5,The Empty Mirror of Edinburgh (2005)",
        ),
        ("17,1,31,0.21609434,The Empty Mirror of Edinburgh (2005)", "17,1,31,0.21609434,31"),
        ("user,rank,item,score", "user,rank,item,rating"),
        ("writing 800 rows, about 12.9 KiB, 1 GiB free", "writing 600 rows, about 12.9 KiB, 1 GiB free"),
        (
            "intervals  95 %, 1,000 resamples of the users, seed 42",
            "intervals  95 %, 100 resamples of the users, seed 42",
        ),
    ] {
        assert_ne!(mask.line(one), mask.line(other));
    }
    // Of ratings nothing is masked.
    let of = |lines: &[&str]| Shown {
        command: "mfgpu describe examples/ratings.csv".into(),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
    };
    assert_ne!(mask.lines(&of(&["density  12.500 %"])), mask.lines(&of(&["density  12.501 %"])));
}

#[test]
fn a_line_of_dots_stands_for_any_lines() {
    let lines =
        |text: &str| text.split(' ').filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    for (document, printed, expected) in [
        ("a b", "a b", Ok(())),
        ("a ... c", "a c", Ok(())),
        ("a ... c", "a b c b c", Ok(())),
        ("... c ...", "a c d", Ok(())),
        ("a b", "a c", Err(1)),
        ("a b", "a", Err(1)),
        ("a", "a b", Err(1)),
        ("a ... c d", "a b c e", Err(3)),
        ("a ... c", "b c", Err(0)),
        ("", "a", Err(0)),
    ] {
        assert_eq!(compare(&lines(document), &lines(printed)), expected, "{document} {printed}");
    }
}

/// The rules hide no change of the documents' own outputs: a lost line, lines in another order, a lost, changed or
/// added word or column.
#[test]
fn every_change_of_a_printed_line_is_found() {
    let mask = Mask::new();
    let mut changes = 0;
    for document in DOCUMENTS {
        for shown in commands(&fs::read_to_string(root().join(document)).unwrap()) {
            let expected = mask.lines(&shown);
            let printed: Vec<String> = shown.lines.iter().filter(|line| *line != "...").cloned().collect();
            let found = |lines: Vec<String>| {
                let changed = Shown { lines, ..shown.clone() };
                compare(&expected, &mask.lines(&changed)).is_ok()
            };
            assert!(found(printed.clone()), "{}", shown.command);
            let same = |a: &str, b: &str| mask.line(a) == mask.line(b);
            for at in 0..printed.len() {
                let line = &printed[at];
                let with = |changed: String| {
                    let mut lines = printed.clone();
                    lines[at] = changed;
                    lines
                };
                let mut without = printed.clone();
                without.remove(at);
                let mut swapped = printed.clone();
                swapped.swap(at, (at + 1).min(printed.len() - 1));
                let neighbour = &printed[(at + 1).min(printed.len() - 1)];
                let mut all = vec![without];
                all.extend((!same(line, neighbour)).then_some(swapped));
                if !line.is_empty() && !line.starts_with("device") {
                    all.extend([with(format!("{line} more")), with(format!("more {line}"))]);
                    if let Some((start, end)) = line.rsplit_once(',') {
                        all.push(with(start.to_owned()));
                        all.push(with(format!("{start},,{end}")));
                    }
                    let words: Vec<&str> = line.split_whitespace().collect();
                    if words.len() > 1 && words[0] != words[1] {
                        all.push(with(words[1..].join(" ")));
                        all.push(with(words[..words.len() - 1].join(" ")));
                    }
                    if let Some(letter) = line.find(|letter: char| letter.is_ascii_lowercase()) {
                        let is_title = mask.titles.iter().any(|title| line.ends_with(title.as_str()));
                        let mut other = line.clone();
                        other.replace_range(letter..=letter, "Q");
                        all.extend((!is_title).then(|| with(other)));
                    }
                }
                for changed in all {
                    changes += 1;
                    assert!(!found(changed.clone()), "{}: unseen: {:?}", shown.command, changed.get(at));
                }
            }
        }
    }
    assert!(changes > 500, "{changes}");
}
