//! Every checker can fail: made-up trees with faults, of which it must find all and nothing else.

use crate::circles::{circles, describe};
use crate::graph::{Arrow, Graph};
use crate::inner::Inner;
use crate::tree::made_up;
use crate::{algorithms, paths, stairs};

const ROOT: (&str, &str) =
    ("src/lib.rs", "pub mod math; pub mod model; pub mod train; mod error; pub use error::Error;");
const ERROR: (&str, &str) = ("src/error.rs", "pub enum Error { Stopped }");
const MATH: (&str, &str) = ("src/math.rs", "pub struct Matrix; pub fn dot() {}");
const MODEL: (&str, &str) = ("src/model.rs", "pub struct Model;");

/// A library whose `train` has these files besides `mod.rs`, which re-exports `A` of `a.rs` and `B` of
/// `b.rs`.
fn train(files: &[(&str, &str)]) -> Graph {
    let head = ("src/train/mod.rs", "mod a;\nmod b;\npub use a::A;\npub use b::B;");
    Graph::new(&made_up(&[&[ROOT, ERROR, MATH, MODEL, head], files].concat()))
}

fn shown(arrows: &[Arrow]) -> Vec<String> {
    arrows.iter().map(ToString::to_string).collect()
}

fn without_tests(graph: &Graph) -> Vec<Arrow> {
    graph.arrows().into_iter().filter(|arrow| !arrow.test).collect()
}

const LONE_A: (&str, &str) = ("src/train/a.rs", "pub struct A;");
const LONE_B: (&str, &str) = ("src/train/b.rs", "pub struct B;");

#[test]
fn a_use_is_followed_to_the_file_that_defines_the_name() {
    let arrows = |text| shown(&train(&[("src/train/a.rs", text), LONE_B]).arrows());
    let to_b = "src/train/a.rs:1 uses B of src/train/b.rs";
    assert_eq!(arrows("use super::B; pub struct A;"), [to_b], "handed on");
    assert_eq!(arrows("use super::b::B; pub struct A;"), [to_b]);
    assert_eq!(arrows("use super::{b::{self, B as C}}; pub struct A;"), [to_b], "a group, another name");
    assert_eq!(arrows("use crate::train::*; pub struct A;"), [to_b], "all names");
    assert_eq!(arrows("pub struct A { b: super::B }"), [to_b], "without `use`");
    assert_eq!(arrows("use super::b; pub struct A { b: b::B }"), [to_b], "by the module");
    assert_eq!(arrows("pub struct A; fn f() { use super::b::B; }"), [to_b], "in a function");
    assert_eq!(arrows("pub struct A; fn f() { print!(\"{}\", [super::b::B]); }"), [to_b], "in a macro");
    assert_eq!(arrows("#[derive(super::B)] pub struct A;"), [to_b], "in an attribute");
    assert_eq!(
        arrows("pub struct A { #[serde(with = \"super::B\")] b: u8 }"),
        [to_b],
        "in a string of serde"
    );
    assert_eq!(arrows("pub struct A; mod inner { use super::super::B; }"), [to_b], "from a module inside");
    assert_eq!(arrows("use crate::Error; pub struct A;"), ["src/train/a.rs:1 uses Error of src/error.rs"]);
    assert_eq!(
        arrows("/// Like super::B.\n// super::B\npub struct A; const TEXT: &str = \"super::B\";").len(),
        0
    );
    assert_eq!(arrows("use std::fmt; use super::b; pub struct A(fmt::Error);").len(), 0, "the module alone");
}

#[test]
fn paths_that_lead_nowhere_are_found() {
    let lost = |text| train(&[("src/train/a.rs", text), LONE_B]).lost();
    assert_eq!(lost("use super::B; use super::b as c; pub struct A(c::B, std::fmt::Error);").len(), 0);
    assert_eq!(lost("use super::C; pub struct A;"), ["src/train/a.rs:1: super::C"]);
    assert_eq!(lost("use super::b as c; pub struct A(c::C);"), ["src/train/a.rs:1: c::C"]);
}

