//! The command line, run from outside: exit codes, stdout and stderr, and a round trip through every command.

use crate::program::{mfgpu, run, words};
use assert_cmd::Command;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A directory with ratings, titles, and a run `m`, made once; read only.
fn shared() -> &'static Path {
    static SHARED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = SHARED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        generate(&path);
        let train =
            "train ratings.csv --epochs 6 -k 8 --out m --test 0.1 --item-names titles.csv --device cpu";
        let (stdout, stderr) = run(&path, &words(train), 0);
        assert_eq!(stdout, "", "stdout is for data");
        fs::write(path.join("stderr.txt"), stderr).unwrap();
        (directory, path)
    });
    path
}

fn generate(directory: &Path) {
    let line = "generate --users 120 --items 80 --ratings 3000 --seed 7 --string-ids -o ratings.csv --titles titles.csv";
    run(directory, &words(line), 0);
}

#[test]
fn help_and_usage() {
    let here = shared();
    let (short, _) = run(here, &["-h"], 0);
    let (long, _) = run(here, &["--help"], 0);
    assert!(short.contains("Examples:") && long.contains("Exit codes:"));
    let (help, _) = run(here, &["train", "--help"], 0);
    let defaults = mfgpu::train::Settings::default();
    assert!(help.contains(&format!("[default: {}; als ", defaults.factors())), "{help}");
    let (_, stderr) = run(here, &["train", "--epoch", "5", "ratings.csv"], 2);
    assert!(stderr.contains("--epochs"), "suggests the nearest: {stderr}");
    run(here, &[], 2);
    run(here, &["train"], 2);
    run(here, &words("train ratings.csv --factors 0"), 2);
    run(here, &words("train ratings.csv --test 1.5"), 2);
    run(here, &words("train ratings.csv --threads 0"), 2);
    run(here, &words("train ratings.csv --device cuda"), 2);
    run(here, &words("train ratings.csv -q -v"), 2);
    run(here, &words("complete m --blanks-only --to x.npy"), 2);
    run(here, &words("generate --users 10 --items 10 --ratings 1000"), 2);
}

#[test]
fn exit_codes_of_errors() {
    let here = shared();
    let (_, stderr) = run(here, &["train", "nothing.csv"], 3);
    assert!(stderr.contains("nothing.csv"), "{stderr}");
    run(here, &["predict", "m", "nothing.csv"], 3);
    run(here, &["describe", "nothing.csv"], 3);
    run(here, &["predict", "nothing", "ratings.csv"], 3);
    let (_, stderr) = run(here, &words("train ratings.csv --device gpu:99 --out x"), 5);
    assert!(stderr.starts_with("error: "), "{stderr}");
    assert!(!here.join("x").exists(), "nothing is made before all is known");
    run(here, &words("recommend m -o no/such/directory.csv"), 4);

    let own = tempfile::tempdir().unwrap();
    fs::write(own.path().join("bad.csv"), "user,item,rating\na,b,3\na,c,much\n").unwrap();
    let (_, stderr) = run(own.path(), &["train", "bad.csv"], 3);
    assert!(stderr.contains("bad.csv:3:"), "{stderr}");
    let mut model = fs::read(here.join("m/model.safetensors")).unwrap();
    let middle = model.len() / 2;
    model[middle] ^= 1;
    fs::write(own.path().join("model.safetensors"), &model).unwrap();
    run(own.path(), &["recommend", "model.safetensors"], 7);
    run(own.path(), &["describe", "."], 7);
}

#[test]
fn training_says_what_it_does_on_stderr() {
    let stderr = fs::read_to_string(shared().join("stderr.txt")).unwrap();
    assert!(stderr.starts_with("device: cpu, "), "{stderr}");
    assert!(stderr.contains("data: 3,000 ratings, 120 users, "), "{stderr}");
    for part in ["race start=offset", "epoch=1 phase=search train_rmse=", "test: rmse=", "the factors take"] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    assert!(!stderr.bytes().any(|byte| byte.is_ascii_control() && byte != b'\n'), "no control characters");
}

