//! `kid`: one key by its name; never a guess, a path, a query or a try of all keys.

use serde_json::json;

use super::{
    case::Case,
    world::{MARKER, World},
};

pub fn cases(world: &World) -> Vec<Case> {
    let own = world.key().kid.clone();
    let mut cases = vec![
        Case::admitted("control", world.good()),
        Case::refused(
            "missing",
            world.header_with(json!({ "kid": null })),
            "malformed_token",
        ),
        Case::refused(
            "longer than any",
            world.header_with(json!({ "kid": "k".repeat(257) })),
            "malformed_token",
        ),
        Case::refused(
            "very long",
            world.header_with(json!({ "kid": "k".repeat(6_000) })),
            "malformed_token",
        ),
        Case::refused(
            "empty",
            world.header_with(json!({ "kid": "" })),
            "malformed_token",
        ),
    ];
    for (name, kid) in [
        ("unknown", "nobody".to_owned()),
        ("upper case", own.to_uppercase()),
        ("a space after it", format!("{own} ")),
        ("a NUL after it", format!("{own}\u{0}")),
        ("a prefix", own[..own.len() - 1].to_owned()),
        ("a path", format!("../../../../dev/null/{own}")),
        ("a file", "/dev/null".to_owned()),
        ("a URL", format!("http://127.0.0.1:1/{MARKER}")),
        ("SQL", "' UNION SELECT 'x' --".to_owned()),
        ("a command", "x|id".to_owned()),
        ("a template", "${jndi:ldap://127.0.0.1:1/x}".to_owned()),
        ("line breaks", "x\r\nX-Injected: 1".to_owned()),
        ("as long as may be", "k".repeat(256)),
        ("not ASCII", "k\u{e9}y-1".to_owned()),
        ("the encryption key's", "enc-1".to_owned()),
    ] {
        cases.push(Case::refused(
            name,
            world.header_with(json!({ "kid": kid })),
            "unknown_kid",
        ));
    }
    let alg = world.algorithm().name();
    for (name, text) in [
        ("null", "null".to_owned()),
        ("a list", json!([own]).to_string()),
        ("a number", "1".to_owned()),
        ("an object", "{}".to_owned()),
        ("true", "true".to_owned()),
    ] {
        let header = format!(r#"{{"alg":"{alg}","kid":{text}}}"#);
        cases.push(Case::refused(
            format!("wrong type: {name}"),
            world.header_text(&header),
            "malformed_token",
        ));
    }
    cases
}