#[test]
fn the_binary_is_followed_into_the_library() {
    let main = ("src/bin/tool/main.rs", "mod talk; use mfgpu::train::A; fn main() { talk::say() }");
    let talk = ("src/bin/tool/talk.rs", "pub fn say() {}");
    let found = shown(&train(&[LONE_A, LONE_B, main, talk]).arrows());
    let wanted = ["uses say of src/bin/tool/talk.rs", "uses A of src/train/a.rs"];
    assert_eq!(found, wanted.map(|arrow| format!("src/bin/tool/main.rs:1 {arrow}")));
}

#[test]
fn circles_are_found() {
    let found = |a, b| {
        let arrows = without_tests(&train(&[("src/train/a.rs", a), ("src/train/b.rs", b)]));
        circles(&arrows).iter().map(|circle| describe(circle, &arrows)).collect::<Vec<_>>()
    };
    let (uses_a, uses_b) =
        ("use super::a::A;\nuse crate::math::dot;\npub struct B;", "\nuse super::B;\npub struct A;");
    let text = "a circle of 2 files:\n  src/train/a.rs:2 uses B of src/train/b.rs\n  \
                src/train/b.rs:1 uses A of src/train/a.rs\n";
    assert_eq!(found(uses_b, uses_a), [text], "one of its arrows is hidden by what `mod.rs` hands on");
    assert_eq!(found(uses_b, "pub struct B;").len(), 0);
    assert_eq!(
        found(uses_b, "pub struct B; #[cfg(test)] mod tests { use crate::train::A; }").len(),
        0,
        "in tests"
    );
    assert_eq!(
        found(uses_b, "pub struct B; #[cfg(test)] fn f(a: super::A) {}").len(),
        0,
        "in a test's function"
    );
    assert_eq!(found(uses_b, "pub struct B; #[cfg(not(test))] fn f(a: super::A) {}").len(), 1);
}

#[test]
fn a_mod_file_that_only_hands_on_is_in_no_circle() {
    let found = |head| {
        let files = [
            ROOT,
            ERROR,
            MATH,
            MODEL,
            ("src/train/mod.rs", head),
            ("src/train/a.rs", "use super::Own; pub struct A;"),
        ];
        circles(&without_tests(&Graph::new(&made_up(&files)))).len()
    };
    assert_eq!(found("mod a; pub use a::A; pub struct Own;"), 0, "defines a name, uses none");
    assert_eq!(found("mod a; use a::A; pub struct Own(A);"), 1);
    assert_eq!(found("mod a; pub use a::A; pub struct Own(A);"), 1, "hands it on and uses it as well");
    assert_eq!(found("mod a; pub struct Own(a::A);"), 1);
    assert_eq!(
        found("#[cfg(test)] mod a; pub struct Own; #[cfg(test)] struct Test(a::A);"),
        0,
        "a file for tests"
    );
}

#[test]
fn arrows_up_and_sideways_between_parts_are_found() {
    let faults = |math: &'static str, model: &'static str| {
        let files = [
            ROOT,
            ERROR,
            ("src/math.rs", math),
            ("src/model.rs", model),
            ("src/train.rs", "pub fn fit() {}"),
        ];
        let graph = Graph::new(&made_up(&files));
        stairs::faults(&graph.files(), &graph.arrows()).len()
    };
    let model = "use crate::math::Matrix;\nuse crate::{Error};\npub struct Model;";
    assert_eq!(faults("pub struct Matrix;", model), 0);
    assert_eq!(faults("pub struct Matrix; use crate::model::Model;", model), 1, "up");
    assert_eq!(faults("pub struct Matrix;", "fn x() { crate::train::fit() }"), 1, "up, without `use`");
    assert_eq!(
        faults("pub struct Matrix; #[cfg(test)] mod tests { use crate::model::Model; }", model),
        1,
        "in tests"
    );
    assert_eq!(faults("pub struct Matrix; // see crate::train::fit", model), 0);
}

