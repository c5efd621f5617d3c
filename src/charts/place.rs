//! Coordinates as text.

/// A coordinate, to a tenth.
pub(super) fn at(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_a_tenth() {
        assert_eq!([0.0, 12.04, 12.06, -3.0, 99.96].map(at), ["0", "12", "12.1", "-3", "100"]);
    }
}
