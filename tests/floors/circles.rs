//! Circles of files: sets in which every file reaches every other one by arrows.

use crate::graph::Arrow;
use std::collections::{BTreeMap, BTreeSet};

/// The circles, each with its files sorted by name.
pub(crate) fn circles(arrows: &[Arrow]) -> Vec<Vec<&str>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for arrow in arrows {
        next.entry(&arrow.from).or_default().insert(&arrow.to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        next.keys().map(|file| (*file, reach(&next, file))).collect();
    let in_both =
        |a: &str, b: &str| reached[a].contains(b) && reached.get(b).is_some_and(|from| from.contains(a));
    let mut circles: Vec<Vec<&str>> = Vec::new();
    for &file in reached.keys().filter(|file| in_both(file, file)) {
        match circles.iter_mut().find(|circle| in_both(circle[0], file)) {
            Some(circle) => circle.push(file),
            None => circles.push(vec![file]),
        }
    }
    circles
}

fn reach<'a>(next: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &str) -> BTreeSet<&'a str> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(file) = open.pop() {
        for &to in next.get(file).into_iter().flatten() {
            if found.insert(to) {
                open.push(to);
            }
        }
    }
    found
}

/// A circle with all arrows in it, the first one between each pair of files.
pub(crate) fn describe(circle: &[&str], arrows: &[Arrow]) -> String {
    let inside = |file: &String| circle.contains(&file.as_str());
    let mut inner: Vec<&Arrow> =
        arrows.iter().filter(|arrow| inside(&arrow.from) && inside(&arrow.to)).collect();
    inner.dedup_by_key(|arrow| (&arrow.from, &arrow.to));
    let lines: Vec<String> = inner.iter().map(|arrow| format!("  {arrow}\n")).collect();
    format!("a circle of {} files:\n{}", circle.len(), lines.concat())
}
