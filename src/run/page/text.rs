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

/// A time of a record for people, such as `30 November 2026, 14:05 (UTC+01:00)`; as it is if it is none.
pub(super) fn date(record: &str) -> String {
    let (Some(local), Some(offset)) = (record.get(..19), record.get(19..)) else {
        return name(record.as_bytes());
    };
    let Ok(time) = local.parse::<jiff::civil::DateTime>() else { return name(record.as_bytes()) };
    let offset = if offset == "+00:00" { "" } else { offset };
    name(format!("{} (UTC{offset})", time.strftime("%-d %B %Y, %H:%M")).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_readable() {
        assert_eq!(date("2026-11-03T14:05:59+01:00"), "3 November 2026, 14:05 (UTC+01:00)");
        assert_eq!(date("2026-01-30T00:00:00+00:00"), "30 January 2026, 00:00 (UTC)");
        for odd in ["", "yesterday", "2026-13-30T00:00:00+00:00", "é".repeat(30).as_str()] {
            assert_eq!(date(odd), odd);
        }
    }

    #[test]
    fn names_are_text() {
        assert_eq!(name(b"a\0b\n\xff"), "a\u{fffd}b\u{fffd}\u{fffd}");
        assert_eq!(name("é".repeat(101).as_bytes()), format!("{}…", "é".repeat(100)));
    }
}
