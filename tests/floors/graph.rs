//! Which file uses which: every path in the code is followed through `use` and `pub use` to the file that
//! defines its name. Method calls have no path, so they are not seen.

use crate::module::Module;
use crate::source::modules;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A use of a name that another file defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrow {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) line: usize,
    pub(crate) name: String,
    /// Whether test code uses it.
    pub(crate) test: bool,
}

impl fmt::Display for Arrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} uses {} of {}", self.from, self.line, self.name, self.to)
    }
}

/// The target of a path.
#[derive(Clone)]
pub(crate) enum Target<'a> {
    Module(Vec<String>),
    /// A name that `of` defines, and the rest of the path after it.
    Name {
        of: &'a Module,
        name: &'a str,
        rest: Vec<String>,
    },
}

pub(crate) struct Graph {
    modules: Vec<Module>,
    /// Modules by path; a path has two if a feature chooses between two files, or if a part of one is for
    /// tests.
    by_path: BTreeMap<Vec<String>, Vec<usize>>,
}

impl Graph {
    /// Reads a source tree, given as (path, text): everything declared from `src/lib.rs` and
    /// `src/bin/NAME/main.rs` on.
    pub(crate) fn new(files: &[(String, String)]) -> Self {
        let texts = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let mut graph = Self { modules: Vec::new(), by_path: BTreeMap::new() };
        for (path, _) in files {
            let root = match path.as_str() {
                "src/lib.rs" => "mfgpu",
                path if path.starts_with("src/bin/") && path.ends_with("/main.rs") => "main",
                _ => continue,
            };
            graph.read(&texts, vec![root.into()], path, false);
        }
        for (index, module) in graph.modules.iter().enumerate() {
            graph.by_path.entry(module.path.clone()).or_default().push(index);
        }
        graph
    }

    fn read(&mut self, texts: &BTreeMap<&str, &str>, path: Vec<String>, file: &str, test: bool) {
        let found = modules(path, file, texts[file], test);
        for module in &found {
            for child in module.children.iter().filter(|child| !child.inline) {
                let path = [&module.path[..], std::slice::from_ref(&child.name)].concat();
                let places = places(file, &child.name, child.at.as_deref());
                let place = places.iter().find(|place| texts.contains_key(place.as_str()));
                let place = place.unwrap_or_else(|| panic!("{file}: no file for mod {}", child.name));
                self.read(texts, path, place, child.test);
            }
        }
        self.modules.extend(found);
    }

    /// Files with code that is not for tests.
    pub(crate) fn files(&self) -> BTreeSet<&str> {
        self.modules.iter().filter(|module| !module.test).map(|module| module.file.as_str()).collect()
    }

    pub(crate) fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// Whether a path from the root of the library has a target.
    pub(crate) fn knows(&self, path: &[String]) -> bool {
        !self.walk(vec!["mfgpu".into()], path, &mut Vec::new()).is_empty()
    }

    /// Paths whose first name has a target in `src`, while the whole path has none.
    pub(crate) fn lost(&self) -> Vec<String> {
        let mut lost = Vec::new();
        for module in &self.modules {
            let uses = module.uses.iter().map(|brought| (&brought.path, brought.line));
            for (path, line) in
                uses.chain(module.mentions.iter().map(|mention| (&mention.path, mention.line)))
            {
                let known = !self.resolve(module, &path[..1]).is_empty();
                if known && self.resolve(module, path).is_empty() {
                    lost.push(format!("{}:{line}: {}", module.file, path.join("::")));
                }
            }
        }
        lost
    }

