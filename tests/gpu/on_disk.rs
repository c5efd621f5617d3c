//! Runs whose ratings do not fit the memory that they may take end with the files of runs that have them in memory, to
//! the byte.

use crate::program::{command, run, words};
use crate::ranks::results;
use crate::support::case::Case;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::new("slices_folds_and_a_model_to_begin_from", slices),
        Case::new("stopped_and_resumed", resumed),
        Case::new("what_does_not_fit_is_refused_with_its_numbers", refused),
    ];
    for algorithm in ["sgd", "als", "bayes", "ials"] {
        cases.push(Case::on_real_ratings(format!("ten_pieces_on_the_cpu_{algorithm}"), move |data| {
            ten_pieces(data, "cpu", algorithm);
        }));
        // Software takes its time for the others.
        #[cfg(feature = "gpu")]
        cases.push(if algorithm == "sgd" {
            let test = move |data: &Path| ten_pieces(data, "gpu", algorithm);
            Case::on_real_ratings("ten_pieces_on_the_gpu_sgd", test).and_a_gpu()
        } else {
            Case::on_a_gpu(format!("some_pieces_on_the_gpu_{algorithm}"), move || some_pieces(algorithm))
        });
    }
    cases
}

/// A memory that leaves little for ratings, of which the tests have some hundred thousand.
const LITTLE: &str = "--memory 40.5MiB";

/// What a run says of ratings on disk: the bytes of memory for a part of them, and their number.
fn pieces(here: &Path, out: &str) -> (u64, u64) {
    let record = mfgpu::run::Record::load(&here.join(out).join("run.json")).expect("a record");
    (record.sizes.piece_bytes, record.sizes.ratings)
}

/// Trains from a table in memory, from the table with little memory, and from a set that was prepared.
fn alike(here: &Path, line: &str, table: &str, (memory, parts): (&str, u64)) {
    run(here, &words(&format!("train {table} {line} --quiet --out held")), 0);
    run(here, &words(&format!("prepare {table} -o set.mfr --memory 30MiB --quiet")), 0);
    for (from, out) in [(table, "read"), ("set.mfr", "prepared")] {
        run(here, &words(&format!("train {from} {line} {memory} --quiet --out {out}")), 0);
        let (bytes, ratings) = pieces(here, out);
        // A rating takes 20 bytes while its piece is made.
        assert!(bytes > 0 && bytes * parts <= 20 * 2 * ratings, "{line}: {bytes} for {ratings}");
        assert!(results(here, "held") == results(here, out), "{line} from {from}");
    }
    assert_eq!(pieces(here, "held").0, 0);
    for out in ["held", "read", "prepared"] {
        fs::remove_dir_all(here.join(out)).expect("a run");
    }
}

/// The settings of a short run of an algorithm.
fn settings(device: &str, algorithm: &str) -> String {
    let own = match algorithm {
        "sgd" | "als" => "--regularization 0.1 --epochs 2",
        "bayes" => "--burn-in 1 --epochs 2 --keep-draws 2",
        _ => "--unobserved-weight 0.1 --epochs 1",
    };
    let objective = if algorithm == "ials" { "lists" } else { "ratings" };
    format!(
        "{own} --algorithm {algorithm} --objective {objective} -k 8 --views off --device {device} --test 0.1 --top 5"
    )
}

/// `MovieLens` 1M.
fn ten_pieces(data: &Path, device: &str, algorithm: &str) {
    let own = tempfile::tempdir().expect("a directory");
    let table = data.join("ml-1m/train.csv.gz").display().to_string();
    alike(own.path(), &settings(device, algorithm), &table, (LITTLE, 10));
}

/// Fewer ratings, and memory that leaves less.
#[cfg(feature = "gpu")]
fn some_pieces(algorithm: &str) {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    run(here, &words("generate --users 1500 --items 600 --ratings 120000 --seed 7 -o ratings.csv"), 0);
    alike(here, &settings("gpu", algorithm), "ratings.csv", ("--memory 34.9MiB", 2));
}

