//! How the numbers of a column are spelled: with a decimal point or a decimal comma, with separators of
//! thousands, or as flags.

use super::field::show;
use super::number::number;

/// The separators of thousands that are recognised. The last two are the no-break space and its narrow form.
const SEPARATORS: [char; 7] = [',', '.', '\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}'];

/// Fewer numbers with a point do not show that all have three digits after it by intent.
const MANY: usize = 20;

/// The spelling of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::input) struct Spelling {
    /// What stands before the decimals.
    pub(in crate::input) decimal: char,
    /// What stands between groups of three digits.
    pub(in crate::input) thousands: Option<char>,
    /// Whether values are `true` and `false`, or so.
    pub(in crate::input) flags: bool,
}

impl Default for Spelling {
    fn default() -> Self {
        Self { decimal: '.', thousands: None, flags: false }
    }
}

/// What a column of fields says of its spelling.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::input) enum Guess {
    Is(Spelling),
    /// The field has a separator that may be a decimal comma or one of thousands.
    Either(Vec<u8>),
}

impl Spelling {
    /// The number that a field spells.
    pub(in crate::input) fn read(&self, field: &[u8]) -> Option<f64> {
        if *self == Self::default() {
            return number(field);
        }
        if self.flags {
            return flag(field).or_else(|| number(field));
        }
        let text = std::str::from_utf8(field.trim_ascii()).ok()?;
        let (whole, decimals) = match text.split_once(self.decimal) {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (text, None),
        };
        let mut plain = String::with_capacity(text.len());
        match self.thousands {
            Some(separator) if whole.contains(separator) => plain.extend(ungrouped(whole, separator)?),
            _ => plain.push_str(whole),
        }
        if let Some(decimals) = decimals {
            plain.push('.');
            plain.push_str(decimals);
        }
        // A point where a comma stands before the decimals is no part of a number unless it groups digits.
        let grouped = self.thousands == Some('.');
        let stray = self.decimal != '.'
            && (!grouped && whole.contains('.') || decimals.is_some_and(|part| part.contains('.')));
        if stray { None } else { number(plain.as_bytes()) }
    }

    /// The spelling of a column. A comma that a field has without quotes in a file of another delimiter, or
    /// within quotes, is a decimal comma or one of thousands; the fields say which. Settings that are given
    /// are not guessed.
    pub(in crate::input) fn guess<'a>(
        fields: &(impl Iterator<Item = &'a [u8]> + Clone),
        decimal: Option<char>,
        thousands: Option<char>,
    ) -> Guess {
        // A point separates thousands beside a decimal comma.
        let point = (decimal == Some(',')).then_some('.');
        let plain = Self { decimal: decimal.unwrap_or('.'), thousands: thousands.or(point), flags: false };
        let filled = || fields.clone().map(<[u8]>::trim_ascii).filter(|field| !field.is_empty());
        if decimal.is_some() || thousands.is_some() {
            return Guess::Is(plain);
        }
        if filled().next().is_some() && filled().all(|field| flag(field).is_some()) {
            return Guess::Is(Self { flags: true, ..Self::default() });
        }
        let shapes = || filled().filter_map(Shape::of);
        let commas = || shapes().filter(|shape| shape.has(','));
        if commas().next().is_some() {
            return Self::of_commas(&filled, &commas);
        }
        // Other separators mean nothing else: an apostrophe or a blank inside a number groups its digits.
        let other = SEPARATORS[2..].iter().find(|&&separator| {
            shapes().any(|shape| shape.has(separator)) && filled().any(|field| grouped_by(field, separator))
        });
        if let Some(&separator) = other {
            return Guess::Is(Self { thousands: Some(separator), ..Self::default() });
        }
        if let Some(field) = Self::pointed(&filled) {
            return Guess::Either(field);
        }
        // Two points in one number group its digits.
        if shapes().any(|shape| shape.count('.') > 1) {
            return Guess::Is(Self { decimal: ',', thousands: Some('.'), flags: false });
        }
        Guess::Is(Self::default())
    }

    /// A number of a column whose points may separate thousands: many have one, always before three digits, and the
    /// others are whole and below 1000.
    fn pointed<'a, F: Iterator<Item = &'a [u8]>>(filled: &dyn Fn() -> F) -> Option<Vec<u8>> {
        let mut example = None;
        let mut counts = [0, 0];
        for field in filled() {
            let shape = Shape::of(field)?;
            match (&shape.separators[..], &shape.groups[..]) {
                ([], [1..=3]) => counts[0] += 1,
                (['.'], [1..=3, 3]) if !shape.zero => {
                    counts[1] += 1;
                    example.get_or_insert(field);
                }
                _ => return None,
            }
        }
        example.filter(|_| counts[0] > 0 && counts[1] >= MANY).map(<[u8]>::to_vec)
    }