#[test]
fn the_run_directory_is_whole_and_repeats_the_run() {
    let here = shared();
    let own = tempfile::tempdir().unwrap();
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(here.join("m/run.json")).unwrap()).unwrap();
    assert!(record["report"]["test"]["rmse"].as_f64().unwrap() < 1.5);
    assert_eq!(record["seed"], 42);
    let metrics = fs::read_to_string(here.join("m/metrics.jsonl")).unwrap();
    for line in metrics.lines() {
        let epoch: serde_json::Value = serde_json::from_str(line).unwrap();
        let error = if epoch["objective"] == "lists" { "train_error" } else { "train_rmse" };
        assert!(epoch[error].is_f64() && epoch["phase"].is_string());
    }
    let top = fs::read_to_string(here.join("m/top.csv")).unwrap();
    assert!(top.starts_with("user,rank,item,score,rating,title\n"));
    let config = here.join("m/config.toml");
    run(own.path(), &["train", "--config", config.to_str().unwrap(), "--out", "again", "-q"], 0);
    for name in ["model.safetensors", "lists.safetensors", "top.csv"] {
        let (a, b) = (fs::read(here.join("m").join(name)), fs::read(own.path().join("again").join(name)));
        assert_eq!(a.unwrap(), b.unwrap(), "{name}");
    }
    run(own.path(), &["train", "--config", config.to_str().unwrap(), "--out", "again"], 2);
    let arguments = ["train", "--config", config.to_str().unwrap(), "--out", "again", "--force", "-q"];
    assert_eq!(run(own.path(), &arguments, 0), (String::new(), String::new()));
}

#[test]
fn files_to_stop_by_and_to_test_by_have_ids_of_their_own() {
    let here = shared();
    let own = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(here.join("ratings.csv")).unwrap();
    let rows: Vec<&str> = text.lines().skip(1).collect();
    let write = |name: &str, rows: &[&str], more: &str| {
        let text = format!("user,item,rating\n{}\n{more}", rows.join("\n"));
        fs::write(own.path().join(name), text).unwrap();
    };
    // From the last users to the first, so that numbers by first sight differ.
    let (mut some, mut rest): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    rows.iter().enumerate().for_each(|(at, row)| if at % 9 == 4 { some.push(row) } else { rest.push(row) });
    some.reverse();
    write("train.csv", &rest, "");
    write("test.csv", &some, "stranger,i02,3\n");
    let line = "train train.csv --valid test.csv --test test.csv --epochs 20 -k 8 --device cpu --out m";
    let (_, stderr) = run(own.path(), &words(line), 0);
    let record = fs::read(own.path().join("m/run.json")).unwrap();
    let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
    let report = &record["report"];
    assert_eq!(report["test"]["ratings"], some.len() + 1);
    let user = |row: &&str| row.split(',').next().unwrap().to_owned();
    let known: HashSet<String> = rest.iter().map(user).collect();
    let unknown = some.iter().filter(|row| !known.contains(&user(row))).count() + 1;
    assert_eq!(report["test"]["unknown_users"], unknown);
    assert!(stderr.contains(&format!("held out: {unknown} ratings dropped")), "{stderr}");
    assert!(report["refit_epochs"].is_null(), "what is held out in a file is not trained on");
    let (held_out, test) =
        (report["held_out_rmse"].as_f64().unwrap(), report["test"]["rmse"].as_f64().unwrap());
    assert!((held_out - test).abs() < 0.01, "{held_out} {test}");
    assert!(test < report["test"]["mean_rmse"].as_f64().unwrap());
}

#[test]
fn flags_win_over_variables_over_files_over_defaults() {
    let here = shared();
    let own = tempfile::tempdir().unwrap();
    let train = |arguments: &[&str], variable: Option<&str>| {
        let ratings = here.join("ratings.csv");
        let mut command = mfgpu(own.path());
        command.args(["train", ratings.to_str().unwrap(), "--out", "run", "--force", "-q", "--epochs", "1"]);
        command.args(["--device", "cpu", "--regularization", "0.1"]).args(arguments);
        variable.map(|value| command.env("MFGPU_FACTORS", value));
        command.assert().success();
        let record = fs::read(own.path().join("run/run.json")).unwrap();
        serde_json::from_slice::<serde_json::Value>(&record).unwrap()["settings"]["factors"].as_u64().unwrap()
    };
    fs::write(own.path().join("c.toml"), "[training]\nfactors = 3\n").unwrap();
    assert_eq!(train(&["--config", "c.toml"], None), 3);
    assert_eq!(train(&["--config", "c.toml"], Some("4")), 4);
    assert_eq!(train(&["--config", "c.toml", "-k", "5"], Some("4")), 5);
}

