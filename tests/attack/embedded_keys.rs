//! Keys and addresses of keys in the header: never used, never fetched (RFC 8725 section 3.10).

use serde_json::json;
use support::mint;

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let rogue = world.rogue();
    // A port that is bound to nothing: a fetch would fail, and an answer would not be the usual.
    let address = format!("http://127.0.0.1:1/{}", super::world::MARKER);
    let mut cases = vec![
        Case::admitted("control", world.good()),
        Case::admitted(
            "control: embedded keys are ignored in a good token",
            world.header_with(
                json!({ "jwk": rogue.jwk(), "jku": address, "x5c": ["x"], "x5u": address }),
            ),
        ),
        Case::refused(
            "a rogue key of the realm's name",
            rogue.token(&world.claims()),
            "invalid_signature",
        ),
    ];
    for (name, extra) in [
        ("jwk", json!({ "jwk": rogue.jwk() })),
        (
            "jwk with a private part",
            json!({ "jwk": mint::with(&rogue.jwk(), json!({ "d": "AAAA" })) }),
        ),
        ("jku", json!({ "jku": address })),
        (
            "jku of the realm",
            json!({ "jku": format!("{}/protocol/openid-connect/certs", world.issuer()) }),
        ),
        ("x5u", json!({ "x5u": address })),
        ("x5c", json!({ "x5c": ["MIIB"] })),
        ("x5t", json!({ "x5t": "AAAA", "x5t#S256": "AAAA" })),
        (
            "all of them",
            json!({ "jwk": rogue.jwk(), "jku": address, "x5u": address, "x5c": [] }),
        ),
    ] {
        let header = mint::with(&rogue.header(), extra);
        cases.push(Case::refused(
            format!("rogue key with {name}"),
            rogue.compact(&header.to_string(), world.claims().to_string().as_bytes()),
            "invalid_signature",
        ));
        let header = mint::with(&header, json!({ "kid": null }));
        cases.push(Case::refused(
            format!("rogue key with {name} and no kid"),
            rogue.compact(&header.to_string(), world.claims().to_string().as_bytes()),
            "malformed_token",
        ));
    }
    cases
}
