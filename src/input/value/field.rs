//! A field as text: in messages, and as a title.

use encoding_rs::WINDOWS_1252;

/// A field as it appears in messages.
pub(in crate::input) fn show(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field);
    let mut shown: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() {
        shown.push('…');
    }
    shown
}

/// A field as text: UTF-8, or windows-1252, which contains Latin-1.
pub(in crate::input) fn decode(field: &[u8]) -> String {
    match std::str::from_utf8(field) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(field).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes() {
        assert_eq!(decode("Amélie".as_bytes()), "Amélie");
        assert_eq!(decode(b"Am\xe9lie \x80\x99"), "Amélie €™");
        // Windows-1252 gives these five bytes no letters; they are control characters, as in Latin-1.
        assert_eq!(decode(b"\x81\x8d\x8f\x90\x9d"), "\u{81}\u{8d}\u{8f}\u{90}\u{9d}");
        // No start of a field is a byte order mark.
        assert_eq!(decode(b"\xff\xfea\xe9"), "ÿþaé");
    }
}
