//! Identifiers in Keycloak's shapes, from the operating system's randomness.

use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// `N` random bytes.
#[expect(
    clippy::expect_used,
    reason = "a system without randomness cannot run a server; nothing could be done about it"
)]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A random text of 24 characters, as Keycloak's session ids.
pub(crate) fn session_id() -> String {
    URL_SAFE_NO_PAD.encode(random::<18>())
}

/// A random UUID.
pub(crate) fn random_uuid() -> String {
    uuid(&random::<16>())
}

/// The first 16 bytes as UUID of version 4 (RFC 9562 section 5.4).
pub(crate) fn uuid(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(36);
    for (index, byte) in bytes.iter().take(16).enumerate() {
        let byte = match index {
            6 => byte & 0x0f | 0x40,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        for nibble in [byte >> 4, byte & 0x0f] {
            out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_have_version_and_variant() {
        assert_eq!(uuid(&[0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid(&[0; 32]), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn session_ids_are_distinct_and_as_long_as_keycloaks() {
        assert_eq!(session_id().len(), 24);
        assert_ne!(session_id(), session_id());
    }
}
