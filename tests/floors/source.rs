//! Parses the text of a file into modules. Comments and strings are ignored; test code is marked.

use crate::module::{Child, Defined, Mention, Module, Use};
use proc_macro2::{TokenStream, TokenTree};
use std::mem;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprCall, Ident, ImplItemFn, Item, ItemImpl, ItemMod, ItemUse, Lit, Macro, Meta,
    MetaNameValue, Path, Type, UseTree, Visibility,
};

/// The modules of a file, outermost first.
pub(crate) fn modules(path: Vec<String>, file: &str, text: &str, test: bool) -> Vec<Module> {
    let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut reader =
        Reader { now: Module { path, file: file.into(), test, ..Module::default() }, ..Reader::default() };
    reader.visit_file(&parsed);
    let mut modules = vec![reader.now];
    modules.append(&mut reader.inner);
    modules
}

#[derive(Default)]
struct Reader {
    now: Module,
    inner: Vec<Module>,
    /// The type that `Self` stands for.
    own: Vec<String>,
}

impl Reader {
    fn mention(&mut self, mut path: Vec<String>, line: usize) {
        if path.first().is_some_and(|first| first == "Self") && !self.own.is_empty() {
            path.splice(..1, self.own.iter().cloned());
        }
        self.now.mentions.push(Mention { path, line });
    }

