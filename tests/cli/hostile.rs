//! Texts of models, run directories, data, arguments and file names, with whatever a terminal would obey: messages
//! and tables show it, and a row or a message is one line.

use crate::program::{command, mfgpu, run, words};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Moves the cursor, sets a title, rings, a control of C1, another direction, and a line that is not ours.
const EVIL: &str = "e\x1b[2J\x1b]0;x\x07\u{9b}31m\u{202e}\u{7f}\r\nerror: faked";
const SHOWN: &str = r"e\x1b[2J\x1b]0;x\x07\u{9b}31m\u{202e}\x7f\r\nerror: faked";

/// A directory with a run `m` whose ids, titles and files have hostile names; read only.
fn shared() -> &'static Path {
    static SHARED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = SHARED.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        let id = |what: &str, number: usize| format!("\"{what}{number}{EVIL}\"");
        let mut ratings = "user,item,rating\n".to_owned();
        let mut titles = "item,title\n".to_owned();
        for user in 0..12 {
            for item in (0..9).filter(|item| (user + item) % 3 > 0) {
                let rating = (1 + (user * item) % 5).to_string();
                ratings += &[id("u", user), id("i", item), rating].join(",");
                ratings.push('\n');
            }
        }
        (0..9).for_each(|item| titles += &[id("i", item), ",".into(), id("t", item), "\n".into()].concat());
        fs::write(path.join(evil_name("ratings")), ratings).unwrap();
        fs::write(path.join("titles.csv"), titles).unwrap();
        let mut arguments = words("train --device cpu --epochs 2 -k 2 --regularization 0.1 --out m");
        let name = evil_name("ratings");
        arguments.extend(["--item-names", "titles.csv", &name]);
        let (stdout, stderr) = run(&path, &arguments, 0);
        assert_eq!(stdout, "");
        assert!(harmless(&stderr).contains(&format!("read: ratings{SHOWN}.csv: ")), "{stderr}");
        assert!(harmless(&fs::read_to_string(path.join("m/log.txt")).unwrap()).contains(SHOWN));
        (directory, path)
    });
    path
}

fn evil_name(name: &str) -> String {
    format!("{name}{EVIL}.csv")
}

/// Checks that a text has no control characters and no faked line, and returns it.
fn harmless(text: &str) -> &str {
    let plain = |letter: char| !letter.is_control() && letter != '\u{202e}';
    assert!(text.chars().all(|letter| letter == '\n' || plain(letter)), "{text:?}");
    assert!(!text.lines().any(|line| line.starts_with("error: faked")), "{text:?}");
    text
}

/// Runs a command whose messages must be harmless, and returns stdout and stderr.
fn said(directory: &Path, arguments: &[&str], code: i32) -> (String, String) {
    let (stdout, stderr) = run(directory, arguments, code);
    harmless(&stderr);
    (stdout, stderr)
}

#[test]
fn ids_titles_and_names_of_files() {
    let here = shared();
    let near = format!("i1{}", EVIL.replace("faked", "fakd"));
    for arguments in [&["recommend", "m", "--for-items", &near][..], &["similar", "m", &near]] {
        let (_, stderr) = said(here, arguments, 2);
        assert!(stderr.contains("did you mean") && stderr.contains(SHOWN), "{stderr}");
    }
    let (_, stderr) = said(here, &["recommend", "m", "--items-from", "nothing"], 2);
    assert!(stderr.contains(SHOWN), "{stderr}");
    let name = evil_name("ratings");
    assert!(harmless(&said(here, &["describe", &name], 0).0).contains("ratings"));
    assert!(harmless(&said(here, &["describe", "m", "--item-names", "titles.csv"], 0).0).contains(SHOWN));
    for missing in [&["describe"][..], &["train"], &["evaluate", "m"], &["predict", "m"]] {
        let (_, stderr) = said(here, &[missing, &["missing\x1b\nerror: faked"]].concat(), 3);
        assert!(stderr.contains(r"missing\x1b\nerror: faked"), "{stderr}");
    }
    said(here, &["recommend", "m", "-o", "no\x1b\nerror: faked/x.csv"], 4);
    let own = tempfile::tempdir().unwrap();
    fs::write(own.path().join("bad.csv"), format!("user,item,rating\na,b,3\na,c,\"{EVIL}\"\n")).unwrap();
    said(own.path(), &["train", "bad.csv"], 3);
    fs::write(own.path().join("head.csv"), format!("a,b,c,\"{EVIL}\"\nx,x,x,y\n")).unwrap();
    said(own.path(), &["train", "head.csv"], 3);
    fs::write(own.path().join("c.toml"), "[training]\n\"ep\\u001b\\nerror: faked\" = 3\n").unwrap();
    let (_, stderr) = said(own.path(), &["train", "--config", "c.toml", "x.csv"], 2);
    assert!(stderr.contains("c.toml:2: unknown field") && stderr.lines().count() == 1, "{stderr}");
}

