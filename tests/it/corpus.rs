//! Runs the functions that are fuzzed on the corpus of the fuzz targets, each file intact and damaged: no
//! panic, and every refusal is an error with the right exit code. CONTRIBUTING.md says how to fuzz for
//! longer.

use crate::targets::{TARGETS, Target};
use mfgpu::math::philox::{Purpose, Stream};
use mfgpu::model::Model;
use rand::RngExt;
use std::fs;
use std::path::Path;

/// Damaged forms of each file; for models and checkpoints more than a thousand in all.
const DAMAGED: [usize; 2] = [25, 150];

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let entries = fs::read_dir(&directory).expect("a corpus");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{name}");
    files.iter().map(|file| fs::read(file).expect("bytes")).collect()
}

/// One to three damages that happen to files: a flipped bit, a cut-off end, an enlarged length, a doubled
/// part.
fn damaged(mut bytes: Vec<u8>, random: &mut Stream) -> Vec<u8> {
    for _ in 0..random.random_range(1..4) {
        let at = random.random_range(0..bytes.len().max(1)).min(bytes.len());
        match random.random_range(0..4) {
            0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (at % 8)),
            1 => bytes.truncate(at),
            2 => bytes.iter_mut().skip(at).take(4).for_each(|byte| *byte = 0xff),
            _ => bytes.extend_from_within(at..bytes.len().min(at + 50)),
        }
    }
    bytes
}

/// Runs a target on its corpus and on this many damaged forms of each file; returns the number of files.
fn survives(name: &str, target: Target, forms: usize) -> usize {
    let files = corpus(name);
    for (file, bytes) in (0..).zip(&files) {
        target(bytes);
        let mut random = Stream::new(file, Purpose::Planted, 0);
        (0..forms).for_each(|_| target(&damaged(bytes.clone(), &mut random)));
    }
    files.len() * (1 + forms)
}

fn is_binary(name: &str) -> bool {
    ["model", "checkpoint"].contains(&name)
}

#[test]
fn parsers_of_text() {
    for (name, target) in TARGETS.iter().filter(|(name, _)| !is_binary(name) && *name != "sequence") {
        survives(name, *target, DAMAGED[0]);
    }
}

#[test]
fn models_and_checkpoints() {
    let binary = TARGETS.iter().filter(|(name, _)| is_binary(name));
    let files: usize = binary.map(|(name, target)| survives(name, *target, DAMAGED[1])).sum();
    assert!(files > 1000, "{files}");
}

/// Runs in one directory, stopped, damaged and beside a person's files.
#[test]
fn sequences_of_runs() {
    for (name, target) in TARGETS.iter().filter(|(name, _)| *name == "sequence") {
        survives(name, *target, DAMAGED[0]);
    }
}

/// The same in a process with 400 MB of address space: a length field of a few bytes asks for ten times that.
#[cfg(target_os = "linux")]
#[test]
fn models_and_checkpoints_in_little_memory() {
    let own = std::env::current_exe().expect("this test");
    let again = |name: &str| {
        let limited = format!("ulimit -v 400000; exec \"$0\" --exact corpus::{name}");
        let mut command = std::process::Command::new("bash");
        let command = command.args(["-c", &limited]).arg(&own);
        command.env("RAYON_NUM_THREADS", "1").env("MALLOC_ARENA_MAX", "1").output().expect("bash")
    };
    let ended = again("models_and_checkpoints");
    let said = [&*ended.stdout, &ended.stderr].map(String::from_utf8_lossy).concat();
    assert!(ended.status.success() && said.contains("1 passed"), "{said}");
    // The limit works: a process that asks for more ends.
    assert!(!again("asks_for_much").status.success());
}

/// Allocates more than the limit; run by the test above.
#[test]
fn asks_for_much() {
    let much = vec![1_u8; 600 << 20];
    assert!(std::hint::black_box(much).len() > 1);
}

/// A model with a checksum is refused after any damage, except to the name of the checksum; then the model is
/// the same.
#[test]
fn a_damaged_model_is_the_same_or_none() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("model.safetensors");
    let sealed =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/model/sealed")).expect("bytes");
    fs::write(&path, &sealed).expect("written");
    let whole = Model::load(&path).expect("a model");
    let mut random = Stream::new(3, Purpose::Planted, 0);
    let mut refused = 0;
    for _ in 0..1000 {
        fs::write(&path, damaged(sealed.clone(), &mut random)).expect("written");
        match Model::load(&path) {
            Ok(model) => assert!(model.draws == whole.draws && model.rated == whole.rated),
            Err(error) => {
                assert_eq!(error.exit_code(), 7, "{error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 950, "{refused}");
}

/// A target that fails is noticed.
#[test]
#[should_panic(expected = "exit code 7")]
fn a_wrong_exit_code_is_noticed() {
    let refused = mfgpu::Error::Damaged { path: "here".into(), why: "so".into() };
    crate::targets::accepted::<()>(Err(refused), &[3]);
}
