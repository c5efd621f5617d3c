//! What is said to people, on stderr; nobody listening is no error.

use std::io::Write;

/// Says a line.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// `1 rating`, `2 ratings`, with commas between thousands.
pub(crate) fn count(number: u64, what: &str) -> String {
    format!("{} {what}{}", crate::human::thousands(number), if number == 1 { "" } else { "s" })
}
