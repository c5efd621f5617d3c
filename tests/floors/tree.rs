//! The files of this repository.

use std::fs;
use std::path::Path;

/// Files that nobody wrote by hand, or that other programs left.
const NOT_OURS: [&str; 4] = ["target", ".git", "runs", "artifacts"];

/// Paths from the root of the repository, in order.
pub(crate) fn files() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    gather(root, root, &mut found);
    found.sort();
    found
}

fn gather(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name that is text");
        if NOT_OURS.contains(&name) {
            continue;
        }
        if path.is_dir() {
            gather(root, &path, found);
        } else {
            found.push(
                path.strip_prefix(root).expect("below the root").to_str().expect("text").replace('\\', "/"),
            );
        }
    }
}

pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files of `src` that are Rust, as (path, text).
pub(crate) fn sources() -> Vec<(String, String)> {
    let ours = |path: &String| {
        path.starts_with("src/") && Path::new(path).extension().is_some_and(|end| end == "rs")
    };
    files().into_iter().filter(ours).map(|path| (path.clone(), text(&path))).collect()
}

/// A made-up source tree.
pub(crate) fn made_up(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}
