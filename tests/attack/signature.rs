//! Signatures that are not the realm's over this header and payload.

use serde_json::json;
use support::mint::{self, b64};

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let good = world.good();
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = [parts[0], parts[1], parts[2]];
    let other = world.token_with(json!({ "sub": "bob" }));
    let other_signature = other.rsplit('.').next().expect("a signature");
    let admin = mint::with(
        &world.claims(),
        json!({ "realm_access": { "roles": ["admin"] } }),
    );
    let length = world.key().sign(b"x").len();
    let mut cases = vec![Case::admitted("control", &good)];
    for (name, token) in [
        (
            "another token's",
            format!("{header}.{payload}.{other_signature}"),
        ),
        (
            "payload exchanged",
            format!("{header}.{}.{signature}", b64(admin.to_string())),
        ),
        ("header re-ordered", {
            let text = json!({ "kid": world.key().kid, "alg": world.algorithm().name(), "x": 1 });
            format!("{}.{payload}.{signature}", b64(text.to_string()))
        }),
        (
            "all zero",
            format!("{header}.{payload}.{}", b64(vec![0; length])),
        ),
        (
            "all one",
            format!("{header}.{payload}.{}", b64(vec![0xff; length])),
        ),
        ("one byte", format!("{header}.{payload}.{}", b64([1]))),
        (
            "half",
            format!("{header}.{payload}.{}", b64(vec![7; length / 2])),
        ),
        (
            "a zero byte before it",
            format!(
                "{header}.{payload}.{}",
                b64([vec![0], world.key().sign(b"x")].concat())
            ),
        ),
        (
            "of the largest size",
            format!("{header}.{payload}.{}", b64(vec![7; 1024])),
        ),
        ("a rogue key's", world.rogue().token(&world.claims())),
        ("over the payload only", {
            format!(
                "{header}.{payload}.{}",
                b64(world.key().sign(payload.as_bytes()))
            )
        }),
        ("over the decoded text", {
            let text = format!("{}.{}", world.key().header(), world.claims());
            format!(
                "{header}.{payload}.{}",
                b64(world.key().sign(text.as_bytes()))
            )
        }),
        ("over the header of another realm's token", {
            let foreign = format!("{}.{payload}", b64(json!({ "alg": "none" }).to_string()));
            format!(
                "{header}.{payload}.{}",
                b64(world.key().sign(foreign.as_bytes()))
            )
        }),
    ] {
        cases.push(Case::refused(name, token, "invalid_signature"));
    }
    cases.push(Case::refused(
        "larger than any key's",
        format!("{header}.{payload}.{}", b64(vec![7; 1025])),
        "malformed_token",
    ));
    // Flip one bit in the first, a middle and the last byte.
    let bytes = {
        use ::base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        URL_SAFE_NO_PAD.decode(signature).expect("base64url")
    };
    for (name, at) in [
        ("first", 0),
        ("middle", bytes.len() / 2),
        ("last", bytes.len() - 1),
    ] {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        cases.push(Case::refused(
            format!("a bit of the {name} byte"),
            format!("{header}.{payload}.{}", b64(bytes)),
            "invalid_signature",
        ));
    }
    // ECDSA in DER instead of the fixed form of RFC 7518 section 3.4.
    let der = [
        vec![0x30, 0x44, 0x02, 0x20],
        vec![1; 32],
        vec![0x02, 0x20],
        vec![1; 32],
    ]
    .concat();
    cases.push(Case::refused(
        "in DER",
        format!("{header}.{payload}.{}", b64(der)),
        "invalid_signature",
    ));
    cases
}
