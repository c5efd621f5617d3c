//! What one module says: which names it defines, which it brings in by `use`, which modules it declares, and
//! which paths its code writes out.

/// One module: a file, or a `mod name { .. }` in it.
#[derive(Default)]
pub(crate) struct Module {
    /// From the root of its crate, which is the first name.
    pub(crate) path: Vec<String>,
    pub(crate) file: String,
    pub(crate) test: bool,
    pub(crate) defined: Vec<Defined>,
    pub(crate) children: Vec<Child>,
    pub(crate) uses: Vec<Use>,
    pub(crate) mentions: Vec<Mention>,
}

pub(crate) struct Defined {
    pub(crate) name: String,
    /// Whether names may follow it in a path: it is a type or a trait.
    pub(crate) members: bool,
}

/// `mod name;`, or the head of `mod name { .. }`.
pub(crate) struct Child {
    pub(crate) name: String,
    pub(crate) test: bool,
    /// Whether its text stands in the same file.
    pub(crate) inline: bool,
    /// What `#[path = ".."]` says.
    pub(crate) at: Option<String>,
}

/// One name that a `use` brings in.
pub(crate) struct Use {
    pub(crate) path: Vec<String>,
    /// What it is called here, or `*`.
    pub(crate) name: String,
    /// Whether others may take it from here.
    pub(crate) passed_on: bool,
    pub(crate) line: usize,
}

/// A path in code. A single name is only kept where it cannot be that of a variable.
pub(crate) struct Mention {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}
