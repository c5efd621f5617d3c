//! Makes external text fit to show.

/// Names are cut off after this many letters.
const LETTERS: usize = 100;

/// Turns the bytes of a name into text without control characters and of limited length.
pub(super) fn name(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut letters = text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter });
    let mut name: String = letters.by_ref().take(LETTERS).collect();
    if letters.next().is_some() {
        name.push('…');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text() {
        assert_eq!(name(b"a\0b\n\xff"), "a\u{fffd}b\u{fffd}\u{fffd}");
        assert_eq!(name("é".repeat(101).as_bytes()), format!("{}…", "é".repeat(100)));
    }
}
