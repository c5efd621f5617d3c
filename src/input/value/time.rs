//! Reads the time of a rating.

use super::number::number;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{Offset, TimeZone};

/// What the times of a file have in common, where a single one does not say it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::input) struct TimeForm {
    /// Whether numbers of eight digits are dates, `20150219`, and those of fourteen dates with a time of day.
    pub(in crate::input) compact: bool,
    /// Which comes first in `05/06/2014`: the day, or the month; unknown where no date of the file says it.
    pub(in crate::input) day_first: Option<bool>,
}

/// Years that a number of eight digits may begin with.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2100;

/// Dates in words and figures, as programs write them: of Twitter and Goodreads, of mail, of Amazon.
const WRITTEN: [&str; 13] = [
    "%a %b %d %H:%M:%S %z %Y",
    "%a %b %d %H:%M:%S %Y",
    "%a, %d %b %Y",
    "%A, %B %d, %Y",
    "%a, %b %d, %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%B %d %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%m %d, %Y",
];

/// The moment that a field spells, in milliseconds since 1970 (UTC). A number is a Unix time: in seconds
/// below 10^11, in milliseconds below 10^14, in microseconds below 10^17, and in nanoseconds above. Other
/// text is a date (`2001-05-01`, `2001/05/01`, `13.05.2001`, `May 13, 2001`), with a time of day
/// (`2001-05-01 12:30:00`) if there is one, in UTC unless it names an offset (`2001-05-01T12:30:00+02:00`).
/// A date that may mean two days, such as `05/06/2001`, is none.
pub fn moment(field: &[u8]) -> Option<i64> {
    moment_in(field, TimeForm::default())
}

/// As [`moment`], in a file whose times have a form.
pub(in crate::input) fn moment_in(field: &[u8], form: TimeForm) -> Option<i64> {
    let field = field.trim_ascii();
    if let Some(number) = number(field) {
        let compact = if form.compact { compact(field) } else { None };
        return compact.map_or_else(|| unix(number), utc);
    }
    let text = std::str::from_utf8(field).ok()?;
    iso(text).or_else(|| with_slashes(text, form)).or_else(|| written(text))
}

/// The moment of a Unix time, its unit guessed by its size.
pub(in crate::input) fn unix(number: f64) -> Option<i64> {
    let unit = match number.abs() {
        0.0..1e11 => 1e3,
        1e11..1e14 => 1.0,
        1e14..1e17 => 1e-3,
        1e17..1e20 => 1e-6,
        _ => return None,
    };
    Some((number * unit).floor() as i64)
}

/// Whether a field is a date in digits alone.
pub(in crate::input) fn is_compact(field: &[u8]) -> bool {
    compact(field.trim_ascii()).is_some()
}

/// Whether a field spells a date in other than plain digits, whichever of its day and its month comes first.
pub(in crate::input) fn is_written(field: &[u8]) -> bool {
    let dated = |day_first| moment_in(field, TimeForm { compact: false, day_first: Some(day_first) });
    number(field).is_none() && (dated(true).is_some() || dated(false).is_some())
}

impl TimeForm {
    /// What the times of a column have in common.
    pub(in crate::input) fn of<'a>(fields: &(impl Iterator<Item = &'a [u8]> + Clone)) -> Self {
        let filled = || fields.clone().map(<[u8]>::trim_ascii).filter(|field| !field.is_empty());
        let compact = filled().next().is_some() && filled().all(is_compact);
        let all = |day_first| {
            let form = Self { compact, day_first: Some(day_first) };
            filled().all(|field| moment_in(field, form).is_some())
        };
        let day_first = match (all(true), all(false)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        };
        Self { compact, day_first }
    }
}

fn utc(time: DateTime) -> Option<i64> {
    Some(TimeZone::UTC.to_timestamp(time).ok()?.as_millisecond())
}

