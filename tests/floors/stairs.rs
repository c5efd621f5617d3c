//! Stairs only go down: between the parts of the library, and between the inner floors of a part.

use crate::circles::circles;
use crate::graph::Arrow;
use crate::inner::Inner;
use std::collections::{BTreeMap, BTreeSet};

/// Every part in `src` and its floor.
pub(crate) const FLOORS: [(&str, u32); 22] = [
    ("error", 0),
    ("stop", 0),
    ("guard", 0),
    ("human", 0),
    ("files", 1),
    ("charts", 1),
    ("comm", 1),
    ("math", 1),
    ("memory", 1),
    ("ratings", 1),
    ("gpu", 1),
    ("model", 2),
    ("generate", 2),
    ("store", 2),
    ("input", 3),
    ("score", 3),
    ("eval", 4),
    ("train", 5),
    ("output", 5),
    ("run", 6),
    ("recommender", 6),
    ("bin", 7),
];

/// Parts that may use a neighbour on the same floor.
const NEIGHBOURS: [(&str, &str); 3] = [("ratings", "math"), ("ratings", "memory"), ("gpu", "math")];

/// Names that the crate root provides to its parts, from the ground floor.
const ROOT: [&str; 2] = ["Error", "Result"];

/// Crowded parts that have no inner floors.
pub(crate) fn missing<'a>(inner: &[Inner], crowded: &[&'a str]) -> Vec<&'a str> {
    let filled = |part: &str| inner.iter().any(|(folder, floors)| *folder == part && !floors.is_empty());
    crowded.iter().copied().filter(|part| !filled(part)).collect()
}

/// The part of the library a file belongs to.
pub(crate) fn part(file: &str) -> &str {
    let inside = file.strip_prefix("src/").unwrap_or(file);
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

/// Arrows up or sideways between parts, and parts on no floor.
pub(crate) fn faults(files: &BTreeSet<&str>, arrows: &[Arrow]) -> Vec<String> {
    let floor = |part: &str| FLOORS.iter().find(|(name, _)| *name == part).map(|(_, floor)| *floor);
    let is_root = |arrow: &Arrow| arrow.to == "src/error.rs" && ROOT.contains(&arrow.name.as_str());
    let parts: BTreeSet<&str> = files.iter().map(|file| part(file)).filter(|part| *part != "lib").collect();
    let homeless =
        parts.iter().filter(|part| floor(part).is_none()).map(|part| format!("{part} is on no floor"));
    let wrong = arrows.iter().filter_map(|arrow| {
        let (from, to) = (part(&arrow.from), part(&arrow.to));
        let (own, used) = (floor(from)?, floor(to)?);
        let allowed = from == to || used < own || NEIGHBOURS.contains(&(from, to)) || is_root(arrow);
        (!allowed).then(|| format!("{arrow}: floor {own} to floor {used}"))
    });
    homeless.chain(wrong).collect()
}

/// The faults among the arrows inside a folder.
pub(crate) fn inner_faults(
    &(folder, floors): &Inner,
    files: &BTreeSet<&str>,
    arrows: &[Arrow],
) -> Vec<String> {
    if floors.is_empty() {
        return Vec::new();
    }
    let entries: Vec<(&str, usize)> = floors
        .iter()
        .enumerate()
        .flat_map(|(floor, names)| names.iter().map(move |name| (*name, floor)))
        .collect();
    let stands_for = |entry: &str, file: &str| {
        below(folder, file)
            .and_then(|inside| inside.strip_prefix(entry))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let place = |file: &str| {
        let of_file = entries.iter().filter(|(entry, _)| stands_for(entry, file));
        of_file.max_by_key(|(entry, _)| entry.len()).copied()
    };
    let mut wrong = Vec::new();
    for (number, (entry, _)) in entries.iter().enumerate() {
        if !files.iter().any(|file| stands_for(entry, file)) {
            wrong.push(format!("{folder}: {entry} is in the table and not in the folder"));
        }
        if entries[..number].iter().any(|(before, _)| before == entry) {
            wrong.push(format!("{folder}: {entry} is in the table twice"));
        }
    }
    let mut homeless = BTreeSet::new();
    for arrow in arrows
        .iter()
        .filter(|arrow| below(folder, &arrow.from).is_some() && below(folder, &arrow.to).is_some())
    {
        match (place(&arrow.from), place(&arrow.to)) {
            (Some(own), Some(used)) if own.0 != used.0 && used.1 >= own.1 => {
                let way = if used.1 == own.1 { "sideways" } else { "up" };
                wrong.push(format!("{way}, {} to {}: {arrow}", own.1, used.1));
            }
            _ => homeless.extend([&arrow.from, &arrow.to].map(String::as_str)),
        }
    }
    // A `mod.rs` that only declares and re-exports needs no floor: nothing uses it.
    homeless.extend(files.iter().filter(|file| below(folder, file).is_some() && !file.ends_with("/mod.rs")));
    homeless.retain(|file| place(file).is_none());
    wrong.extend(homeless.iter().map(|file| format!("{file} is on no inner floor")));
    wrong
}

/// The lowest possible floors of the files and folders of a folder. Members of a circle share a floor.
pub(crate) fn lowest<'a>(folder: &str, files: &BTreeSet<&'a str>, arrows: &[Arrow]) -> Vec<Vec<&'a str>> {
    let entries: BTreeSet<&str> = files.iter().filter_map(|file| entry(folder, file)).collect();
    let between: Vec<Arrow> = arrows
        .iter()
        .filter_map(|arrow| match (entry(folder, &arrow.from), entry(folder, &arrow.to)) {
            (Some(from), Some(to)) if from != to => {
                Some(Arrow { from: from.into(), to: to.into(), ..arrow.clone() })
            }
            _ => None,
        })
        .collect();
    let circles = circles(&between);
    let together = |a: &str, b: &str| circles.iter().any(|circle| circle.contains(&a) && circle.contains(&b));
    let mut floor: BTreeMap<&str, usize> = entries.iter().map(|entry| (*entry, 0)).collect();
    for _ in &entries {
        for arrow in &between {
            let least = floor[arrow.to.as_str()] + usize::from(!together(&arrow.from, &arrow.to));
            let own = floor.get_mut(arrow.from.as_str()).expect("an entry");
            *own = (*own).max(least);
        }
    }
    let mut floors = vec![Vec::new(); floor.values().max().map_or(0, |top| top + 1)];
    for (entry, floor) in floor {
        floors[floor].push(entry);
    }
    floors
}

/// The file or folder directly below `folder` that is, or contains, a file.
fn entry<'a>(folder: &str, file: &'a str) -> Option<&'a str> {
    below(folder, file).and_then(|inside| inside.split('/').next())
}

fn below<'a>(folder: &str, file: &'a str) -> Option<&'a str> {
    file.strip_prefix(folder)?.strip_prefix('/')
}