#[test]
fn neighbours_and_parts_without_a_floor_are_found() {
    let faults = |name: &str, text: &str| {
        let root = format!("pub mod math; pub mod ratings; pub mod {name};");
        let path = format!("src/{name}.rs");
        let ratings = ("src/ratings.rs", "pub struct Rows; use crate::math::dot;");
        let graph = Graph::new(&made_up(&[("src/lib.rs", &root), ratings, MATH, (&path, text)]));
        stairs::faults(&graph.files(), &graph.arrows()).len()
    };
    assert_eq!(faults("gpu", "use crate::math::dot;"), 0);
    assert_eq!(faults("gpu", "use crate::{\n    ratings::Rows,\n};"), 1, "sideways");
    assert_eq!(faults("attic", ""), 1);
}

#[test]
fn arrows_up_inside_a_part_are_found() {
    let graph = |a, b| train(&[("src/train/a.rs", a), ("src/train/b.rs", b)]);
    let faults = |graph: &Graph, floors| {
        stairs::inner_faults(&("src/train", floors), &graph.files(), &without_tests(graph))
    };
    let sound = graph("use super::B; use crate::math::dot; pub struct A;", "pub struct B;");
    assert_eq!(faults(&sound, &[&["b.rs"], &["a.rs"]]).len(), 0);
    assert_eq!(faults(&sound, &[]).len(), 0, "no table");
    let up = ["up, 0 to 1: src/train/a.rs:1 uses B of src/train/b.rs"];
    assert_eq!(faults(&sound, &[&["a.rs"], &["b.rs"]]), up, "`mod.rs` hides it");
    assert!(faults(&sound, &[&["a.rs", "b.rs"]])[0].starts_with("sideways, 0 to 0"));
    assert_eq!(faults(&sound, &[&["b.rs"]]), ["src/train/a.rs is on no inner floor"]);
    assert_eq!(
        faults(&sound, &[&["b.rs"], &["a.rs"], &["c"]]),
        ["src/train: c is in the table and not in the folder"]
    );
    assert_eq!(faults(&sound, &[&["b.rs", "b.rs"], &["a.rs"]]).len(), 1, "twice");
    let tests = graph("pub struct A; #[cfg(test)] mod tests { use crate::train::B; }", "pub struct B;");
    assert_eq!(faults(&tests, &[&["a.rs"], &["b.rs"]]).len(), 0);
}

#[test]
fn a_folder_stands_for_all_in_it_but_for_what_is_named() {
    let files = [
        ("src/lib.rs", "mod train;"),
        ("src/train/mod.rs", "mod engine; mod state;"),
        ("src/train/state.rs", "pub struct State;"),
        ("src/train/engine/mod.rs", "pub mod cpu; pub mod saved; pub trait Engine {}"),
        ("src/train/engine/saved.rs", "use crate::train::state::State; pub struct Saved;"),
        ("src/train/engine/cpu.rs", "use super::Engine; use super::saved::Saved;"),
    ];
    let graph = Graph::new(&made_up(&files));
    let (files, arrows) = (graph.files(), graph.arrows());
    let faults = |folder, floors| stairs::inner_faults(&(folder, floors), &files, &arrows).len();
    assert_eq!(faults("src/train", &[&["state.rs"], &["engine"]]), 0);
    assert_eq!(faults("src/train", &[&["state.rs"], &["engine"], &["engine/cpu.rs"]]), 0);
    assert_eq!(faults("src/train", &[&["state.rs"], &["engine/cpu.rs"], &["engine"]]), 2);
    assert_eq!(faults("src/train/engine", &[&["mod.rs", "saved.rs"], &["cpu.rs"]]), 0, "a table of its own");
    assert_eq!(
        faults("src/train/engine", &[&["saved.rs"], &["cpu.rs"]]),
        1,
        "a `mod.rs` that defines a name"
    );
    assert_eq!(stairs::lowest("src/train", &files, &arrows), [vec!["mod.rs", "state.rs"], vec!["engine"]]);
}

#[test]
fn a_crowded_part_without_inner_floors_is_found() {
    let filled: &[Inner] = &[("src/run", &[&["a.rs"]]), ("src/gpu", &[])];
    assert!(stairs::missing(filled, &["src/run"]).is_empty());
    assert_eq!(stairs::missing(filled, &["src/run", "src/gpu"]), ["src/gpu"], "empty");
    assert_eq!(stairs::missing(filled, &["src/input"]), ["src/input"], "no table");
}

