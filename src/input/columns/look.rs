//! What the cells of a column look like.

use crate::input::layout::Row;
use crate::input::value::number::number;
use crate::input::value::spelling::is_number;
use crate::input::value::time::{is_compact, is_written};
use std::collections::BTreeSet;

/// Unix times of the years from 1973 to 2128, in seconds; and how often other units go into one.
const SECONDS: std::ops::Range<f64> = 1e8..5e9;
const UNITS: [f64; 4] = [1.0, 1e3, 1e6, 1e9];

/// The cells of one column that hold something.
#[derive(Debug)]
pub(super) struct Look<'a> {
    cells: Vec<&'a [u8]>,
}

impl<'a> Look<'a> {
    pub(super) fn of(rows: impl Iterator<Item = &'a Row>, column: usize) -> Self {
        let cells = rows.filter_map(|row| row.get(column)).map(|cell| cell.trim_ascii());
        Self { cells: cells.filter(|cell| !cell.is_empty()).collect() }
    }

    fn all(&self, suits: impl Fn(&[u8]) -> bool) -> bool {
        !self.cells.is_empty() && self.cells.iter().all(|cell| suits(cell))
    }

    fn distinct(&self) -> usize {
        self.cells.iter().collect::<BTreeSet<_>>().len()
    }

    /// Whether they are dates in other than plain digits.
    pub(super) fn is_dates(&self) -> bool {
        self.all(is_written)
    }

    /// Whether they are times: dates, or numbers that are Unix times or dates.
    pub(super) fn is_times(&self) -> bool {
        self.is_dates() || self.all(is_compact) || self.is_unix()
    }

    fn is_unix(&self) -> bool {
        let unit =
            |unit: f64| self.all(|cell| number(cell).is_some_and(|time| SECONDS.contains(&(time / unit))));
        UNITS.into_iter().any(unit)
    }

    pub(super) fn is_numbers(&self) -> bool {
        self.all(is_number)
    }

    /// Whether they count the rows, from 0 or 1.
    pub(super) fn counts(&self) -> bool {
        let mut numbers = self.cells.iter().map(|cell| std::str::from_utf8(cell).ok()?.parse::<u64>().ok());
        let Some(Some(first)) = numbers.next() else { return false };
        first <= 1
            && self.cells.len() >= 3
            && (first + 1..).zip(numbers).all(|(next, found)| found == Some(next))
    }

    /// Whether they look like ids, were they ratings: large whole numbers, nearly all of them different.
    pub(super) fn is_ids(&self) -> bool {
        let large = |cell: &[u8]| number(cell).is_some_and(|id| id >= 1000.0 && id.fract() == 0.0);
        self.cells.len() >= 10 && self.all(large) && self.distinct() * 10 >= self.cells.len() * 8
    }

    /// Whether they look like degrees of latitude or longitude.
    pub(super) fn is_degrees(&self) -> bool {
        let decimals =
            |cell: &[u8]| cell.iter().rposition(|&byte| byte == b'.').map_or(0, |at| cell.len() - at - 1);
        let fine = self.cells.iter().filter(|cell| decimals(cell) >= 4).count();
        self.all(|cell| number(cell).is_some_and(|degrees| degrees.abs() <= 180.0))
            && fine * 10 >= self.cells.len() * 8
    }

    /// Whether they look like the decimals of numbers that a decimal comma cut in two.
    pub(super) fn is_decimals(&self) -> bool {
        let half = |cell: &[u8]| matches!(cell, b"0" | b"5" | b"00" | b"25" | b"50" | b"75");
        self.cells.len() >= 2 && self.all(half) && self.cells.iter().any(|cell| cell.contains(&b'5'))
    }

    /// Whether they are single digits of many kinds.
    pub(super) fn is_digits(&self) -> bool {
        self.all(|cell| matches!(cell, [b'0'..=b'9'])) && self.distinct() >= 6
    }

    /// Whether they are whole numbers.
    pub(super) fn is_whole(&self) -> bool {
        self.all(|cell| number(cell).is_some_and(|number| number.fract() == 0.0))
    }

    /// Two of them, for messages.
    pub(super) fn examples(&self) -> String {
        let shown = |cell: &&[u8]| format!("`{}`", crate::input::value::field::show(cell));
        self.cells.iter().take(2).map(shown).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a column looks like, of all that is asked.
    fn looks(cells: &[&str]) -> Vec<&'static str> {
        let rows: Vec<Row> = cells.iter().map(|cell| vec![cell.as_bytes().to_vec()]).collect();
        let look = Look::of(rows.iter(), 0);
        let all = [
            ("times", look.is_times()),
            ("counts", look.counts()),
            ("decimals", look.is_decimals()),
            ("ids", look.is_ids()),
            ("degrees", look.is_degrees()),
        ];
        all.into_iter().filter(|(_, does)| *does).map(|(what, _)| what).collect()
    }

    #[test]
    fn kinds_of_columns() {
        for times in
            [&["1400000000", "881250949"][..], &["1400000000000"], &["20140513", ""], &["2014/05/13"]]
        {
            assert!(looks(times).contains(&"times"), "{times:?}");
        }
        for none in [
            &["4", "5"][..],
            &["1400000000", "3"],
            &["", ""],
            &["heat", "up"],
            &["1400000000", "1400000000000"],
        ] {
            assert!(!looks(none).contains(&"times"), "{none:?}");
        }
        assert!(
            looks(&["0", "1", "2"]).contains(&"counts") && looks(&["1", "2", "3", "4"]).contains(&"counts")
        );
        assert!(!looks(&["2", "3", "4"]).contains(&"counts") && !looks(&["1", "2"]).contains(&"counts"));
        assert!(looks(&["0", "5", "5"]).contains(&"decimals") && looks(&["25", "0"]).contains(&"decimals"));
        assert!(!looks(&["0", "0"]).contains(&"decimals") && !looks(&["0", "5", "3"]).contains(&"decimals"));
        let ids: Vec<String> = (0..12).map(|n| (214_536_500 + 7 * n).to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert!(looks(&ids).contains(&"ids") && !looks(&["5"; 12]).contains(&"ids"));
        assert!(
            looks(&["30.2359091", "-97.795139"]).contains(&"degrees")
                && !looks(&["4.5", "3.0"]).contains(&"degrees")
        );
    }
}
