//! Prints what the parser of the command line has to say: help, the version, or an error, which quotes arguments
//! and variables.

use super::clean::clean;
use super::say_line;
use clap::Error as Usage;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use mfgpu::{Error, Result};
use std::error::Error as _;
use std::io::Write;
use std::process::ExitCode;

/// Prints it, with the colours of the parser but without the control characters of its quotes.
///
/// # Errors
/// [`Error::Write`] if help cannot be written to standard output.
pub(crate) fn say_usage(usage: Usage) -> Result<ExitCode> {
    let to_stdout = !usage.use_stderr();
    let code = u8::try_from(usage.exit_code()).unwrap_or(2);
    let usage = cleaned(usage);
    let text = usage.render().to_string();
    // The reason that a value is refused may quote the value.
    let reason = usage.source().map(ToString::to_string).filter(|reason| clean(reason) != *reason);
    if reason.is_none() && text.lines().all(|line| clean(line) == line) {
        let printed = usage.print().and_then(|()| std::io::stdout().flush());
        if to_stdout {
            printed.map_err(Error::write("standard output"))?;
        }
    } else {
        lines(&text, reason.as_deref()).iter().for_each(|line| say_line(line));
    }
    Ok(ExitCode::from(code))
}

/// The lines of a text that ends an error with its reason, which is to be one line.
fn lines(text: &str, reason: Option<&str>) -> Vec<String> {
    let Some(reason) = reason else { return text.lines().map(|line| clean(line).into_owned()).collect() };
    // The text is without colours, and so without what looks like them in the reason.
    let plain = StyledStr::from(reason.to_owned()).to_string();
    match text.split_once(&plain) {
        Some((before, after)) if !plain.is_empty() => {
            lines(&format!("{before}{}{after}", clean(reason)), None)
        }
        _ => vec![format!("error: {}", clean(reason))],
    }
}

/// The same error, with cleaned quotes.
fn cleaned(mut usage: Usage) -> Usage {
    let quotes: Vec<(ContextKind, ContextValue)> =
        usage.context().filter_map(|(kind, value)| Some((kind, harmless(value)?))).collect();
    for (kind, value) in quotes {
        usage.insert(kind, value);
    }
    usage
}

/// A quote without control characters; `None` if it needs no change, or is a text of the parser's own.
fn harmless(value: &ContextValue) -> Option<ContextValue> {
    let one = |text: &String| clean(text).into_owned();
    match value {
        ContextValue::String(text) => Some(ContextValue::String(one(text))),
        ContextValue::Strings(texts) => Some(ContextValue::Strings(texts.iter().map(one).collect())),
        ContextValue::StyledStrs(texts) => {
            let plain = |text: &StyledStr| {
                let plain = text.to_string();
                if clean(&plain) == plain {
                    text.clone()
                } else {
                    StyledStr::from(clean(&plain).into_owned())
                }
            };
            Some(ContextValue::StyledStrs(texts.iter().map(plain).collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::error::ErrorKind;
    use clap::{Arg, Command};

    fn usage(arguments: &[&str]) -> Usage {
        let number = Arg::new("number").long("number").value_parser(|text: &str| {
            text.parse::<u8>().map_err(|_| format!("expected a number, found {text}"))
        });
        let what = Arg::new("what").long("what").value_parser(["one", "other"]);
        let command = Command::new("test").arg(number).arg(what).subcommand(Command::new("run"));
        command.try_get_matches_from([&["test"], arguments].concat()).unwrap_err()
    }

    #[test]
    fn quotes_are_cleaned() {
        for arguments in [
            &["--number", "7\x1b[2J\nerror: all is lost"][..],
            &["--number=\u{9b}8\u{202e}\x07\nerror: all is lost"],
            &["--num\x1b[2J\nerror: all is lost"],
            &["--what", "on\x1be\nerror: all is lost"],
            &["ru\x1bn\nerror: all is lost"],
            &["run", "\x1b\nerror: all is lost"],
            &["run", "--wh\nerror: all is lost"],
        ] {
            let raw = usage(arguments);
            let reason = raw.source().map(ToString::to_string);
            let text = cleaned(raw).render().to_string();
            let shown = lines(&text, reason.filter(|reason| clean(reason) != *reason).as_deref());
            assert!(shown.iter().skip(1).all(|line| !line.starts_with("error:")), "{shown:?}");
            assert!(shown.iter().all(|line| clean(line) == *line), "{shown:?}");
            assert!(shown[0].contains("\\n"), "{shown:?}");
        }
    }

    /// What needs no change is as the parser wrote it, colours included.
    #[test]
    fn other_errors_stay_as_they_are() {
        for arguments in [&["--numbr", "7"][..], &["--what", "on"], &["--help"], &["none"]] {
            let (raw, again) = (usage(arguments), cleaned(usage(arguments)));
            assert_eq!(raw.render().ansi().to_string(), again.render().ansi().to_string());
        }
        assert_eq!(usage(&["--help"]).kind(), ErrorKind::DisplayHelp);
    }
}
