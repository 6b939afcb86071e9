//! Scopes (RFC 6749 section 3.3) and claims by path.

use serde_json::json;

use super::{
    case::{Case, Expect},
    world::World,
};

const SCOPE: Expect = Expect::ForbiddenForScope("reports:read");
const NO: Expect = Expect::Forbidden("forbidden");

pub fn cases(world: &World) -> Vec<Case> {
    let ask = |name: &str, path: &str, claim: &str, text: &str, expect| {
        let token = world.token_with_text(claim, text);
        Case::get(format!("{path}: {claim} {name}"), path, token, expect)
    };
    let ok = Expect::Admitted;
    let mut cases = vec![
        ask(
            "with it",
            "/reports",
            "scope",
            r#""openid reports:read""#,
            ok,
        ),
        ask("alone", "/reports", "scope", r#""reports:read""#, ok),
        ask("as a string", "/sales", "department", r#""sales""#, ok),
        ask("in a list", "/sales", "department", r#"["it","sales"]"#, ok),
        ask("nested", "/nested-claim", "org", r#"{"unit":"a"}"#, ok),
        ask("true", "/mfa", "mfa", "true", ok),
        Case::get(
            "/reports: absent",
            "/reports",
            world.token_with(json!({ "scope": null })),
            SCOPE,
        ),
        Case::get("/sales: absent", "/sales", world.good(), NO),
        Case::get("/mfa: absent", "/mfa", world.good(), NO),
        Case::get(
            "/nested-claim: a dotted name",
            "/nested-claim",
            world.token_with(json!({ "org.unit": "a" })),
            NO,
        ),
        Case::get(
            "/reports: a role of that name",
            "/reports",
            world.token_with(json!({ "realm_access": { "roles": ["reports:read"] } })),
            SCOPE,
        ),
        Case::get(
            "/reports: scp",
            "/reports",
            world.token_with(json!({ "scp": ["reports:read"] })),
            SCOPE,
        ),
    ];
    for (name, text) in [
        ("without it", r#""openid""#),
        ("longer", r#""reports:read:all""#),
        ("shorter", r#""reports""#),
        ("in upper case", r#""REPORTS:READ""#),
        ("with commas", r#""openid,reports:read""#),
        ("with a tab", r#""openid\treports:read""#),
        ("with a line break", r#""openid\nreports:read""#),
        ("with a no-break space", "\"openid\u{a0}reports:read\""),
        ("with a wildcard", r#""reports:*""#),
        ("null", "null"),
        ("an object", r#"{"reports:read":true}"#),
        ("a number", "1"),
        ("empty", r#""""#),
    ] {
        cases.push(ask(name, "/reports", "scope", text, SCOPE));
    }
    for (name, text) in [
        ("in upper case", r#""Sales""#),
        ("padded", r#"" sales ""#),
        ("longer", r#""salesforce""#),
        ("null", "null"),
        ("an object", r#"{"sales":true}"#),
        ("a list in the list", r#"[["sales"]]"#),
        ("mixed", r#"["sales",1]"#),
        ("a number", "0"),
    ] {
        cases.push(ask(name, "/sales", "department", text, NO));
    }
    for (name, text) in [
        ("a list", r#"[{"unit":"a"}]"#),
        ("a string", r#""unit""#),
        ("nested deeper", r#"{"org":{"unit":"a"}}"#),
        ("null inside", r#"{"unit":null}"#),
    ] {
        cases.push(ask(name, "/nested-claim", "org", text, NO));
    }
    for (name, text) in [
        ("false", "false"),
        ("a string", r#""true""#),
        ("one", "1"),
        ("null", "null"),
        ("a list", "[true]"),
    ] {
        cases.push(ask(name, "/mfa", "mfa", text, NO));
    }
    cases
}