    /// A number of a column in which all have a point before three digits, and some are of the hundreds: the points may
    /// separate thousands.
    pub(in crate::input) fn doubtful<'a>(fields: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
        let mut example = None;
        let mut count = 0;
        for field in fields.map(<[u8]>::trim_ascii).filter(|field| !field.is_empty()) {
            let shape = Shape::of(field)?;
            match (&shape.separators[..], &shape.groups[..]) {
                (['.'], [digits @ 1..=3, 3]) if !shape.zero => {
                    count += 1;
                    if *digits == 3 {
                        example.get_or_insert(field);
                    }
                }
                _ => return None,
            }
        }
        example.filter(|_| count >= MANY).map(<[u8]>::to_vec)
    }

    /// The spelling of a column with commas.
    fn of_commas<'a, F: Iterator<Item = &'a [u8]>, S: Iterator<Item = Shape>>(
        filled: &dyn Fn() -> F,
        commas: &dyn Fn() -> S,
    ) -> Guess {
        let decimal = Guess::Is(Self { decimal: ',', thousands: Some('.'), flags: false });
        let grouped = Guess::Is(Self { thousands: Some(','), ..Self::default() });
        if commas().any(|shape| shape.count(',') > 1 || shape.follows('.', ',')) {
            return grouped;
        }
        if commas().any(|shape| shape.follows(',', '.')) {
            return decimal;
        }
        let three = |shape: &Shape| {
            shape.groups.last() == Some(&3) && (1..=3).contains(&shape.groups[0]) && !shape.zero
        };
        if commas().any(|shape| !three(&shape)) {
            return decimal;
        }
        // All commas have three digits after them. Numbers of four digits without one would have one if it
        // stood for thousands; numbers without a comma or with a point say that it is none of decimals.
        let has = |suits: &dyn Fn(&Shape) -> bool| filled().filter_map(Shape::of).any(|shape| suits(&shape));
        let plain = |shape: &Shape| shape.separators.is_empty();
        let long = has(&|shape| plain(shape) && shape.groups[0] > 3);
        if long {
            return decimal;
        }
        if has(&|shape| plain(shape) || shape.has('.')) {
            return grouped;
        }
        let field = filled().find(|field| field.contains(&b','));
        Guess::Either(field.unwrap_or_default().to_vec())
    }

    /// The description for people; empty for the usual one.
    pub(in crate::input) fn describe(&self) -> String {
        let mut parts = Vec::new();
        if self.decimal != '.' {
            parts.push("decimal comma".to_owned());
        }
        // A point beside a decimal comma goes without saying.
        if let Some(separator) = self.thousands.filter(|&separator| (self.decimal, separator) != (',', '.')) {
            parts.push(format!("thousands separated by `{separator}`"));
        }
        if self.flags {
            parts.push("true is 1, false 0".to_owned());
        }
        parts.join(", ")
    }
}

/// Says of a number what its separator may mean, and which settings decide.
pub(in crate::input) fn either(field: &[u8]) -> String {
    let (what, first, second) = if field.contains(&b',') {
        ("comma", "`input.decimal = ,`", "`input.thousands = ,`")
    } else {
        ("point", "`input.decimal = .`", "`input.decimal = ,`")
    };
    format!(
        "`{}`, whose {what} may stand before decimals or separate thousands; {first} says the first, {second} the second",
        show(field)
    )
}

/// Whether a field spells a number, or a number with separators.
pub(in crate::input) fn is_number(field: &[u8]) -> bool {
    number(field).is_some() || is_separated(field)
}

/// Whether a field that spells no number would with separators of some kind: such a field is never a row to
/// skip, since all large numbers of a file would go.
pub(in crate::input) fn is_separated(field: &[u8]) -> bool {
    Shape::of(field.trim_ascii()).is_some_and(|shape| !shape.separators.is_empty())
}

/// The digits of a whole number whose groups of three have a separator between them.
fn ungrouped(whole: &str, separator: char) -> Option<impl Iterator<Item = &str>> {
    let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let mut groups = digits.split(separator);
    let first = groups.next()?;
    let fits = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    fits.then(|| whole.split(separator))
}

fn grouped_by(field: &[u8], separator: char) -> bool {
    std::str::from_utf8(field).is_ok_and(|text| {
        let whole = text.split('.').next().unwrap_or(text);
        whole.contains(separator) && ungrouped(whole, separator).is_some()
    })
}

/// The value of a flag.
fn flag(field: &[u8]) -> Option<f64> {
    let field = field.trim_ascii();
    let is = |words: [&str; 3]| words.iter().any(|word| field.eq_ignore_ascii_case(word.as_bytes()));
    if is(["true", "yes", "t"]) {
        Some(1.0)
    } else if is(["false", "no", "f"]) {
        Some(0.0)
    } else {
        None
    }
}

/// Groups of digits, and what stands between them.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    groups: Vec<usize>,
    separators: Vec<char>,
    /// Whether the first group begins with 0.
    zero: bool,
}