#[test]
fn arguments_and_variables() {
    let here = shared();
    for arguments in [
        &["train", "-k", EVIL, "x.csv"][..],
        &["train", "--algorithm", EVIL, "x.csv"],
        &["train", "--device", EVIL, "x.csv"],
        &["train", "--max-time", EVIL, "x.csv"],
        &["recommend", "m", &format!("--{EVIL}")],
        &[EVIL],
    ] {
        let (_, stderr) = said(here, arguments, 2);
        assert!(stderr.contains(r"e\x1b[2J\x1b]0;x\x07") && stderr.contains(r"\nerror: faked"), "{stderr}");
    }
    let assert = mfgpu(here).env("MFGPU_FACTORS", EVIL).args(["train", "x.csv"]).assert().code(2);
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(harmless(&stderr).contains(SHOWN), "{stderr}");
    let assert = mfgpu(here).env(format!("MFGPU_{EVIL}"), "1").args(["describe", "titles.csv"]).assert();
    harmless(&String::from_utf8_lossy(&assert.get_output().stderr));
}

/// Changes the text of every leaf of a JSON value.
fn poison(value: &mut Value) {
    match value {
        Value::String(text) => *text = EVIL.into(),
        Value::Array(values) => values.iter_mut().for_each(poison),
        Value::Object(values) => values.values_mut().for_each(poison),
        _ => {}
    }
}

/// Copies the run, and lets `change` change a JSON file in it.
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> TempDir {
    let own = tempfile::tempdir().unwrap();
    fs::create_dir(own.path().join("m")).unwrap();
    for entry in fs::read_dir(shared().join("m")).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            fs::copy(entry.path(), own.path().join("m").join(entry.file_name())).unwrap();
        }
    }
    let path = own.path().join("m").join(name);
    let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut value);
    fs::write(path, serde_json::to_vec(&value).unwrap()).unwrap();
    own
}

#[test]
fn the_record_and_the_status_of_a_run() {
    let own = changed("run.json", |record| {
        for part in ["version", "device", "command", "inputs"] {
            poison(&mut record[part]);
        }
    });
    assert!(harmless(&said(own.path(), &["describe", "m"], 0).0).contains(SHOWN));
    let own = changed("status.json", |status| {
        for part in ["version", "device", "command", "began", "updated", "phase", "why"] {
            status[part] = if part == "command" { vec![EVIL].into() } else { EVIL.into() };
        }
        status["state"] = "failed".into();
    });
    // A run that has its model is finished, whatever its status says.
    fs::remove_file(own.path().join("m/model.safetensors")).unwrap();
    assert!(harmless(&said(own.path(), &["describe", "m"], 0).0).matches(SHOWN).count() > 3);
    said(own.path(), &["runs", "."], 0);
    let config = own.path().join("m/config.toml");
    fs::write(&config, format!("device = {:?}\n", serde_json::to_string(EVIL).unwrap())).unwrap();
    said(own.path(), &["resume", "m"], 2);
    said(own.path(), &["report", "m"], 2);
}

/// The texts in a model's metadata.
#[test]
fn what_a_model_says_of_itself() {
    let own = tempfile::tempdir().unwrap();
    let bytes = fs::read(shared().join("m/model.safetensors")).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let metadata = header["__metadata__"].as_object_mut().unwrap();
    metadata.remove("checksum");
    let mut about: Value = serde_json::from_str(metadata["about"].as_str().unwrap()).unwrap();
    about["version"] = EVIL.into();
    about["settings"]["algorithm"] = EVIL.into();
    metadata["about"] = about.to_string().into();
    let mut text = header.to_string();
    text += &" ".repeat(text.len().next_multiple_of(8) - text.len());
    let changed = [&(text.len() as u64).to_le_bytes(), text.as_bytes(), &bytes[8 + length..]].concat();
    fs::write(own.path().join("model.safetensors"), changed).unwrap();
    let described = said(own.path(), &["describe", "model.safetensors"], 0).0;
    assert!(harmless(&described).contains(SHOWN), "{described}");
}

/// A terminal gets rows without control characters, a row a line; a pipe gets the ids as they are.
#[cfg(unix)]
#[test]
fn data_on_a_terminal() {
    use std::io::Read;
    let here = shared();
    let name = evil_name("ratings");
    for (arguments, rows) in [
        (&["recommend", "m", "--top", "2", "--item-names", "titles.csv"][..], 24),
        (&["predict", "m", &name], 72),
        (&["complete", "m", "--layout", "wide"], 12),
        (&["recommend", "m", "--top", "2", "--output-format", "jsonl"], 24),
        (&["runs"], 0),
        (&["describe", "m", "--json"], 0),
    ] {
        let arguments = if arguments == ["runs"] { &["runs", "."] } else { arguments };
        let (piped, _) = run(here, arguments, 0);
        if rows == 72 {
            assert!(piped.contains(EVIL), "{piped:?}");
        }
        let pair = rustix_openpty::openpty(None, None).unwrap();
        let mut child = command(here);
        child.args(arguments).stdout(pair.user).stderr(std::process::Stdio::null());
        let mut running = child.spawn().unwrap();
        // The terminal is closed when nobody holds its other end.
        drop(child);
        let mut shown = Vec::new();
        // At its end Linux reports an error.
        let _ = fs::File::from(pair.controller).read_to_end(&mut shown);
        assert!(running.wait().unwrap().success());
        let shown = String::from_utf8(shown).unwrap().replace("\r\n", "\n");
        harmless(&shown);
        if rows > 0 {
            assert_eq!(shown.lines().count(), rows + usize::from(!arguments.contains(&"jsonl")), "{shown}");
            assert!(shown.contains("u0e"), "{shown}");
        }
    }
}
