//! Stairs go down only: reads `src/` and fails on an arrow up or sideways between the floors of
//! `docs/architecture.md`.

use std::fs;
use std::path::{Path, PathBuf};

/// Every part of the library and its floor.
const FLOORS: [(&str, u32); 17] = [
    ("error", 0),
    ("interrupt", 0),
    ("guard", 0),
    ("human", 0),
    ("files", 1),
    ("charts", 1),
    ("math", 1),
    ("ratings", 1),
    ("gpu", 1),
    ("input", 2),
    ("model", 2),
    ("generate", 2),
    ("score", 3),
    ("eval", 4),
    ("train", 5),
    ("output", 5),
    ("run", 6),
];

/// Who may use a neighbour on the same floor.
const NEIGHBOURS: [(&str, &str); 2] = [("ratings", "math"), ("gpu", "math")];

/// What the crate itself gives its parts, from the ground floor.
const ROOT: [&str; 2] = ["Error", "Result"];

fn floor(part: &str) -> Option<u32> {
    FLOORS.iter().find(|(name, _)| *name == part).map(|(_, floor)| *floor)
}

/// The parts that a text uses by `crate::part`, `crate::{part, ..}`, comments left out.
fn uses(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            found.extend(group_heads(group));
        } else {
            found.push(word(rest));
        }
    }
    found
}

/// The first words of the entries of `{ .. }`, of which the opening brace is gone.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut heads) = (0, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                heads.push(word(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(word(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

fn word(text: &str) -> String {
    text.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// What is wrong with the arrows of a part's text.
fn faults(part: &str, text: &str) -> Vec<String> {
    let Some(own) = floor(part) else { return vec![format!("{part} is on no floor")] };
    let judge = |used: String| {
        if used == part || ROOT.contains(&used.as_str()) || NEIGHBOURS.contains(&(part, &used)) {
            return None;
        }
        match floor(&used) {
            Some(floor) if floor < own => None,
            Some(floor) => Some(format!("{part} (floor {own}) uses {used} (floor {floor})")),
            None => Some(format!("{part} uses crate::{used}, which is on no floor")),
        }
    };
    uses(text).into_iter().filter_map(judge).collect()
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn stairs_go_down_only() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&source, &mut paths);
    let mut wrong = Vec::new();
    let mut parts = Vec::new();
    for path in paths {
        let inside = path.strip_prefix(&source).expect("below src");
        let part = inside.iter().next().expect("a name").to_str().expect("text").trim_end_matches(".rs");
        if part == "lib" || part == "bin" {
            continue;
        }
        parts.push(part.to_owned());
        let text = fs::read_to_string(&path).expect("text");
        wrong.extend(faults(part, &text).into_iter().map(|fault| format!("{}: {fault}", path.display())));
    }
    assert!(wrong.is_empty(), "arrows up or sideways:\n{}", wrong.join("\n"));
    for (part, _) in FLOORS {
        assert!(parts.iter().any(|found| found == part), "{part} has a floor but no code");
    }
}

/// The binary is a crate of its own: nothing reaches around the public interface.
#[test]
fn the_binary_sees_the_public_interface_only() {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin"), &mut paths);
    assert!(paths.len() > 5);
    for path in paths {
        let text = fs::read_to_string(&path).expect("text");
        assert!(!text.contains("#[path") && !text.contains("include!("), "{}", path.display());
    }
}

#[test]
fn the_checker_can_fail() {
    assert_eq!(faults("model", "use crate::math::Matrix;\nuse crate::{Error, Result};").len(), 0);
    assert_eq!(faults("ratings", "use crate::math::philox::key;").len(), 0);
    assert_eq!(faults("math", "use crate::ratings::Rows;").len(), 1, "sideways");
    assert_eq!(faults("model", "use crate::score::predict;").len(), 1, "up");
    assert_eq!(faults("output", "fn x() { crate::train::fit() }").len(), 1, "sideways, without `use`");
    assert_eq!(faults("gpu", "use crate::{\n    Error,\n    math::{a, b},\n    train::State,\n};").len(), 1);
    assert_eq!(faults("score", "use crate::unheard_of::Thing;").len(), 1);
    assert_eq!(faults("attic", "").len(), 1);
    assert_eq!(faults("math", "// see crate::train").len(), 0);
}
