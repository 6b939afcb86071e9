//! Scope-tokens (RFC 6749 section 3.3).

/// Whether the byte may be in a scope-token: printable ASCII without space, `"` and `\`.
#[inline]
#[must_use]
pub const fn is_legal(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

/// The first character that a scope-token cannot have.
#[must_use]
pub fn first_illegal(text: &str) -> Option<char> {
    text.chars().find(|c| !u8::try_from(*c).is_ok_and(is_legal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_ascii_without_three() {
        assert_eq!(first_illegal("orders:read"), None);
        for (text, wrong) in [
            ("a b", ' '),
            ("a\"", '"'),
            ("\\", '\\'),
            ("\u{7f}", '\u{7f}'),
            ("ä", 'ä'),
        ] {
            assert_eq!(first_illegal(text), Some(wrong));
        }
    }
}