/// A table with times, and ratings of a pair that come twice.
fn generate(here: &Path) -> &'static str {
    run(here, &words("generate --users 2000 --items 900 --ratings 400000 --seed 7 -o plain.csv"), 0);
    let plain = fs::read_to_string(here.join("plain.csv")).expect("a table");
    let row = |(n, line): (usize, &str)| {
        let once = format!("{line},{}\n", 1_000_000_000 + n * 7919 % 1_000_003);
        let again =
            if n % 1000 == 0 { format!("{line},{}\n", 1_000_000_000 + n % 977) } else { String::new() };
        once + &again
    };
    let rows: String = plain.lines().skip(1).enumerate().map(row).collect();
    let table = format!("user,item,rating,timestamp\n{rows}");
    fs::write(here.join("ratings.csv"), table).expect("it is written");
    "ratings.csv"
}

/// Both models, with a race, by time, by folds, as ranks, and from a model.
fn slices() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    let table = generate(here);
    let small = "--device cpu -k 4 --list-factors 4 --epochs 2 --top 3";
    let bare = "--regularization 0.05 --keep-ratings off --top 0";
    alike(here, &format!("{} {bare}", small.replace(" --top 3", "")), table, (LITTLE, 1));
    alike(here, &format!("{small} --test last:2 --valid after:2001-09-20"), table, (LITTLE, 1));
    alike(here, &format!("{small} --folds 2 --objective ratings --regularization 0.05"), table, (LITTLE, 1));
    alike(
        here,
        &format!("{small} --ranks 2 --algorithm als --objective ratings --regularization 0.1"),
        table,
        (LITTLE, 1),
    );
    run(here, &words(&format!("train {table} {small} --seed 3 --quiet --out from")), 0);
    alike(here, "--device cpu --epochs 2 --top 3 --init-from from --valid last:2", table, (LITTLE, 1));
}

/// A run that is ended goes on with ratings on disk, and leaves no file of its own there.
fn resumed() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    let table = generate(here);
    let line = "--device cpu --algorithm als --regularization 0.1 -k 4 --epochs 8 --top 3 --quiet";
    let line = format!("train {table} {line} --objective ratings {LITTLE} --checkpoint-every 5ms");
    run(here, &words(&format!("{line} --out whole")), 0);
    assert!(pieces(here, "whole").0 > 0);
    let mut child = command(here).args(words(&format!("{line} --out cut"))).spawn().expect("a process");
    let saved = || fs::read_dir(here.join("cut/checkpoints")).is_ok_and(|mut all| all.next().is_some());
    while !saved() && child.try_wait().expect("a process").is_none() {
        sleep(Duration::from_millis(5));
    }
    let _ = Command::new("kill").arg(child.id().to_string()).status();
    if !child.wait().expect("an end").success() {
        run(here, &words("resume cut --quiet"), 0);
    }
    assert!(results(here, "whole") == results(here, "cut"));
    let names = |out: &str| {
        let entries = fs::read_dir(here.join(out)).expect("a run");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("a file").file_name()).collect();
        names.sort();
        names
    };
    run(
        here,
        &words(&format!(
            "train {table} --device cpu -k 4 --epochs 1 --top 3 --quiet --objective ratings --out held"
        )),
        0,
    );
    assert_eq!(names("whole"), names("held"), "nothing but what every run has");
}

/// What cannot be had is said before anything is trained.
fn refused() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    let table = generate(here);
    let (_, said) =
        run(here, &words(&format!("train {table} -k 64 --objective ratings --memory 33MiB --out run")), 4);
    for part in
        ["64 factors", "2,000 users", "900 items", "400,000 ratings", "needs at least", "--memory 33.0 MiB"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!here.join("run/model.safetensors").exists());
    run(here, &words(&format!("prepare {table} -o set.mfr --quiet")), 0);
    let (_, said) = run(here, &words("train set.mfr plain.csv --out run"), 2);
    assert!(said.contains("set.mfr is a prepared set, which is read alone"), "{said}");
    let mut bytes = fs::read(here.join("set.mfr")).expect("a set");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(here.join("set.mfr"), bytes).expect("it is written");
    let (_, said) = run(here, &words("train set.mfr --out run"), 7);
    assert!(said.contains("the block of ratings ") && said.contains("its checksum is wrong"), "{said}");
}