/// A date in eight digits, or in fourteen with a time of day.
fn compact(field: &[u8]) -> Option<DateTime> {
    if !matches!(field.len(), 8 | 14) || !field.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let part = |from: usize, to: usize| {
        field[from..to].iter().fold(0_i16, |sum, byte| 10 * sum + i16::from(byte - b'0'))
    };
    let year = part(0, 4);
    let date = Date::new(year, part(4, 6) as i8, part(6, 8) as i8).ok()?;
    let time = match field.len() {
        14 => Time::new(part(8, 10) as i8, part(10, 12) as i8, part(12, 14) as i8, 0).ok()?,
        _ => Time::midnight(),
    };
    YEARS.contains(&year).then(|| date.to_datetime(time))
}

/// A date that begins with its year: `2001-05-01`, `2001/05/01`, `2001.05.01`, with a time of day or without.
fn iso(text: &str) -> Option<i64> {
    let text = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")).map_or(text, str::trim_end);
    let mut dashed = String::new();
    let bytes = text.as_bytes();
    let text = match bytes.get(4) {
        Some(&separator @ (b'/' | b'.')) if bytes[..4].iter().all(u8::is_ascii_digit) => {
            dashed.push_str(text);
            let date = text.find([' ', 'T']).unwrap_or(text.len());
            dashed.replace_range(..date, &text[..date].replace(separator as char, "-"));
            &dashed[..]
        }
        _ => text,
    };
    if text.len() <= "2001-05-01".len() {
        return utc(text.parse::<Date>().ok()?.into());
    }
    // Parsing it as a civil time would ignore an offset.
    match text.parse::<Timestamp>() {
        Ok(timestamp) => Some(timestamp.as_millisecond()),
        Err(_) => utc(text.parse().ok()?),
    }
}

/// A date that ends with its year: `13/05/2001`, `13.05.2001`, `5-13-2001`, with a time of day or without.
/// Points are written with the day first.
fn with_slashes(text: &str, form: TimeForm) -> Option<i64> {
    let (date, rest) = text.split_at(text.find([' ', ',', 'T']).unwrap_or(text.len()));
    let separator = date.find(['/', '.', '-']).map(|at| date.as_bytes()[at] as char)?;
    let mut parts = date.split(separator);
    let mut part = |most: usize| {
        let text = parts.next().filter(|part| (1..=most).contains(&part.len()))?;
        text.parse::<i16>().ok()
    };
    let (first, second, year) = (part(2)?, part(2)?, part(4)?);
    if date.len() < "1/1/2001".len() || year < *YEARS.start() || date.split(separator).count() != 3 {
        return None;
    }
    let day_first = match (form.day_first, first > 12, second > 12) {
        _ if separator == '.' => true,
        (Some(day_first), ..) => day_first,
        (None, true, false) => true,
        (None, false, true) => false,
        _ if first == second => true,
        _ => return None,
    };
    let (day, month) = if day_first { (first, second) } else { (second, first) };
    let date = Date::new(year, month as i8, day as i8).ok()?;
    let (time, offset) = time_of_day(rest)?;
    Some(utc(date.to_datetime(time))? - offset)
}

/// A date in words.
fn written(text: &str) -> Option<i64> {
    WRITTEN.iter().find_map(|format| {
        let (found, read) = BrokenDownTime::parse_prefix(format, text).ok()?;
        let date = found.to_date().ok()?;
        let rest = &text[read..];
        let (time, offset) = if format.contains("%H") {
            let offset = found.offset().map_or(0, milliseconds);
            rest.trim().is_empty().then_some((found.to_time().ok()?, offset))?
        } else {
            time_of_day(rest)?
        };
        Some(utc(date.to_datetime(time))? - offset)
    })
}

fn milliseconds(offset: Offset) -> i64 {
    i64::from(offset.seconds()) * 1000
}

