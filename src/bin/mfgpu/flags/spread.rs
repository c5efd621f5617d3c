//! Ids that begin with a hyphen. A flag that takes ids takes all values up to the next flag of the command;
//! each of them is handed to the parser as `--users=-17`, which would take `-17` alone for a flag.

use super::paths::Named;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};
use std::any::TypeId;
use std::ffi::{OsStr, OsString};

/// The same arguments, with a flag for each id.
pub(crate) fn spread(all: &Command, arguments: &[OsString]) -> Vec<OsString> {
    let Some((at, flags)) = Flags::of(all, arguments) else { return arguments.to_vec() };
    let mut spread = arguments[..=at].to_vec();
    let mut rest = arguments[at + 1..].iter();
    // The flag whose ids come, and whether it has none yet.
    let mut taking: Option<(&OsString, bool)> = None;
    for argument in rest.by_ref() {
        let ends = argument == "--";
        if let Some((flag, _)) = taking
            && !ends
            && !flags.has(argument)
        {
            let mut one = flag.clone();
            one.push("=");
            one.push(argument);
            spread.push(one);
            taking = Some((flag, false));
            continue;
        }
        // The parser says that a value is missing.
        spread.extend(taking.take().filter(|(_, without)| *without).map(|(flag, _)| flag.clone()));
        if flags.takes_ids(argument) {
            taking = Some((argument, true));
        } else {
            spread.push(argument.clone());
        }
        if ends {
            break;
        }
    }
    spread.extend(taking.filter(|(_, without)| *without).map(|(flag, _)| flag.clone()));
    spread.extend(rest.cloned());
    spread
}

/// Says of an argument that looks like a flag how it is passed as an id, if it stands behind a flag that
/// takes ids.
pub(crate) fn advise(all: &Command, arguments: &[OsString], usage: &mut clap::Error) {
    if usage.kind() != ErrorKind::UnknownArgument {
        return;
    }
    let Some((at, flags)) = Flags::of(all, arguments) else { return };
    let Some(ContextValue::String(unknown)) = usage.get(ContextKind::InvalidArg) else { return };
    let unknown = unknown.clone();
    let Some(place) = arguments.iter().position(|one| *one == *unknown).filter(|place| *place > at) else {
        return;
    };
    let before = arguments[at + 1..place].iter().rev().find(|one| flags.has(one));
    if let Some(flag) = before.filter(|flag| flags.takes_ids(flag)) {
        let tip = format!("to pass '{unknown}' as an id, use '{}={unknown}'", flag.to_string_lossy());
        usage.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
}

/// The flags of a command.
struct Flags<'a> {
    command: &'a Command,
    all: &'a Command,
}

impl<'a> Flags<'a> {
    /// Those of the command among the arguments, with its place.
    fn of(all: &'a Command, arguments: &[OsString]) -> Option<(usize, Self)> {
        let named = |argument: &OsString| all.find_subcommand(argument);
        let (at, command) =
            arguments.iter().enumerate().skip(1).find_map(|(at, argument)| Some((at, named(argument)?)))?;
        Some((at, Self { command, all }))
    }

    fn each(&self) -> impl Iterator<Item = &'a Arg> {
        self.command.get_arguments().chain(self.all.get_arguments().filter(|one| one.is_global_set()))
    }

    /// Whether an argument is a flag: one of the command, or any with two hyphens, which may be a misspelt
    /// one.
    fn has(&self, argument: &OsStr) -> bool {
        let Some(rest) = argument.to_str().and_then(|text| text.strip_prefix('-')) else { return false };
        let is_short = |letter: char| letter == 'h' || self.each().any(|one| one.get_short() == Some(letter));
        rest.starts_with('-') || rest.chars().next().is_some_and(is_short)
    }

    /// Whether an argument is a flag that takes ids, which follow.
    fn takes_ids(&self, argument: &OsStr) -> bool {
        let Some(name) = argument.to_str().and_then(|text| text.strip_prefix("--")) else { return false };
        let takes = |one: &&Arg| one.get_value_parser().type_id() == TypeId::of::<Named>();
        self.each().filter(takes).any(|one| one.get_long() == Some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::program;

    fn spread_line(line: &str) -> String {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let spread = spread(&program(), &arguments);
        spread.iter().map(|one| one.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ids_may_begin_with_a_hyphen() {
        for (line, expected) in [
            ("mfgpu recommend m --users -17 -9", "mfgpu recommend m --users=-17 --users=-9"),
            (
                "mfgpu --threads 2 recommend m --users a -b1 --top 3 --block -x y -o out",
                "mfgpu --threads 2 recommend m --users=a --users=-b1 --top 3 --block=-x --block=y -o out",
            ),
            ("mfgpu complete m --items -1 -", "mfgpu complete m --items=-1 --items=-"),
            ("mfgpu recommend m --users --top 3", "mfgpu recommend m --users --top 3"),
            ("mfgpu recommend m --users", "mfgpu recommend m --users"),
            ("mfgpu recommend m --users a --topp 3", "mfgpu recommend m --users=a --topp 3"),
            ("mfgpu recommend --users a -- m", "mfgpu recommend --users=a -- m"),
            ("mfgpu recommend --users -- m -- --users b", "mfgpu recommend --users -- m -- --users b"),
            ("mfgpu recommend --users=a m", "mfgpu recommend --users=a m"),
            // Here the flag is a switch.
            ("mfgpu similar m --users -17", "mfgpu similar m --users -17"),
            ("mfgpu train r.csv -k 3", "mfgpu train r.csv -k 3"),
            ("mfgpu --users a b", "mfgpu --users a b"),
        ] {
            assert_eq!(spread_line(line), expected);
        }
    }

    #[test]
    fn the_parser_reads_them_as_ids() {
        let arguments: Vec<OsString> =
            "mfgpu recommend m --users -17 a -9 --top 3".split(' ').map(OsString::from).collect();
        let matches = program().try_get_matches_from(spread(&program(), &arguments)).unwrap();
        let (_, found) = matches.subcommand().unwrap();
        let users: Vec<&str> =
            found.get_many::<Named>("users").unwrap().map(|Named(id)| id.as_str()).collect();
        assert_eq!((users, found.get_one::<usize>("top")), (vec!["-17", "a", "-9"], Some(&3)));
    }

    #[test]
    fn a_tip_works() {
        let arguments: Vec<OsString> =
            "mfgpu recommend m --users a --b --top 3".split(' ').map(OsString::from).collect();
        let mut usage = program().try_get_matches_from(spread(&program(), &arguments)).unwrap_err();
        advise(&program(), &arguments, &mut usage);
        let text = usage.render().to_string();
        assert!(text.contains("to pass '--b' as an id, use '--users=--b'"), "{text}");
    }
}
