//! Everything that comments and documents name must exist: files and folders of the repository, and names of
//! the library.

use crate::graph::Graph;

/// Folders at which a path from the root may start.
const FOLDERS: [&str; 9] =
    ["src/", "tests/", "docs/", "shaders/", "benches/", "examples/", "fuzz/", ".ci/", ".config/"];

/// Endings of file names.
const ENDINGS: [&str; 6] = [".rs", ".wgsl", ".md", ".toml", ".sh", ".py"];

/// Files that users make, that runs write, or that builds leave, and `mod.rs` in general.
const NOT_OURS: [&str; 5] = ["config.toml", "c.toml", "mod.rs", "fuzz/artifacts", "fuzz/target"];

/// The parts of a file that are prose: a document, or the comments of code.
pub(crate) fn prose<'a>(path: &str, text: &'a str) -> Vec<(usize, &'a str)> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line));
    let mark = match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("md") => return lines.collect(),
        Some("rs" | "wgsl") => "//",
        _ => "#",
    };
    lines.filter_map(|(number, line)| comment(line, mark).map(|comment| (number, comment))).collect()
}

/// The text after a comment mark that is not in a string and not part of a URL.
fn comment<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    let outside = |at: &usize| {
        let before = &line[..*at];
        before.matches('"').count().is_multiple_of(2) && !before.ends_with(':')
    };
    line.match_indices(mark).map(|(at, _)| at).find(outside).map(|at| &line[at + mark.len()..])
}

/// The words of a line that look like paths of this repository.
pub(crate) fn paths(line: &str) -> Vec<&str> {
    let in_path = |letter: char| letter.is_ascii_alphanumeric() || "_./*-".contains(letter);
    let words = line.split(|letter| !in_path(letter)).map(|word| word.trim_end_matches(['.', '-', '/']));
    let is_file = |word: &str| {
        let stem = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending));
        stem.is_some_and(|stem| {
            stem.ends_with(|last: char| last.is_ascii_alphanumeric() || "_*".contains(last))
        })
    };
    // A word that starts with two slashes is the rest of a URL.
    let ours = |word: &&str| {
        !word.starts_with("//") && (is_file(word) || FOLDERS.iter().any(|f| word.starts_with(f)))
    };
    words.filter(ours).collect()
}

/// The paths of names in backquotes in a line, from a part of the library on.
pub(crate) fn names(line: &str) -> Vec<Vec<String>> {
    let quoted = line.split('`').skip(1).step_by(2).map(|text| text.trim_end_matches("()"));
    let split = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    let is_name = |name: &String| {
        !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    let from_root = |names: Vec<String>| match names[0].as_str() {
        "crate" | "mfgpu" => names[1..].to_vec(),
        _ => names,
    };
    quoted.map(split).filter(|names| names.len() > 1 && names.iter().all(is_name)).map(from_root).collect()
}

/// Why a path named in `file` matches none of `files`. It may start at the root or at the folder of `file`,
/// or be the end of exactly one path. `NAME` in a recipe stands for any name.
pub(crate) fn fault(path: &str, file: &str, files: &[String]) -> Option<String> {
    let pattern = path.replace("NAME", "*");
    let own = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let joined = join(own, &pattern);
    let is_there = |known: &String| [&pattern, &joined].iter().any(|wanted| starts(wanted, known));
    if NOT_OURS.iter().any(|known| starts(known, path) || ends(known, path)) || files.iter().any(is_there) {
        return None;
    }
    let tails: Vec<&String> = files.iter().filter(|known| ends(&pattern, known)).collect();
    match tails.len() {
        0 => Some(format!("there is no {path}")),
        1 => None,
        _ if pattern.contains('*') => None,
        _ => Some(format!("{path} may be {} or {}", tails[0], tails[1])),
    }
}

/// `folder/path` with each `..` resolved.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/').filter(|part| *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// Whether a pattern matches the path of a file, or of a folder above it.
fn starts(pattern: &str, path: &str) -> bool {
    let (wanted, known): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    wanted.len() <= known.len() && wanted.iter().zip(known).all(|(wanted, known)| matches(wanted, known))
}

/// Whether a pattern matches the end of a file's path.
fn ends(pattern: &str, path: &str) -> bool {
    let (wanted, known): (Vec<&str>, Vec<&str>) = (pattern.rsplit('/').collect(), path.rsplit('/').collect());
    wanted.len() <= known.len() && wanted.iter().zip(known).all(|(wanted, known)| matches(wanted, known))
}

/// Whether a name fits a pattern, in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => {
            name.strip_prefix(head).is_some_and(|rest| (0..=rest.len()).any(|at| matches(tail, &rest[at..])))
        }
    }
}

/// Whether this file is checked. The changelog may name what no longer exists, and made-up trees what never
/// did.
pub(crate) fn is_looked_at(path: &str) -> bool {
    let is_text = ENDINGS.iter().any(|ending| path.ends_with(ending)) || path.starts_with(".ci/");
    is_text && !["CHANGELOG.md", "tests/floors/can_fail.rs"].contains(&path)
}

/// The faults in the prose of a file.
pub(crate) fn faults(file: &str, text: &str, files: &[String], graph: &Graph) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, line) in prose(file, text) {
        let missing = paths(line).into_iter().filter_map(|path| fault(path, file, files));
        wrong.extend(missing.map(|fault| format!("{file}:{number}: {fault}")));
        for names in names(line) {
            let is_part = !["super", "self"].contains(&names[0].as_str()) && graph.knows(&names[..1]);
            if is_part && !graph.knows(&names) {
                wrong.push(format!("{file}:{number}: the library has no {}", names.join("::")));
            }
        }
    }
    wrong
}
