//! Unsigned tokens (RFC 8725 section 3.2).

use serde_json::json;
use support::mint::b64;

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let payload = b64(world.claims().to_string());
    let mut cases = vec![Case::admitted("control", world.good())];
    for alg in [
        "none",
        "None",
        "NONE",
        "nOnE",
        "none ",
        "null",
        "",
        "undefined",
    ] {
        let header = b64(json!({ "alg": alg, "typ": "JWT", "kid": world.key().kid }).to_string());
        let name = |what: &str| format!("{alg:?} {what}");
        cases.push(Case::refused(
            name("without a signature"),
            format!("{header}.{payload}."),
            "malformed_token",
        ));
        cases.push(Case::refused(
            name("with any signature"),
            format!("{header}.{payload}.AAAA"),
            "invalid_algorithm",
        ));
        cases.push(Case::refused(
            name("with a signature of the realm"),
            world.key().compact_parts(&header, &payload),
            "invalid_algorithm",
        ));
    }
    let good = world.good();
    let (head, _) = good.rsplit_once('.').expect("a signature");
    cases.push(Case::refused(
        "good header, signature cut off",
        format!("{head}."),
        "malformed_token",
    ));
    cases.push(Case::refused(
        "good header, signature part missing",
        head,
        "malformed_token",
    ));
    let header = b64(json!({ "kid": world.key().kid }).to_string());
    cases.push(Case::refused(
        "no alg at all",
        world.key().compact_parts(&header, &payload),
        "malformed_token",
    ));
    for (name, alg) in [
        ("null", json!(null)),
        ("a list", json!([world.algorithm().name()])),
        ("an object", json!({ "name": "none" })),
        ("a number", json!(0)),
        ("true", json!(true)),
    ] {
        let header = json!({ "alg": alg, "kid": world.key().kid }).to_string();
        cases.push(Case::refused(
            format!("alg is {name}"),
            world.header_text(&header),
            "malformed_token",
        ));
    }
    cases
}
