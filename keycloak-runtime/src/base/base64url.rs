//! Base64url as JOSE wants it (RFC 7515 section 2): no padding, no other alphabet, no stray bits.
//!
//! Invariant: one byte string has exactly one accepted spelling, so a token cannot be re-spelled.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The text is not canonical, unpadded base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotBase64Url;

pub(crate) fn decode(text: &str) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| NotBase64Url)
}

/// Decodes into `buffer`; an error also where it does not fit.
pub(crate) fn decode_into<'b>(text: &str, buffer: &'b mut [u8]) -> Result<&'b [u8], NotBase64Url> {
    let length = URL_SAFE_NO_PAD
        .decode_slice(text, buffer)
        .map_err(|_| NotBase64Url)?;
    buffer.get(..length).ok_or(NotBase64Url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_only_the_canonical_spelling() {
        assert_eq!(decode("Zm9v"), Ok(b"foo".to_vec()));
        assert_eq!(decode("_-8"), Ok(vec![0xff, 0xef]));
        assert_eq!(decode(""), Ok(Vec::new()));
        // "Zm9" and "_-9" carry bits that belong to no byte.
        for text in [
            "Zm9",
            "_-9",
            "Zm8=",
            "Zm9v====",
            "/+8",
            "Zm 9v",
            "Zm9v\n",
            "Z",
            "Zm9vZ",
            "Zm9\u{e9}",
            "Zm9%",
        ] {
            assert_eq!(decode(text), Err(NotBase64Url), "{text}");
        }
    }

    #[test]
    fn a_buffer_too_small_is_an_error() {
        let mut buffer = [0; 2];
        assert_eq!(decode_into("Zm8", &mut buffer), Ok(b"fo".as_slice()));
        assert_eq!(decode_into("Zm9v", &mut buffer), Err(NotBase64Url));
    }
}