/// The time of day after a date, midnight if there is none, and its offset from UTC in milliseconds.
fn time_of_day(text: &str) -> Option<(Time, i64)> {
    let whole = text.trim_start_matches([' ', ',', 'T']).trim_end();
    if whole.is_empty() {
        return Some((Time::midnight(), 0));
    }
    let text = ["UTC", "GMT", "Z"].into_iter().find_map(|zone| whole.strip_suffix(zone));
    let text = text.unwrap_or(whole).trim_end();
    for format in [
        "%I:%M:%S %p",
        "%I:%M %p",
        "%I:%M:%S%p",
        "%I:%M%p",
        "%H:%M:%S%.f %z",
        "%H:%M:%S%.f%z",
        "%H:%M:%S%.f",
        "%H:%M",
    ] {
        if let Ok(found) = BrokenDownTime::parse(format, text) {
            let offset = found.offset().map_or(0, milliseconds);
            return Some((found.to_time().ok()?, offset));
        }
    }
    None
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
            ("1970/01/02", 86_400_000),
            ("1970.01.02", 86_400_000),
            ("1970/01/02 00:01:00", 86_460_000),
            ("1970-01-02 00:01:00 UTC", 86_460_000),
            ("1970-01-02 UTC", 86_400_000),
            ("31/01/1970", 2_592_000_000),
            ("01/31/1970", 2_592_000_000),
            ("31.1.1970", 2_592_000_000),
            ("02.01.1970", 86_400_000),
            ("1/31/1970 12:01:00 AM", 2_592_060_000),
            ("31/01/1970 00:01", 2_592_060_000),
            ("31-01-1970 02:01:00 +0200", 2_592_060_000),
            ("Sat Jan 31 02:01:00 +0200 1970", 2_592_060_000),
            ("Sat, 31 Jan 1970 00:01:00 GMT", 2_592_060_000),
            ("Sat, 31 Jan 1970 02:01:00 +0200", 2_592_060_000),
            ("01 31, 1970", 2_592_000_000),
            ("Jan 31, 1970", 2_592_000_000),
            ("January 31, 1970", 2_592_000_000),
            ("31 January 1970", 2_592_000_000),
            ("31-Jan-1970", 2_592_000_000),
            ("Jan 31, 1970 12:01 AM", 2_592_060_000),
        ] {
            assert_eq!(moment(text.as_bytes()), Some(expected), "{text}");
        }
        for text in [
            "",
            "soon",
            "nan",
            "inf",
            "2001-13-01",
            "2001-05-01T25:00:00",
            "1e30",
            "\u{e9}",
            "05/06/2001",
            "31/31/2001",
            "1/2/3",
            "Jan 31, 1970 at noon",
            "Sat Jan 31 02:01:00 +0200 1970 or so",
        ] {
            assert_eq!(moment(text.as_bytes()), None, "{text}");
        }
        assert_eq!(moment(b"\xff"), None);
    }

    #[test]
    fn forms_of_files() {
        let form = |fields: &[&str]| TimeForm::of(&fields.iter().map(|field| field.as_bytes()));
        let read = |field: &str, form| moment_in(field.as_bytes(), form);
        let day = form(&["05/06/1970", "31/01/1970"]);
        assert_eq!(day, TimeForm { compact: false, day_first: Some(true) });
        assert_eq!(read("02/01/1970", day), Some(86_400_000));
        let month = form(&["05/06/1970", "01/31/1970"]);
        assert_eq!(read("01/02/1970", month), Some(86_400_000));
        assert_eq!(form(&["05/06/1970", "01/01/1970"]).day_first, None);
        let compact = form(&["19700131", "20150219"]);
        assert_eq!(read("19700102", compact), Some(86_400_000));
        assert_eq!(read("19700102000100", form(&["20140513165320"])), Some(86_460_000));
        assert_eq!(form(&["19700131", "881250949"]), TimeForm::default());
        assert!(is_compact(b"20150219") && !is_compact(b"20151319") && !is_compact(b"18150219"));
        assert!(is_written(b"2014-05-13") && is_written(b"05/06/2014") && !is_written(b"20140513"));
        assert!(!is_written(b"1.5") && !is_written(b"heat") && !is_written(b""));
    }
}
