//! Reads a plain number.

/// Powers of ten that `f64` holds exactly, as many as the short form needs.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The number that a field spells, without the spaces around it; also `nan` and `inf`.
pub(in crate::input) fn number(field: &[u8]) -> Option<f64> {
    let field = field.trim_ascii();
    short(field).or_else(|| std::str::from_utf8(field).ok()?.parse().ok())
}

/// Plain numbers such as `4`, `-3.5`, of at most 15 digits: both the digits and the power of ten are exact,
/// so the quotient is the nearest `f64`, as the standard library would read it.
fn short(field: &[u8]) -> Option<f64> {
    let (negative, digits) = match field {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, field),
    };
    if digits.len() > 16 {
        return None;
    }
    let (mut whole, mut count, mut point) = (0_u64, 0, None);
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                whole = whole * 10 + u64::from(byte - b'0');
                count += 1;
            }
            b'.' if point.is_none() => point = Some(count),
            _ => return None,
        }
    }
    if count == 0 || count > 15 {
        return None;
    }
    let value = whole as f64 / POWERS[point.map_or(0, |point| count - point)];
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings() {
        for (text, value) in [
            ("4", 4.0),
            ("3.5", 3.5),
            (" -.5\t", -0.5),
            ("5.", 5.0),
            ("+2", 2.0),
            ("1e2", 100.0),
            ("0004.50", 4.5),
        ] {
            assert_eq!(number(text.as_bytes()), Some(value), "{text}");
        }
        for text in ["", " ", ".", "-", "4,5", "four", "0x4", "4 5", "1_0"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
        for text in ["nan", "NaN", "inf", "-infinity", "1e999"] {
            assert!(number(text.as_bytes()).is_some_and(|number| !number.is_finite()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn short_is_what_the_standard_library_reads(text in "-?[0-9]{0,9}\\.?[0-9]{0,9}") {
            if let Some(value) = short(text.as_bytes()) {
                prop_assert_eq!(value.to_bits(), text.parse::<f64>().unwrap().to_bits());
            }
        }
    }
}
