//! `aud`: a string or an array of strings that names us (RFC 8725 section 3.9).

use serde_json::json;

use super::{
    case::Case,
    world::{MARKER, World},
};

pub fn cases(world: &World) -> Vec<Case> {
    let mut cases = vec![
        Case::admitted("control: a string", world.good()),
        Case::admitted(
            "control: one of several",
            world.token_with(json!({ "aud": ["account", "api"] })),
        ),
        Case::admitted(
            "control: alone in a list",
            world.token_with(json!({ "aud": ["api"] })),
        ),
        Case::admitted(
            "control: twice",
            world.token_with(json!({ "aud": ["api", "api"] })),
        ),
        Case::refused(
            "missing",
            world.token_with(json!({ "aud": null })),
            "missing_claim",
        ),
    ];
    for (name, value) in [
        ("another client", json!("account")),
        ("other clients", json!(["account", "broker"])),
        ("an empty list", json!([])),
        ("empty", json!("")),
        ("upper case", json!("API")),
        ("a space after it", json!("api ")),
        ("a space before it", json!(" api")),
        ("a prefix of ours", json!("ap")),
        ("ours is a prefix of it", json!("api2")),
        ("a path below ours", json!("api/admin")),
        ("comma separated", json!("api,account")),
        ("space separated", json!("account api")),
        ("a wildcard", json!("*")),
        ("a NUL after it", json!("api\u{0}")),
        ("a full-width letter", json!("ap\u{ff49}")),
        ("a Cyrillic letter", json!("\u{430}pi")),
        ("a zero-width space", json!("api\u{200b}")),
        ("the list as text", json!("[\"api\"]")),
        ("the issuer", json!(world.issuer())),
        ("marked", json!(MARKER)),
    ] {
        cases.push(Case::refused(
            name,
            world.token_with(json!({ "aud": value })),
            "invalid_claims",
        ));
    }
    for (name, text) in [
        ("null", "null"),
        ("true", "true"),
        ("a number", "1"),
        ("an object", "{\"api\":true}"),
        ("an object in the list", "[\"api\",{}]"),
        ("a number in the list", "[\"api\",1]"),
        ("null in the list", "[\"api\",null]"),
        ("a list in the list", "[[\"api\"]]"),
    ] {
        cases.push(Case::refused(
            format!("wrong type: {name}"),
            world.token_with_text("aud", text),
            "invalid_claims",
        ));
    }
    // Its authorized party is us, but it is not meant for us.
    cases.push(Case::refused(
        "azp names us, aud does not",
        world.token_with(json!({ "aud": "account", "azp": "api" })),
        "invalid_claims",
    ));
    cases.push(Case::refused(
        "resource_access names us, aud does not",
        world.token_with(
            json!({ "aud": "account", "resource_access": { "api": { "roles": ["admin"] } } }),
        ),
        "invalid_claims",
    ));
    cases
}
