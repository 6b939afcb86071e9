//! `crit`: no extension is understood, so each critical one is refused (RFC 7515 section 4.1.11).

use serde_json::json;
use support::mint::b64;

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let mut cases = vec![
        Case::admitted("control", world.good()),
        Case::admitted(
            "control: an extension that is not critical",
            world.header_with(json!({ "b64": true, "x": [1] })),
        ),
    ];
    let kid = &world.key().kid;
    let alg = world.algorithm().name();
    for (name, crit) in [
        ("b64", r#"["b64"]"#),
        ("exp", r#"["exp"]"#),
        ("unknown", r#"["http://example.com/UNDEFINED"]"#),
        ("a registered parameter", r#"["alg","kid"]"#),
        ("empty", "[]"),
        ("null", "null"),
        ("a string", "\"exp\""),
        ("an object", "{}"),
        ("a number in the list", "[1]"),
        ("false", "false"),
    ] {
        let header = format!(r#"{{"alg":"{alg}","kid":"{kid}","exp":1,"b64":true,"crit":{crit}}}"#);
        cases.push(Case::refused(
            name,
            world.header_text(&header),
            "malformed_token",
        ));
    }
    // RFC 7797: an unencoded payload, signed as it stands.
    let header = b64(format!(
        r#"{{"alg":"{alg}","kid":"{kid}","b64":false,"crit":["b64"]}}"#
    ));
    cases.push(Case::refused(
        "unencoded payload",
        world.key().compact_parts(&header, "payload"),
        "malformed_token",
    ));
    let header = b64(format!(r#"{{"alg":"{alg}","kid":"{kid}","b64":false}}"#));
    cases.push(Case::refused(
        "unencoded payload, not critical",
        world.key().compact_parts(&header, "e30~"),
        "malformed_token",
    ));
    cases
}
