//! Every argument that may name a file has a type that says what is read or written there. A test walks all
//! arguments of all commands.

use crate::arguments::Cli;
use crate::flags::paths::{Aside, Named, Reads, Writes};
use clap::builder::ValueParser;
use clap::{Arg, Command, CommandFactory, ValueHint, value_parser};
use mfgpu::run::{Every, Limit, Slice};
use mfgpu::train::{Choice, Criterion};
use mfgpu::{Budget, DeviceChoice, Relevance};
use std::any::TypeId;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Arguments of plain text, which no command takes for a file.
const TEXTS: [&str; 10] = [
    "user_col",
    "item_col",
    "rating_col",
    "weight_col",
    "time_col",
    "missing",
    "id",
    "item",
    "title",
    "words",
];

/// Whether the type of a value says what a path stands for.
fn is_declared(parser: &ValueParser) -> bool {
    let types = [TypeId::of::<Reads>(), TypeId::of::<Writes>(), TypeId::of::<Named>(), TypeId::of::<Aside>()];
    types.iter().any(|one| parser.type_id() == *one)
}

/// Whether a value of this type cannot name a file; one of a list of names cannot.
fn names_no_file(parser: &ValueParser) -> bool {
    let types = [
        TypeId::of::<bool>(),
        TypeId::of::<char>(),
        TypeId::of::<u8>(),
        TypeId::of::<u32>(),
        TypeId::of::<u64>(),
        TypeId::of::<usize>(),
        TypeId::of::<NonZeroUsize>(),
        TypeId::of::<f32>(),
        TypeId::of::<f64>(),
        TypeId::of::<Choice<usize>>(),
        TypeId::of::<Choice<f32>>(),
        TypeId::of::<Criterion>(),
        TypeId::of::<Relevance>(),
        TypeId::of::<DeviceChoice>(),
        TypeId::of::<Budget>(),
        TypeId::of::<Every>(),
        TypeId::of::<Limit>(),
    ];
    parser.possible_values().is_some() || types.iter().any(|one| parser.type_id() == *one)
}

/// The arguments that may name a file although their type does not say so, and those that shells do not
/// complete as files; with the number of arguments that are as they should be.
fn faults(command: &Command) -> (Vec<String>, usize) {
    let (mut wrong, mut right) = (Vec::new(), 0);
    for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
        let (parser, name) = (argument.get_value_parser(), argument.get_id().as_str());
        let is_text = parser.type_id() == TypeId::of::<String>() && TEXTS.contains(&name);
        if !is_declared(parser) {
            if !is_text && !names_no_file(parser) {
                wrong.push(format!("{} {name}", command.get_name()));
            }
        } else if argument.get_value_hint() == ValueHint::AnyPath {
            right += 1;
        } else {
            wrong.push(format!("{} {name} has no hint", command.get_name()));
        }
    }
    for inner in command.get_subcommands() {
        let (more, count) = faults(inner);
        wrong.extend(more);
        right += count;
    }
    (wrong, right)
}

#[test]
fn every_path_is_read_or_written() {
    let (wrong, right) = faults(&Cli::command());
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(right > 30, "{right}");
}

#[test]
fn a_path_that_is_neither_is_found() {
    let with = |name: &'static str, parser: ValueParser| Arg::new(name).long(name).value_parser(parser);
    let inner = Command::new("inner")
        .arg(with("path", value_parser!(PathBuf)))
        .arg(with("raw", value_parser!(OsString)))
        .arg(with("text", value_parser!(String)))
        .arg(with("slice", value_parser!(Slice).into()))
        .arg(with("bare", crate::flags::paths::named_ids().into()))
        .arg(with("number", value_parser!(usize).into()));
    let (wrong, right) = faults(&Cli::command().subcommand(inner));
    assert_eq!(wrong, ["inner path", "inner raw", "inner text", "inner slice", "inner bare has no hint"]);
    assert!(right > 30, "{right}");
}
