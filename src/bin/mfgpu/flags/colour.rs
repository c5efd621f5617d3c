//! The flag that says whether messages are coloured. It is looked for before all others, since what is wrong
//! with those is coloured, too.

use clap::{Args, ValueEnum};
use std::ffi::{OsStr, OsString};

/// Whether messages are coloured.
#[derive(Debug, Args)]
pub(crate) struct ColourArgument {
    #[arg(help = "Whether messages are coloured [default: auto, on a terminal unless NO_COLOR is set]")]
    #[arg(long, global = true, value_name = "WHEN", env = VARIABLE, hide_env = true, hide_short_help = true)]
    #[arg(hide_possible_values = true)]
    pub(crate) color: Option<Colour>,
}

/// When messages are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colour {
    /// Whether messages are always coloured, or never; `None` if that depends.
    pub(crate) fn always(self) -> Option<bool> {
        match self {
            Self::Auto => None,
            Self::Always => Some(true),
            Self::Never => Some(false),
        }
    }
}

const FLAG: &str = "--color";
const VARIABLE: &str = "MFGPU_COLOR";

/// The choice among these arguments, before they are parsed, or else that of the environment. A value that is
/// none is for the parser to refuse.
pub(crate) fn wanted(arguments: &[OsString]) -> Colour {
    of(arguments).or_else(|| value(&std::env::var_os(VARIABLE)?)).unwrap_or_default()
}

fn of(arguments: &[OsString]) -> Option<Colour> {
    let end = arguments.iter().position(|one| one == "--").unwrap_or(arguments.len());
    let at = arguments[..end].iter().rposition(|one| {
        one == FLAG
            || one.to_str().is_some_and(|one| one.starts_with(FLAG) && one[FLAG.len()..].starts_with('='))
    })?;
    match arguments[at].to_str()?.split_once('=') {
        Some((_, one)) => value(OsStr::new(one)),
        None => value(arguments.get(at + 1)?),
    }
}

fn value(text: &OsStr) -> Option<Colour> {
    Colour::from_str(text.to_str()?, false).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_counts() {
        let of = |line: &str| of(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of("mfgpu train r.csv"), None);
        assert_eq!(of("mfgpu --color never train r.csv"), Some(Colour::Never));
        assert_eq!(of("mfgpu train --color=always"), Some(Colour::Always));
        assert_eq!(of("mfgpu --color never train --color auto r.csv"), Some(Colour::Auto));
        assert_eq!(of("mfgpu similar m -- --color never"), None);
        assert_eq!(of("mfgpu --color"), None);
        assert_eq!(of("mfgpu --colors=never --color often"), None);
    }
}
