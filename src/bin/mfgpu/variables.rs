//! Variables of the environment that begin with `MFGPU_`: a name that nobody reads is a typing error.

use crate::flags::paths::{Reads, Writes};
use clap::Command;
use mfgpu::{Error, Result};
use std::any::TypeId;
use std::collections::BTreeMap;
use std::ffi::OsString;

const PREFIX: &str = "MFGPU_";

/// Names that are read by something else than the command line: tests, benchmarks and their scripts.
const OTHERS: [&str; 12] = [
    "MFGPU_DATA",
    "MFGPU_FAULT",
    "MFGPU_FAULT_ASIDE",
    "MFGPU_FAULT_TRACE",
    "MFGPU_KILLS",
    "MFGPU_RATINGS",
    "MFGPU_REQUIRE_GPU",
    "MFGPU_SEQUENCES",
    "MFGPU_SHAPES",
    "MFGPU_TEST_MPICH",
    "MFGPU_TEST_PANIC",
    "MFGPU_TEST_STDIN",
];

/// The variables of this process.
pub(crate) fn set() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os()
}

/// Refuses a variable that no command reads.
///
/// # Errors
/// [`Error::Usage`] that names it, and the nearest one that is read; also if the value of one that is read is
/// not text, as only that of a path may be.
pub(crate) fn check(all: &Command, variables: impl Iterator<Item = (OsString, OsString)>) -> Result<()> {
    let known = known(all);
    let mut unread = Vec::new();
    for (name, value) in variables {
        let name = name.to_string_lossy();
        if !name.to_uppercase().starts_with(PREFIX) || OTHERS.contains(&&*name) {
            continue;
        }
        match known.get(&*name) {
            Some(is_path) if *is_path || value.to_str().is_some() => {}
            Some(_) => {
                let value = value.to_string_lossy();
                return Err(Error::Usage(format!(
                    "the variable {name} is `{value}`; expected text in UTF-8"
                )));
            }
            None => unread.push(name.into_owned()),
        }
    }
    unread.sort();
    let Some(first) = unread.first() else { return Ok(()) };
    let more = match unread.len() - 1 {
        0 => String::new(),
        more => format!(", nor {more} more of this kind"),
    };
    Err(Error::Usage(format!("no command reads the variable {first}{more}; {}", advice(first, known.keys()))))
}

/// The names that the flags of all commands read, and whether the value is a path.
fn known(all: &Command) -> BTreeMap<String, bool> {
    let commands = std::iter::once(all).chain(all.get_subcommands());
    let arguments = commands.flat_map(Command::get_arguments);
    let paths = [TypeId::of::<Reads>(), TypeId::of::<Writes>()];
    let variable = |argument: &clap::Arg| {
        let is_path = paths.iter().any(|path| argument.get_value_parser().type_id() == *path);
        Some((argument.get_env()?.to_str()?.to_owned(), is_path))
    };
    arguments.filter_map(variable).collect()
}

/// What to do about a name that nobody reads.
fn advice<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> String {
    let alike = |other: &String| strsim::damerau_levenshtein(&name.to_uppercase(), other);
    let near = known.min_by_key(|other| alike(other)).filter(|other| 3 * alike(other) <= name.len());
    near.map_or_else(
        || format!("unset it: names that begin with {PREFIX} are those of flags, as {PREFIX}FACTORS is of --factors"),
        |near| format!("did you mean {near}?"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Cli;
    use clap::CommandFactory;
    use std::path::Path;

    fn checked(name: &str, value: OsString) -> Result<()> {
        check(&Cli::command(), std::iter::once((name.into(), value)))
    }

    #[test]
    fn typing_errors_are_found() {
        let said = |name: &str| checked(name, "4".into()).unwrap_err().to_string();
        for (wrong, right) in [
            ("FACTOR", "FACTORS"),
            ("LERNING_RATE", "LEARNING_RATE"),
            ("THREAD", "THREADS"),
            ("factors", "FACTORS"),
            ("PROGRES", "PROGRESS"),
        ] {
            let said = said(&format!("{PREFIX}{wrong}"));
            assert!(said.ends_with(&format!("; did you mean {PREFIX}{right}?")), "{said}");
        }
        assert!(said("mfgpu_factors").contains("did you mean"));
        let far = said(&format!("{PREFIX}WHATEVER_THIS_IS"));
        assert!(far.contains("WHATEVER") && far.contains("unset it"), "{far}");
        for fine in ["MFGPU_FACTORS", "MFGPU_THREADS", "MFGPU_SEED", "MFGPU_DATA", "MFGP", "PATH"] {
            assert!(checked(fine, "4".into()).is_ok(), "{fine}");
        }
        let both = ["B", "A"].map(|name| (format!("{PREFIX}{name}_OF_NOBODY").into(), "1".into()));
        let both = check(&Cli::command(), both.into_iter()).unwrap_err().to_string();
        assert!(both.contains("_A_OF_NOBODY, nor 1 more of this kind; "), "{both}");
    }

    #[cfg(unix)]
    #[test]
    fn a_value_is_text_unless_it_is_a_path() {
        use std::os::unix::ffi::OsStringExt;
        let value = || OsString::from_vec(b"4\xff".to_vec());
        let error = checked("MFGPU_FACTORS", value()).unwrap_err();
        assert!(error.to_string().contains("MFGPU_FACTORS") && error.exit_code() == 2, "{error}");
        assert!(checked("MFGPU_OUT", value()).is_ok());
    }

    /// What tests, benchmarks and scripts read is known, so that it is never refused.
    #[test]
    fn others_are_known() {
        fn read(folder: &Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    read(&path, found);
                    continue;
                }
                let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                for reads in ["var(\"", "var_os(\"", "${", "environ[\""] {
                    let begin = format!("{reads}{PREFIX}");
                    let names = text.split(&begin).skip(1);
                    let is_name = |letter: char| letter.is_ascii_uppercase() || letter == '_';
                    found.extend(names.map(|rest| {
                        let end = rest.find(|letter| !is_name(letter)).unwrap();
                        format!("{PREFIX}{}", &rest[..end])
                    }));
                }
            }
        }
        let mut found = Vec::new();
        for folder in ["src", "tests", "benches", "examples", ".ci", ".config"] {
            read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
        }
        assert!(found.len() > 5, "{found:?}");
        let known = known(&Cli::command());
        let unknown: Vec<&String> =
            found.iter().filter(|name| !known.contains_key(*name) && !OTHERS.contains(&&***name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
