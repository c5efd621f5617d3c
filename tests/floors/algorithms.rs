//! Only the folder of algorithms may ask which algorithm runs; the list of their names is among the choices.

use crate::graph::{Graph, Target};

/// The places where a variant may be named.
const HOMES: [&str; 2] = ["src/train/algorithm/", "src/train/choices.rs"];
const TYPES: [&str; 2] = ["Algorithm", "Method"];
const VARIANTS: [&str; 3] = ["Sgd", "Als", "Bayes"];

/// All other places that name a variant in non-test code: `file:line names Type::Variant`.
pub(crate) fn questions(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for module in graph
        .modules()
        .iter()
        .filter(|module| !module.test && !HOMES.iter().any(|home| module.file.starts_with(home)))
    {
        let uses = module.uses.iter().map(|brought| (&brought.path, brought.line));
        for (path, line) in uses.chain(module.mentions.iter().map(|mention| (&mention.path, mention.line))) {
            for target in graph.resolve(module, path) {
                if let Target::Name { name, rest, .. } = target
                    && TYPES.contains(&name)
                    && let Some(variant) = rest.first().filter(|variant| VARIANTS.contains(&variant.as_str()))
                {
                    found.push(format!("{}:{line} names {name}::{variant}", module.file));
                }
            }
        }
    }
    found.sort();
    found.dedup();
    found
}