    /// The targets of a path that is written in a module.
    pub(crate) fn resolve(&self, from: &Module, path: &[String]) -> Vec<Target<'_>> {
        self.follow(&from.path, path, &mut Vec::new())
    }

    /// `busy` holds the uses that are being followed, as (module, number), to stop at circles.
    fn follow(&self, from: &[String], path: &[String], busy: &mut Vec<(usize, usize)>) -> Vec<Target<'_>> {
        match path[0].as_str() {
            "crate" => self.walk(from[..1].to_vec(), &path[1..], busy),
            "self" => self.walk(from.to_vec(), &path[1..], busy),
            "mfgpu" if from[0] == "main" => self.walk(path[..1].to_vec(), &path[1..], busy),
            "super" => self.walk(from.to_vec(), path, busy),
            _ => self.look_up(from, path, busy),
        }
    }

    fn walk(
        &self,
        mut from: Vec<String>,
        path: &[String],
        busy: &mut Vec<(usize, usize)>,
    ) -> Vec<Target<'_>> {
        match path.first().map(String::as_str) {
            None => vec![Target::Module(from)],
            Some("super") => {
                from.pop();
                self.walk(from, &path[1..], busy)
            }
            Some(_) => self.look_up(&from, path, busy),
        }
    }

    fn look_up(&self, at: &[String], path: &[String], busy: &mut Vec<(usize, usize)>) -> Vec<Target<'_>> {
        let (name, rest) = (&path[0], &path[1..]);
        let mut found = Vec::new();
        for &index in self.by_path.get(at).into_iter().flatten() {
            let module = &self.modules[index];
            for defined in module.defined.iter().filter(|defined| defined.name == *name) {
                if defined.members || rest.is_empty() {
                    found.push(Target::Name { of: module, name: &defined.name, rest: rest.to_vec() });
                }
            }
            if module.children.iter().any(|child| child.name == *name) {
                found.extend(self.walk([at, &path[..1]].concat(), rest, busy));
            }
            for (number, brought) in module.uses.iter().enumerate() {
                let every = brought.name == "*";
                if (brought.name != *name && !every) || busy.contains(&(index, number)) {
                    continue;
                }
                busy.push((index, number));
                for target in self.follow(at, &brought.path, busy) {
                    found.extend(self.go_on(target, if every { path } else { rest }, busy));
                }
                busy.pop();
            }
        }
        found
    }

    fn go_on<'a>(
        &'a self,
        target: Target<'a>,
        more: &[String],
        busy: &mut Vec<(usize, usize)>,
    ) -> Vec<Target<'a>> {
        match target {
            Target::Module(path) => self.walk(path, more, busy),
            Target::Name { of, name, rest } => {
                let members = of.defined.iter().any(|defined| defined.name == *name && defined.members);
                if !members && !more.is_empty() {
                    return Vec::new();
                }
                vec![Target::Name { of, name, rest: [&rest[..], more].concat() }]
            }
        }
    }

    /// All arrows between files.
    pub(crate) fn arrows(&self) -> Vec<Arrow> {
        let mut arrows = Vec::new();
        for module in &self.modules {
            for brought in &module.uses {
                let targets = self.resolve(module, &brought.path);
                let every = brought.name == "*";
                for target in targets.into_iter().flat_map(|target| self.spread(target, every)) {
                    // A module may re-export names of its children without using them.
                    let below =
                        |of: &Module| of.path.len() > module.path.len() && of.path.starts_with(&module.path);
                    match target {
                        Target::Name { of, .. } if brought.passed_on && below(of) => {}
                        target => arrows.extend(arrow(module, &target, brought.line)),
                    }
                }
            }
            for mention in &module.mentions {
                let passed_on =
                    || module.uses.iter().any(|brought| brought.passed_on && brought.name == mention.path[0]);
                if mention.path.len() > 1 || passed_on() {
                    let targets = self.resolve(module, &mention.path);
                    arrows.extend(targets.iter().filter_map(|target| arrow(module, target, mention.line)));
                }
            }
        }
        arrows.sort_by(|a, b| (&a.from, &a.to, a.line).cmp(&(&b.from, &b.to, b.line)));
        arrows.dedup();
        arrows
    }

    /// All names of a module if `every` is set, otherwise the target itself.
    fn spread<'a>(&'a self, target: Target<'a>, every: bool) -> Vec<Target<'a>> {
        let Target::Module(path) = &target else { return vec![target] };
        if !every {
            return vec![target];
        }
        let mut found = Vec::new();
        for &index in self.by_path.get(path).into_iter().flatten() {
            let module = &self.modules[index];
            let names = module.defined.iter().map(|defined| &defined.name);
            for name in names.chain(module.uses.iter().map(|brought| &brought.name)) {
                found.extend(self.look_up(path, std::slice::from_ref(name), &mut Vec::new()));
            }
        }
        found
    }
}

/// The possible files of a module that `file` declares.
fn places(file: &str, name: &str, at: Option<&str>) -> Vec<String> {
    let (folder, stem) = file.rsplit_once('/').expect("a file in a folder");
    if let Some(at) = at {
        return vec![format!("{folder}/{at}")];
    }
    let folder = match stem {
        "mod.rs" | "lib.rs" | "main.rs" => folder,
        _ => file.trim_end_matches(".rs"),
    };
    vec![format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")]
}

fn arrow(from: &Module, to: &Target, line: usize) -> Option<Arrow> {
    let Target::Name { of, name, .. } = to else { return None };
    (of.file != from.file).then(|| Arrow {
        from: from.file.clone(),
        to: of.file.clone(),
        line,
        name: (*name).to_owned(),
        test: from.test || of.test,
    })
}