    /// The paths in unparsed tokens: those of a macro or an attribute.
    fn scan(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.scan(group.stream()),
                TokenTree::Ident(ident) if at == 0 || !is(&tokens[at - 1], '.') => {
                    let (mut path, line) = (vec![text_of(ident)], line_of(ident));
                    while let [_, first, second, TokenTree::Ident(next), ..] = &tokens[at..]
                        && is(first, ':')
                        && is(second, ':')
                    {
                        path.push(text_of(next));
                        at += 3;
                    }
                    let called = tokens.get(at + 1).is_some_and(|next| match next {
                        TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Parenthesis,
                        next => is(next, '!'),
                    });
                    if path.len() > 1 || called || is_type(&path[0]) {
                        self.mention(path, line);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// The paths in the strings of `#[serde(key = "path")]`.
    fn scan_serde(&mut self, tokens: TokenStream, line: usize) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for three in tokens.windows(3) {
            if let [TokenTree::Ident(key), _, TokenTree::Literal(literal)] = three
                && let Lit::Str(text) = Lit::new(literal.clone())
                && let Ok(path) = text.parse::<Path>()
            {
                let mut path = names(&path);
                if key == "with" {
                    path.push("serialize".into());
                }
                self.mention(path, line);
            }
        }
    }

    fn bring_in(&mut self, tree: &UseTree, before: &[String], passed_on: bool, start: usize) {
        let (last, name) = match tree {
            UseTree::Path(path) => {
                return self.bring_in(
                    &path.tree,
                    &[before, &[text_of(&path.ident)]].concat(),
                    passed_on,
                    start,
                );
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.bring_in(tree, before, passed_on, start));
            }
            UseTree::Glob(_) => (None, "*".to_owned()),
            UseTree::Name(name) => (Some(&name.ident), text_of(&name.ident)),
            UseTree::Rename(rename) => (Some(&rename.ident), text_of(&rename.rename)),
        };
        let line = last.map_or(start, line_of);
        let mut path = before.to_vec();
        path.extend(last.map(text_of).filter(|last| last != "self"));
        let name = if name == "self" { path.last().cloned().unwrap_or_default() } else { name };
        self.now.uses.push(Use { path, name, passed_on, line });
    }

    /// Reads the item after `#[cfg(test)]` as test code.
    fn marked(&mut self, attributes: &[Attribute], read: impl FnOnce(&mut Self)) {
        if self.now.test || !attributes.iter().any(for_tests) {
            return read(self);
        }
        let (path, file) = (self.now.path.clone(), self.now.file.clone());
        let outer = mem::replace(&mut self.now, Module { path, file, test: true, ..Module::default() });
        read(self);
        let marked = mem::replace(&mut self.now, outer);
        // It is declared here nevertheless.
        self.inner.push(marked);
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_item(&mut self, item: &'a Item) {
        let (attributes, defined): (&[Attribute], _) = match item {
            Item::Enum(item) => (&item.attrs, Some((&item.ident, true))),
            Item::Struct(item) => (&item.attrs, Some((&item.ident, true))),
            Item::Trait(item) => (&item.attrs, Some((&item.ident, true))),
            Item::Type(item) => (&item.attrs, Some((&item.ident, true))),
            Item::Union(item) => (&item.attrs, Some((&item.ident, true))),
            Item::Const(item) => (&item.attrs, Some((&item.ident, false))),
            Item::Fn(item) => (&item.attrs, Some((&item.sig.ident, false))),
            Item::Static(item) => (&item.attrs, Some((&item.ident, false))),
            Item::Macro(item) => (&item.attrs, item.ident.as_ref().map(|ident| (ident, false))),
            Item::Impl(item) => (&item.attrs, None),
            Item::Use(item) => (&item.attrs, None),
            // It is marked, as a module of its own.
            _ => (&[], None),
        };
        self.marked(attributes, |reader| {
            if let Some((ident, members)) = defined {
                reader.now.defined.push(Defined { name: text_of(ident), members });
            }
            visit::visit_item(reader, item);
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'a ImplItemFn) {
        self.marked(&item.attrs, |reader| visit::visit_impl_item_fn(reader, item));
    }

    fn visit_item_impl(&mut self, item: &'a ItemImpl) {
        let own = match &*item.self_ty {
            Type::Path(own) => names(&own.path),
            _ => Vec::new(),
        };
        let outer = mem::replace(&mut self.own, own);
        visit::visit_item_impl(self, item);
        self.own = outer;
    }

    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        let (name, test) = (text_of(&item.ident), self.now.test || item.attrs.iter().any(for_tests));
        let at = item.attrs.iter().find_map(path_of);
        self.now.children.push(Child { name: name.clone(), test, inline: item.content.is_some(), at });
        if let Some((_, items)) = &item.content {
            let path = [&self.now.path[..], &[name]].concat();
            let inner = Module { path, file: self.now.file.clone(), test, ..Module::default() };
            let outer = mem::replace(&mut self.now, inner);
            for item in items {
                self.visit_item(item);
            }
            let inner = mem::replace(&mut self.now, outer);
            self.inner.push(inner);
        }
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.bring_in(
            &item.tree,
            &[],
            !matches!(item.vis, Visibility::Inherited),
            item.use_token.span.start().line,
        );
    }

    fn visit_path(&mut self, path: &'a Path) {
        let names = names(path);
        if names.len() > 1 || is_type(&names[0]) {
            self.mention(names, line_of(&path.segments[0].ident));
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_call(&mut self, call: &'a ExprCall) {
        if let Expr::Path(called) = &*call.func
            && let Some(name) = called.path.get_ident()
        {
            self.mention(vec![text_of(name)], line_of(name));
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, called: &'a Macro) {
        if let Some(name) = called.path.get_ident() {
            self.mention(vec![text_of(name)], line_of(name));
        }
        self.scan(called.tokens.clone());
        visit::visit_macro(self, called);
    }

    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.scan(list.tokens.clone());
            if list.path.is_ident("serde") {
                self.scan_serde(list.tokens.clone(), line_of(&list.path.segments[0].ident));
            }
        }
    }
}

fn is(token: &TokenTree, letter: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == letter)
}

fn is_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

fn names(path: &Path) -> Vec<String> {
    path.segments.iter().map(|segment| text_of(&segment.ident)).collect()
}

fn text_of(ident: &Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

fn line_of(ident: &Ident) -> usize {
    ident.span().start().line
}

/// `#[cfg(test)]`, `#[cfg(all(test, ..))]`.
fn for_tests(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    let condition = list.tokens.to_string();
    list.path.is_ident("cfg") && (condition == "test" || condition.replace(' ', "").starts_with("all(test,"))
}

fn path_of(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(MetaNameValue { path, value: Expr::Lit(value), .. }) if path.is_ident("path") => {
            match &value.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            }
        }
        _ => None,
    }
}
