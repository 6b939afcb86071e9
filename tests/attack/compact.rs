//! The shape of a compact JWS: three parts, bounded, nothing else (RFC 7515 section 7.1).

use serde_json::json;
use support::mint::b64;

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let good = world.good();
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = [parts[0], parts[1], parts[2]];
    let mut cases = vec![
        Case::admitted("control", &good),
        Case::admitted("control: of the largest size", of_length(world, 16 * 1024)),
    ];
    for (name, token) in [
        ("one part", header.to_owned()),
        ("two parts", format!("{header}.{payload}")),
        ("four parts", format!("{good}.{signature}")),
        ("four parts, the last empty", format!("{good}.")),
        ("a dot before it", format!(".{good}")),
        (
            "five parts",
            format!("{header}.{payload}.{signature}.{payload}.{signature}"),
        ),
        ("five parts, empty", "....".to_owned()),
        ("six parts", format!("{good}.a.b.c")),
        ("only dots", "..".to_owned()),
        ("one dot", ".".to_owned()),
        ("empty header", format!(".{payload}.{signature}")),
        ("empty signature", format!("{header}.{payload}.")),
        ("a word", "undefined".to_owned()),
        ("a dash", "-".to_owned()),
        ("many dots", ".".repeat(16_000)),
        ("a long word", "a".repeat(16_384)),
        ("a byte too long", of_length(world, 16 * 1024 + 1)),
        ("much too long", "a".repeat(40_000)),
        ("thirty thousand dots", ".".repeat(30_000)),
    ] {
        cases.push(Case::refused(name, token, "malformed_token"));
    }
    cases.push(Case::refused(
        "empty payload, moved signature",
        format!("{header}..{signature}"),
        "invalid_signature",
    ));
    cases.push(Case::refused(
        "empty payload, signed",
        world.key().compact_parts(header, ""),
        "malformed_token",
    ));
    // JWE: five parts, by its header an encrypted token.
    let jwe = b64(json!({ "alg": "RSA-OAEP", "enc": "A256GCM", "kid": "enc-1" }).to_string());
    cases.push(Case::refused(
        "a JWE",
        format!("{jwe}.AAAA.AAAA.AAAA.AAAA"),
        "malformed_token",
    ));
    cases.push(Case::refused(
        "a JWE header in three parts",
        world.key().compact_parts(&jwe, payload),
        "invalid_algorithm",
    ));
    // The JSON serializations, as far as they fit into a header line.
    let flat = json!({ "protected": header, "payload": payload, "signature": signature });
    cases.push(Case::refused(
        "general JSON, base64",
        b64(flat.to_string()),
        "malformed_token",
    ));
    cases
}

/// A good token of exactly this many bytes.
fn of_length(world: &World, length: usize) -> String {
    let base = world.token_with(json!({ "x": "" })).len();
    // Three bytes are four characters; search the few nearby fillings for the exact length.
    let guess = (length - base) * 3 / 4;
    (guess.saturating_sub(8)..guess + 8)
        .map(|filling| world.token_with(json!({ "x": "x".repeat(filling) })))
        .find(|token| token.len() == length)
        .unwrap_or_else(|| {
            // Base64 never has a length of 1 modulo 4: a longer `kid`-less header shifts it.
            (guess.saturating_sub(8)..guess + 8)
                .map(|filling| {
                    let claims =
                        support::mint::with(&world.claims(), json!({ "x": "x".repeat(filling) }));
                    let header = support::mint::with(&world.key().header(), json!({ "z": "z" }));
                    world
                        .key()
                        .compact(&header.to_string(), claims.to_string().as_bytes())
                })
                .find(|token| token.len() == length)
                .expect("some filling gives the length")
        })
}
