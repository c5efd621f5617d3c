//! The contents of one module: the names it defines, the names it imports by `use`, the modules it declares,
//! and the paths in its code.

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
    /// Whether further names may follow it in a path, because it is a type or a trait.
    pub(crate) members: bool,
}

/// `mod name;`, or the head of `mod name { .. }`.
pub(crate) struct Child {
    pub(crate) name: String,
    pub(crate) test: bool,
    /// Whether its text is in the same file.
    pub(crate) inline: bool,
    /// The value of `#[path = ".."]`.
    pub(crate) at: Option<String>,
}

/// One name that a `use` imports.
pub(crate) struct Use {
    pub(crate) path: Vec<String>,
    /// Its name in this module, or `*`.
    pub(crate) name: String,
    /// Whether other modules may import it from here.
    pub(crate) passed_on: bool,
    pub(crate) line: usize,
}

/// A path in code. A single name is kept only where it cannot be a variable.
pub(crate) struct Mention {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}