#[test]
fn who_asks_for_the_algorithm_is_found() {
    let questions = |path, text| {
        let algorithm =
            "pub enum Algorithm { Sgd, Als }\nimpl Algorithm { fn f(self) { let Self::Sgd = self; } }";
        let (a, b) = (format!("{algorithm} pub struct A;"), format!("{text} pub struct B;"));
        let head = format!("mod a; #[path = \"{path}\"] mod b; pub use a::Algorithm;");
        let path = format!("src/train/{path}");
        let found = algorithms::questions(&Graph::new(&made_up(&[
            ("src/lib.rs", "mod train;"),
            ("src/train/mod.rs", &head),
            ("src/train/a.rs", &a),
            (&path, &b),
        ])));
        assert_eq!(found[0], "src/train/a.rs:2 names Algorithm::Sgd", "by `Self`");
        found[1..].to_vec()
    };
    let wanted = ["src/train/b.rs:1 names Algorithm::Als"];
    assert_eq!(questions("b.rs", "use super::Algorithm; const X: Algorithm = Algorithm::Als;"), wanted);
    assert_eq!(
        questions("b.rs", "use super::Algorithm as Which; const X: Which = Which::Als;"),
        wanted,
        "renamed"
    );
    assert_eq!(questions("b.rs", "use super::Algorithm::Als;"), wanted);
    assert_eq!(
        questions("b.rs", "fn f() -> bool { matches!(g(), super::Algorithm::Als) }"),
        wanted,
        "in a macro"
    );
    assert_eq!(questions("algorithm/b.rs", "const X: u8 = super::Algorithm::Als as u8;").len(), 0, "at home");
    assert_eq!(questions("b.rs", "#[cfg(test)] mod tests { use super::super::Algorithm::Als; }").len(), 0);
    assert_eq!(questions("b.rs", "use super::Algorithm; // Algorithm::Als").len(), 0);
}

#[test]
fn stale_names_are_found() {
    let graph = train(&[LONE_A, LONE_B]);
    let files = [
        "src/train/a.rs",
        "src/gpu/kernel.rs",
        "src/run/kernel.rs",
        "docs/maths.md",
        "shaders/row_sgd_data.wgsl",
    ];
    let files = files.map(str::to_owned);
    let faults = |file, text| paths::faults(file, text, &files, &graph);
    for sound in [
        "docs/maths.md, `train/a.rs`, a.rs; `shaders/row_*.wgsl`",
        "[maths](maths.md#rows), ../src/train/a.rs, `src/train`, src/gpu/",
        "src/train/NAME.rs, config.toml, runs/7/config.toml, https://example.org/x.rs, x.csv",
        "`train::A`, `crate::train::a`, `std::fmt`, `A::new`, .rs",
    ] {
        assert_eq!(faults("docs/x.md", sound), [""; 0]);
    }
    assert_eq!(faults("docs/x.md", "\nsee docs/math.md."), ["docs/x.md:2: there is no docs/math.md"]);
    assert_eq!(faults("docs/x.md", "`ring.rs` and src/ring").len(), 2);
    assert_eq!(faults("docs/x.md", "shaders/top_*.wgsl, src/ring/NAME.rs").len(), 2);
    assert_eq!(faults("docs/x.md", "kernel.rs").len(), 1, "one of two");
    assert_eq!(faults("src/gpu/x.rs", "// kernel.rs").len(), 0, "the one beside it");
    assert_eq!(faults("docs/x.md", "`train::finish`"), ["docs/x.md:1: the library has no train::finish"]);
    assert_eq!(faults("src/x.rs", "let path = \"// x.rs\"; //! x.rs"), ["src/x.rs:1: there is no x.rs"]);
    assert_eq!(faults("shaders/x.wgsl", "let a = b; // x.wgsl").len(), 1);
    assert_eq!(faults(".ci/run", "x.sh # see x.sh").len(), 1);
    assert!(
        !paths::is_looked_at("CHANGELOG.md")
            && paths::is_looked_at(".ci/run")
            && paths::is_looked_at("Cargo.toml")
    );
}
