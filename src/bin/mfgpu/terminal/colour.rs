//! The colours of messages: those that the parser of the command line gives to its own.

use anstream::{AutoStream, ColorChoice};
use clap::builder::styling::{AnsiColor, Style};
use std::borrow::Cow;

/// The words that begin a message, with their styles.
const HEADS: [(&str, Style); 3] = [
    ("error:", AnsiColor::Red.on_default().bold()),
    ("warning:", AnsiColor::Yellow.on_default().bold()),
    ("note:", AnsiColor::Cyan.on_default().bold()),
];

/// From now on messages of the program and of the parser are coloured always, or never; otherwise on
/// terminals, unless the environment says otherwise (`NO_COLOR`, `CLICOLOR`, `TERM`).
pub(crate) fn choose_colour(always: Option<bool>) {
    match always {
        Some(true) => ColorChoice::Always,
        Some(false) => ColorChoice::Never,
        None => ColorChoice::Auto,
    }
    .write_global();
}

/// Whether messages on standard error are coloured.
pub(super) fn is_on() -> bool {
    AutoStream::choice(&std::io::stderr()) != ColorChoice::Never
}

/// A message with its first word in the colour of its kind.
pub(super) fn painted(line: &str) -> Cow<'_, str> {
    let head = HEADS.iter().find_map(|(head, style)| Some((head, style, line.strip_prefix(head)?)));
    head.map_or(line.into(), |(head, style, rest)| format!("{style}{head}{style:#}{rest}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_painted() {
        assert_eq!(painted("error: x: note: y"), "\x1b[1m\x1b[31merror:\x1b[0m x: note: y");
        assert_eq!(painted("warning: x"), "\x1b[1m\x1b[33mwarning:\x1b[0m x");
        assert_eq!(painted("note: x"), "\x1b[1m\x1b[36mnote:\x1b[0m x");
        assert_eq!(painted("read: error: x"), "read: error: x");
    }
}
