//! Hashes in the place of a text.

use aws_lc_rs::digest::{SHA256, digest};

/// The hash of a token, where it only has to be recognised.
pub(crate) fn sha256(token: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}
