//! Finds the known id that somebody may have meant.

use super::IdMap;

/// The least similarity of ids that may be confused, from 0 to 1: about one letter in three may differ.
const ALIKE: f64 = 0.65;

impl IdMap {
    /// The known id most similar to `id`, if any is similar enough: it differs in few letters (Damerau 1964),
    /// ignoring case. The first of several that are equally similar. Numbers have no similar ids. It compares
    /// all ids, so it is only for error messages.
    pub fn nearest(&self, id: &[u8]) -> Option<&[u8]> {
        let plain = |id: &[u8]| String::from_utf8_lossy(id).trim().to_lowercase();
        let asked = plain(id);
        if asked.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut best = None;
        let mut highest = ALIKE;
        for known in self.iter() {
            let likeness = strsim::normalized_damerau_levenshtein(&asked, &plain(known));
            if likeness > highest || (best.is_none() && likeness >= highest) {
                (best, highest) = (Some(known), likeness);
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_what_was_meant() {
        let mut ids = IdMap::new();
        ["u000123", "u000132", "Heat (1995)", "The Heat", "777", "b\u{fc}cher"]
            .iter()
            .for_each(|id| assert!(ids.number(id.as_bytes()) < 6));
        let near = |id: &str| ids.nearest(id.as_bytes()).map(|id| String::from_utf8_lossy(id).into_owned());
        assert_eq!(near("heat (1995) ").as_deref(), Some("Heat (1995)"));
        assert_eq!(near("u00123").as_deref(), Some("u000123"));
        assert_eq!(near("u000213").as_deref(), Some("u000123"), "two letters in turn");
        assert_eq!(near("bucher").as_deref(), Some("b\u{fc}cher"));
        assert_eq!((near("u7"), near("something else"), near("")), (None, None, None));
        assert_eq!(near("77"), None, "a number is no slip");
        assert_eq!(IdMap::new().nearest(b"a"), None);
    }
}
