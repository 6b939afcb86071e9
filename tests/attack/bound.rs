//! `cnf`: tokens bound to a key are not plain bearer tokens (RFC 9449, RFC 8705).

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let mut cases = vec![Case::admitted("control", world.good())];
    for (name, text) in [
        (
            "DPoP",
            r#"{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}"#,
        ),
        (
            "mTLS",
            r#"{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}"#,
        ),
        ("a key", r#"{"jwk":{"kty":"EC"}}"#),
        ("a key id", r#"{"kid":"key-1"}"#),
        ("empty", "{}"),
        ("null", "null"),
        ("a string", "\"jkt\""),
        ("a list", "[]"),
        ("false", "false"),
    ] {
        cases.push(Case::refused(
            name,
            world.token_with_text("cnf", text),
            "invalid_claims",
        ));
    }
    cases
}
