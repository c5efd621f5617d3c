//! Reads the time of a rating.

use super::number::number;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// The moment that a field spells, in milliseconds since 1970 (UTC). A number is a Unix time: in seconds
/// below 10^11, in milliseconds below 10^14, in microseconds below 10^17, and in nanoseconds above. Other
/// text is a date (`2001-05-01`), with a time of day (`2001-05-01 12:30:00`) if there is one, in UTC unless
/// it names an offset (`2001-05-01T12:30:00+02:00`).
pub fn moment(field: &[u8]) -> Option<i64> {
    let field = field.trim_ascii();
    if let Some(number) = number(field) {
        return unix(number);
    }
    let text = std::str::from_utf8(field).ok()?;
    let utc = |time: DateTime| TimeZone::UTC.to_timestamp(time).ok();
    let timestamp = if text.len() <= "2001-05-01".len() {
        utc(text.parse::<Date>().ok()?.into())?
    } else {
        // Parsing it as a civil time would ignore an offset.
        text.parse::<Timestamp>().ok().or_else(|| utc(text.parse().ok()?))?
    };
    Some(timestamp.as_millisecond())
}

/// The moment of a Unix time, its unit guessed by its size.
pub(super) fn unix(number: f64) -> Option<i64> {
    let unit = match number.abs() {
        0.0..1e11 => 1e3,
        1e11..1e14 => 1.0,
        1e14..1e17 => 1e-3,
        1e17..1e20 => 1e-6,
        _ => return None,
    };
    Some((number * unit).floor() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (text, expected) in [
            ("0", 0),
            ("-1", -1000),
            ("881250949", 881_250_949_000),
            ("881250949.25", 881_250_949_250),
            ("1588687728923", 1_588_687_728_923),
            ("1588687728923000", 1_588_687_728_923),
            ("1588687728923000000", 1_588_687_728_923),
            ("1970-01-02", 86_400_000),
            (" 1970-01-02\t", 86_400_000),
            ("1970-01-01 00:01:00", 60_000),
            ("1970-01-01T00:01", 60_000),
            ("1970-01-01T00:01:00.5Z", 60_500),
            ("1970-01-01T02:01:00+02:00", 60_000),
            ("1969-12-31", -86_400_000),
        ] {
            assert_eq!(moment(text.as_bytes()), Some(expected), "{text}");
        }
        for text in ["", "soon", "nan", "inf", "2001-13-01", "2001-05-01T25:00:00", "1e30", "\u{e9}"] {
            assert_eq!(moment(text.as_bytes()), None, "{text}");
        }
        assert_eq!(moment(b"\xff"), None);
    }
}
