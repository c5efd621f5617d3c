//! Texts reach a terminal through one folder of the binary, which cleans them: no other code writes to standard
//! output or standard error, or opens an output by a name that may be a terminal's. The library never prints.

use crate::tree;
use proc_macro2::{TokenStream, TokenTree};

/// What writes to a stream, or opens one, and the places that may do it. A word stands for itself, with `!` for a
/// macro, with `.` before it for a method, with `::` before it for what belongs to a type or a module.
const OUTLETS: [(&str, &[&str]); 21] = [
    ("print!", &[]),
    ("println!", &[]),
    ("eprint!", &[]),
    ("eprintln!", &[]),
    ("dbg!", &[]),
    ("stdout", &["src/bin/mfgpu/terminal/", "src/files/sink.rs", "src/files/identity.rs"]),
    ("stderr", &["src/bin/mfgpu/terminal/", "src/files/identity.rs"]),
    // A variant that stands for what standard output leads to.
    ("Stdout", &["src/bin/mfgpu/flags/apart.rs"]),
    ("Stderr", &[]),
    // The parser of the command line prints by itself in these.
    (".print", &["src/bin/mfgpu/terminal/usage.rs"]),
    (".exit", &[]),
    ("get_matches", &[]),
    ("print_help", &[]),
    ("print_long_help", &[]),
    ("Cli::parse", &[]),
    ("Parser::parse", &[]),
    // The default report of a panic.
    ("set_hook", &["src/bin/mfgpu/terminal/panics.rs", "src/guard.rs"]),
    ("indicatif", &["src/bin/mfgpu/show/bar.rs"]),
    // These open standard output for `-`.
    ("Sink::open", &["src/bin/mfgpu/terminal/output.rs", "src/output/"]),
    ("Csv.open", &[]),
    ("format.open", &["src/bin/mfgpu/terminal/output.rs"]),
];

/// Every place that is not a home: `file:line: outlet`.
fn leaks(file: &str, text: &str) -> Vec<String> {
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut words = Vec::new();
    flatten(tokens, &mut words);
    let mut found = Vec::new();
    for (outlet, homes) in OUTLETS {
        if homes.iter().any(|home| file.starts_with(home)) {
            continue;
        }
        let wanted = pieces(outlet);
        for window in words.windows(wanted.len()) {
            if window.iter().map(|(word, _)| word).eq(&wanted) {
                found.push(format!("{file}:{}: {outlet}", window[0].1));
            }
        }
    }
    found
}

/// `Sink::open` as `Sink`, `:`, `:`, `open`.
fn pieces(outlet: &str) -> Vec<String> {
    let mut words = Vec::new();
    flatten(outlet.parse().expect("tokens"), &mut words);
    words.into_iter().map(|(word, _)| word).collect()
}

/// All words and signs in their order, with their lines. Texts and comments are none.
pub(crate) fn flatten(tokens: TokenStream, words: &mut Vec<(String, usize)>) {
    for token in tokens {
        let line = token.span().start().line;
        match token {
            TokenTree::Group(group) => {
                // The arguments of a call do not follow its name.
                words.push(("(".into(), line));
                flatten(group.stream(), words);
                words.push((")".into(), line));
            }
            TokenTree::Ident(ident) => words.push((ident.to_string().trim_start_matches("r#").into(), line)),
            TokenTree::Punct(sign) => words.push((sign.as_char().into(), line)),
            TokenTree::Literal(_) => words.push((String::new(), line)),
        }
    }
}

#[test]
fn texts_reach_terminals_through_one_place() {
    let sources = tree::sources();
    assert!(sources.len() > 200);
    let found: Vec<String> = sources.iter().flat_map(|(file, text)| leaks(file, text)).collect();
    assert!(found.is_empty(), "write with show::talk::say or signals::sink:\n{}", found.join("\n"));
    // An outlet that nobody has would be a misspelt one.
    for (outlet, homes) in OUTLETS {
        for home in homes {
            let wanted = pieces(outlet);
            let has = |(file, text): &(String, String)| {
                let mut words = Vec::new();
                flatten(text.parse().expect("tokens"), &mut words);
                let words: Vec<String> = words.into_iter().map(|(word, _)| word).collect();
                file.starts_with(home) && words.windows(wanted.len()).any(|window| window == wanted)
            };
            assert!(sources.iter().any(has), "{home} has no {outlet}");
        }
    }
}

#[test]
fn a_leak_is_found() {
    let file = "src/bin/mfgpu/show/talk.rs";
    for text in [
        "fn f() { println!(\"x\") }",
        "fn f() { std::eprint!(\"x\") }",
        "fn f() { if true { vec![dbg!(3)]; } }",
        "macro_rules! say { () => { eprintln!() } }",
        "use std::io::stdout as quiet;",
        "fn f() { std::io::stderr().lock(); }",
        "struct Own(std::io::Stdout);",
        "fn f(error: clap::Error) { error.print().unwrap() }",
        "fn f(error: clap::Error) -> ! { error.exit() }",
        "fn f() { crate::arguments::Cli::parse(); }",
        "use indicatif::ProgressBar;",
        "fn f() { mfgpu::files::Sink::open(\"-\"); }",
        "fn f() { TableFormat::Csv.open(path, options, stop); }",
        "#[cfg(test)] mod tests { fn f() { print!(\"x\") } }",
    ] {
        assert_eq!(leaks(file, text).len(), 1, "{text}: {:?}", leaks(file, text));
    }
    for text in [
        "// println!(\"x\")\n/// print!()\nfn f() { say(\"println!() stdout\") }",
        "fn print() {} fn f() { print(); std::process::exit(1) }",
        "fn open() { Sink::stream(name, stream); open(sink) }",
    ] {
        assert_eq!(leaks(file, text), [""; 0], "{text}");
    }
    let home = "src/bin/mfgpu/terminal/output.rs";
    assert_eq!(leaks(home, "fn f() { Sink::open(path); std::io::stdout(); }"), [""; 0]);
    assert_eq!(leaks(home, "fn f() { println!() }"), ["src/bin/mfgpu/terminal/output.rs:1: println!"]);
}
