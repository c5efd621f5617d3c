//! Operations on files go through `src/files`, where tests can make each of them fail. No other code but tests asks
//! the system for one.

use crate::outlets::flatten;
use crate::tree;

/// Words that only code has which goes to the system itself.
const WORDS: [&str; 4] = ["fs", "fs4", "OpenOptions", "tempfile"];

/// The places that may have them.
const HOMES: [&str; 4] = [
    "src/files/",
    // Numbers of the system, such as how much memory is left.
    "src/memory/available.rs",
    // A terminal by its name.
    "src/bin/mfgpu/terminal/output.rs",
    // A directory for ratings that are made to be read once.
    "src/bin/mfgpu/commands/bench.rs",
];

/// Every such word outside of tests: `file:line: word`.
fn strays(file: &str, text: &str) -> Vec<String> {
    if HOMES.iter().any(|home| file.starts_with(home)) {
        return Vec::new();
    }
    // Tests are at the end of a file.
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut words = Vec::new();
    flatten(code.parse().unwrap_or_else(|error| panic!("{file}: {error}")), &mut words);
    words.retain(|(word, _)| WORDS.contains(&word.as_str()));
    words.iter().map(|(word, line)| format!("{file}:{line}: {word}")).collect()
}

#[test]
fn operations_on_files_go_through_one_place() {
    let sources = tree::sources();
    let found: Vec<String> = sources.iter().flat_map(|(file, text)| strays(file, text)).collect();
    assert!(found.is_empty(), "use what src/files has:\n{}", found.join("\n"));
    for home in HOMES {
        assert!(sources.iter().any(|(file, _)| file.starts_with(home)), "there is no {home}");
    }
}

#[test]
fn a_stray_operation_is_found() {
    for text in [
        "use std::fs;",
        "use std::{io, fs::File};",
        "fn f() { std::fs::rename(a, b); }",
        "fn f() { OpenOptions::new(); }",
        "fn f() { tempfile::tempdir(); }",
        "#[cfg(test)]\nfn f() { std::fs::remove_file(a); }",
    ] {
        assert_eq!(strays("src/run/lock.rs", text).len(), 1, "{text}");
        assert_eq!(strays("src/files/disk.rs", text), [""; 0]);
    }
    let tests = "fn f() {}\n#[cfg(test)]\nmod tests { use std::fs; }";
    assert_eq!(strays("src/run/lock.rs", tests), [""; 0]);
}