#[test]
fn same_seed_same_bytes_whatever_the_threads() {
    let here = shared();
    let own = tempfile::tempdir().unwrap();
    let ratings = here.join("ratings.csv");
    let mut models = ["1", "2", "3"].map(|threads| {
        let out = format!("threads-{threads}");
        let mut command = mfgpu(own.path());
        command.args([
            "train",
            ratings.to_str().unwrap(),
            "-k",
            "9",
            "--epochs",
            "3",
            "--device",
            "cpu",
            "-q",
        ]);
        command.args(["--threads", threads, "--out", &out]).assert().success();
        fs::read(own.path().join(out).join("model.safetensors")).unwrap()
    });
    let first = std::mem::take(&mut models[0]);
    assert!(models[1..].iter().all(|model| *model == first));
}

#[test]
fn a_round_trip_through_the_commands() {
    let here = shared();
    let own = tempfile::tempdir().unwrap();
    let model = here.join("m");
    let model = model.to_str().unwrap();
    fs::write(own.path().join("pairs.csv"), "user,item\nu001,i02\nnobody,i02\nu001,i02\n").unwrap();
    let (predicted, stderr) = run(own.path(), &["predict", model, "pairs.csv"], 0);
    let lines: Vec<&str> = predicted.lines().collect();
    assert_eq!((lines[0], lines.len()), ("user,item,prediction", 4));
    assert_eq!(lines[1], lines[3]);
    assert!(stderr.contains("does not know"), "{stderr}");

    let first = fs::read_to_string(here.join("ratings.csv")).unwrap();
    let user = first.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    let (listed, _) = run(own.path(), &["recommend", model, "--users", &user, "--top", "3"], 0);
    assert_eq!(listed.lines().count(), 4, "{listed}");
    assert!(listed.lines().nth(1).unwrap().starts_with(&format!("{user},1,i")), "{listed}");
    fs::write(own.path().join("users.txt"), format!("{user}\n")).unwrap();
    let titles = here.join("titles.csv");
    let arguments = [
        "recommend",
        model,
        "--users",
        "users.txt",
        "--item-names",
        titles.to_str().unwrap(),
        "-o",
        "top.csv",
    ];
    assert_eq!(run(own.path(), &arguments, 0).0, "");
    let listed = fs::read_to_string(own.path().join("top.csv")).unwrap();
    assert!(
        listed.starts_with("user,rank,item,score,rating,title\n") && listed.lines().count() == 21,
        "{listed}"
    );

    let (cells, stderr) = run(own.path(), &["complete", model, "--users", &user], 0);
    let items = cells.lines().count() - 1;
    assert!(stderr.contains(&format!("writing {items} rows")), "{stderr}");
    let known = cells.lines().filter(|line| line.ends_with(",1")).count();
    let (blanks, _) = run(own.path(), &["complete", model, "--users", &user, "--blanks-only"], 0);
    assert_eq!(blanks.lines().count() - 1, items - known);
    run(own.path(), &["complete", model, "--to", "dense.npy"], 0);
    let dense = fs::read(own.path().join("dense.npy")).unwrap();
    assert!(dense.starts_with(b"\x93NUMPY") && dense.len() as u64 > 4 * 120 * items as u64);

    let (described, _) = run(here, &["describe", "m"], 0);
    assert!(described.contains("whole matrix") && described.contains("held out rmse"), "{described}");
    let (described, _) = run(here, &["describe", "ratings.csv"], 0);
    assert!(described.contains("3,000") && described.contains("density"), "{described}");
}

#[test]
fn other_commands() {
    let here = shared();
    let (_, stderr) = run(here, &words("train ratings.csv --dry-run --device cpu"), 0);
    assert!(stderr.contains("plan: ") && !here.join("runs").exists(), "{stderr}");
    assert!(run(here, &["completions", "bash"], 0).0.contains("mfgpu"));
    run(here, &words("devices --no-test"), 0);
    let (generated, _) = run(here, &words("generate --users 5 --items 5 --ratings 9"), 0);
    assert_eq!(generated.lines().count(), 10);
}

/// A reader of stdout that stops reading is not an error.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    let here = shared();
    let line = format!("{} complete m | head -n 1; echo ${{PIPESTATUS[0]}}", env!("CARGO_BIN_EXE_mfgpu"));
    let assert = Command::new("bash").current_dir(here).args(["-c", &line]).assert().success();
    let output = assert.get_output();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "user,item,value,known\n0\n");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("error"));
}
