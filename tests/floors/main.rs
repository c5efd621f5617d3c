//! The form of the sources: stairs only go down, there are no circles of files, the binary uses the public
//! interface only, and everything that comments and documents name exists. `docs/architecture.md` describes
//! the floors.
//!
//! `cargo nextest run --test floors numbers --no-capture` prints how many files, arrows and circles there
//! are, and the lowest floors that the files of each crowded part could have.

mod algorithms;
mod can_fail;
mod circles;
mod disk;
mod graph;
mod inner;
mod module;
mod outlets;
mod paths;
mod source;
mod stairs;
mod tree;

use graph::{Arrow, Graph};
use std::sync::LazyLock;

/// Every file of `src` and every arrow between files; those of test code are marked.
static SOURCES: LazyLock<(Graph, Vec<Arrow>)> = LazyLock::new(|| {
    let graph = Graph::new(&tree::sources());
    let arrows = graph.arrows();
    (graph, arrows)
});

fn without_tests() -> Vec<Arrow> {
    SOURCES.1.iter().filter(|arrow| !arrow.test).cloned().collect()
}

#[test]
fn stairs_go_down_only() {
    let (graph, arrows) = &*SOURCES;
    let wrong = stairs::faults(&graph.files(), arrows);
    assert!(wrong.is_empty(), "arrows up or sideways:\n{}", wrong.join("\n"));
    for (part, _) in stairs::FLOORS {
        assert!(
            graph.files().iter().any(|file| stairs::part(file) == part),
            "{part} has a floor but no code"
        );
    }
}

#[test]
fn inner_stairs_go_down_only() {
    let (files, arrows) = (SOURCES.0.files(), without_tests());
    let faults = |inner| stairs::inner_faults(inner, &files, &arrows);
    let wrong: Vec<String> = inner::INNER.iter().flat_map(faults).collect();
    assert!(wrong.is_empty(), "inside of parts:\n{}", wrong.join("\n"));
}

#[test]
fn every_crowded_part_has_inner_floors() {
    let wrong = stairs::missing(inner::INNER, &inner::CROWDED);
    assert!(wrong.is_empty(), "without inner floors: {wrong:?}");
}

/// No arrow gets lost: a path that begins with one of our names ends in one of our files.
#[test]
fn every_path_is_followed_to_its_end() {
    let lost = SOURCES.0.lost();
    assert!(lost.is_empty(), "lost:\n{}", lost.join("\n"));
}

#[test]
fn there_are_no_circles_of_files() {
    let arrows = without_tests();
    let circles = circles::circles(&arrows);
    let texts: Vec<String> = circles.iter().map(|circle| circles::describe(circle, &arrows)).collect();
    assert!(texts.is_empty(), "{}", texts.join("\n"));
}

#[test]
fn only_the_algorithms_ask_which_algorithm_runs() {
    let found = algorithms::questions(&SOURCES.0);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The binary is a crate of its own: it cannot go around the public interface.
#[test]
fn the_binary_sees_the_public_interface_only() {
    let sources = tree::sources();
    let binary: Vec<_> = sources.iter().filter(|(path, _)| path.starts_with("src/bin/")).collect();
    assert!(binary.len() > 5);
    for (path, text) in binary {
        assert!(!text.contains("#[path") && !text.contains("include!("), "{path}");
    }
}

#[test]
fn what_comments_and_documents_name_exists() {
    let files = tree::files();
    let looked_at = files.iter().filter(|path| paths::is_looked_at(path));
    let wrong: Vec<String> =
        looked_at.flat_map(|path| paths::faults(path, &tree::text(path), &files, &SOURCES.0)).collect();
    assert!(wrong.is_empty(), "{} stale names:\n{}", wrong.len(), wrong.join("\n"));
}

/// Prints numbers, and asserts nothing.
#[test]
fn numbers() {
    let (files, arrows) = (SOURCES.0.files(), without_tests());
    for folder in ["src", "src/train"] {
        let inside = |file: &str| file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let own: Vec<Arrow> =
            arrows.iter().filter(|arrow| inside(&arrow.from) && inside(&arrow.to)).cloned().collect();
        let mut pairs: Vec<_> = own.iter().map(|arrow| (&arrow.from, &arrow.to)).collect();
        pairs.dedup();
        let circles = circles::circles(&own);
        println!(
            "{folder}: {} files, {} arrows between them, {} circles of {:?} files",
            files.iter().filter(|file| inside(file)).count(),
            pairs.len(),
            circles.len(),
            circles.iter().map(Vec::len).collect::<Vec<_>>(),
        );
        for circle in circles {
            println!("  {}", circle.join(" "));
        }
    }
    println!("between parts: {} arrows up or sideways", stairs::faults(&files, &arrows).len());
    for inner in inner::INNER {
        println!(
            "{}: {} faults by its table; the lowest floors:",
            inner.0,
            stairs::inner_faults(inner, &files, &arrows).len()
        );
        for floor in stairs::lowest(inner.0, &files, &arrows) {
            println!("  {floor:?}");
        }
    }
    let questions = algorithms::questions(&SOURCES.0);
    println!("which algorithm runs is asked in {} places:\n  {}", questions.len(), questions.join("\n  "));
}