impl Shape {
    /// The shape of a field of digits and separators between them, with a sign or without.
    fn of(field: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(field).ok()?;
        let text = text.strip_prefix(['-', '+']).unwrap_or(text);
        let mut shape = Self { groups: vec![0], separators: Vec::new(), zero: text.starts_with('0') };
        for letter in text.chars() {
            if letter.is_ascii_digit() {
                *shape.groups.last_mut()? += 1;
            } else if SEPARATORS.contains(&letter) {
                shape.separators.push(letter);
                shape.groups.push(0);
            } else {
                return None;
            }
        }
        shape.groups.iter().all(|&digits| digits > 0).then_some(shape)
    }

    fn has(&self, separator: char) -> bool {
        self.count(separator) > 0
    }

    fn count(&self, separator: char) -> usize {
        self.separators.iter().filter(|&&other| other == separator).count()
    }

    /// Whether `last` comes after `first`.
    fn follows(&self, last: char, first: char) -> bool {
        let at = |separator| self.separators.iter().position(|&other| other == separator);
        at(last).zip(at(first)).is_some_and(|(last, first)| last > first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(fields: &[&str]) -> Guess {
        Spelling::guess(&fields.iter().map(|field| field.as_bytes()), None, None)
    }

    fn spelled(fields: &[&str]) -> Vec<Option<f64>> {
        match guess(fields) {
            Guess::Is(spelling) => fields.iter().map(|field| spelling.read(field.as_bytes())).collect(),
            Guess::Either(field) => panic!("{}", String::from_utf8_lossy(&field)),
        }
    }

    #[test]
    fn columns_of_numbers() {
        assert_eq!(spelled(&["3,0", "1,5"]), [Some(3.0), Some(1.5)]);
        assert_eq!(
            spelled(&["196", "841,596", "1,234,567"]),
            [Some(196.0), Some(841_596.0), Some(1_234_567.0)]
        );
        assert_eq!(spelled(&["18", "841,596"]), [Some(18.0), Some(841_596.0)]);
        assert_eq!(spelled(&["1.234,5", "2,25"]), [Some(1234.5), Some(2.25)]);
        assert_eq!(spelled(&["1,234.5", "2.25"]), [Some(1234.5), Some(2.25)]);
        assert_eq!(spelled(&["0,125", "0,5"]), [Some(0.125), Some(0.5)]);
        assert_eq!(spelled(&["0,125"]), [Some(0.125)]);
        assert_eq!(spelled(&["1234", "3,125"]), [Some(1234.0), Some(3.125)]);
        assert_eq!(spelled(&["1'234", "-7"]), [Some(1234.0), Some(-7.0)]);
        assert_eq!(spelled(&["1 234 567", "7.5"]), [Some(1_234_567.0), Some(7.5)]);
        assert_eq!(spelled(&["1\u{202f}234", "7"]), [Some(1234.0), Some(7.0)]);
        assert_eq!(spelled(&["1.234.567", "7"]), [Some(1_234_567.0), Some(7.0)]);
        assert_eq!(spelled(&["true", "FALSE", ""]), [Some(1.0), Some(0.0), None]);
        assert_eq!(spelled(&["4", "3.5", "1e2"]), [Some(4.0), Some(3.5), Some(100.0)]);
    }

    #[test]
    fn what_may_be_either() {
        assert_eq!(guess(&["3,125", "4,250"]), Guess::Either(b"3,125".to_vec()));
        assert_eq!(guess(&["3,125"]), Guess::Either(b"3,125".to_vec()));
        let pointed: Vec<String> = (0..30).map(|n| format!("{}.{}", n + 1, 500 + 7 * n)).collect();
        let mut fields: Vec<&str> = pointed.iter().map(String::as_str).collect();
        assert_eq!(guess(&fields), Guess::Is(Spelling::default()), "three decimals each");
        let doubtful = |fields: &[&str]| Spelling::doubtful(fields.iter().map(|field| field.as_bytes()));
        assert_eq!(doubtful(&fields), None, "below a hundred");
        let large: Vec<String> = fields.iter().map(|field| format!("9{field}")).collect();
        let large: Vec<&str> = large.iter().map(String::as_str).collect();
        assert_eq!(doubtful(&large), Some(b"910.563".to_vec()));
        fields.push("17");
        assert_eq!(guess(&fields), Guess::Either(b"1.500".to_vec()));
        fields.push("2.5");
        assert_eq!(guess(&fields), Guess::Is(Spelling::default()));
    }

    #[test]
    fn no_half_numbers() {
        let grouped = Spelling { thousands: Some(','), ..Spelling::default() };
        for bad in ["1,23", "12,3456", "1,,234", ",123", "1.234,567"] {
            assert_eq!(grouped.read(bad.as_bytes()), None, "{bad}");
            assert_eq!(Spelling::default().read(bad.as_bytes()), None, "{bad}");
        }
        let comma = Spelling { decimal: ',', thousands: None, flags: false };
        assert_eq!(comma.read(b"1.5"), None);
        assert_eq!(comma.read(b"1,2,3"), None);
        assert!(
            is_separated(b"1,234") && is_separated(b"3,5") && !is_separated(b"four") && !is_separated(b"")
        );
    }
}
