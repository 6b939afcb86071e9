//! `iss`: one string, byte for byte (RFC 8725 section 3.8), and mix-ups between realms.

use serde_json::json;

use super::{
    case::Case,
    world::{MARKER, World},
};

pub fn cases(world: &World) -> Vec<Case> {
    let issuer = world.issuer();
    let mut cases = vec![
        Case::admitted("control", world.good()),
        Case::admitted(
            "control: the same string, escaped",
            world.token_with_text("iss", &format!("\"{}\"", issuer.replace('/', "\\/"))),
        ),
        Case::refused(
            "missing",
            world.token_with(json!({ "iss": null })),
            "missing_claim",
        ),
    ];
    let port = issuer
        .rsplit(':')
        .next()
        .and_then(|rest| rest.split('/').next());
    let port = port.unwrap_or_default().to_owned();
    for (name, value) in [
        ("a slash after it", format!("{issuer}/")),
        (
            "a slash before the realm",
            issuer.replace("/realms/", "/realms//"),
        ),
        ("upper-case scheme", issuer.replace("http://", "HTTP://")),
        ("https", issuer.replace("http://", "https://")),
        ("localhost", issuer.replace("127.0.0.1", "localhost")),
        ("user information", issuer.replace("http://", "http://x@")),
        ("no port", issuer.replace(&format!(":{port}"), "")),
        ("another port", issuer.replace(&port, "1")),
        (
            "another realm",
            issuer.replace("/realms/judged", "/realms/master"),
        ),
        ("a longer realm", format!("{issuer}2")),
        ("a shorter realm", issuer[..issuer.len() - 1].to_owned()),
        ("upper-case realm", issuer.replace("judged", "Judged")),
        ("a dot segment", issuer.replace("/realms/", "/realms/./")),
        (
            "parent segments",
            issuer.replace("/realms/", "/x/../realms/"),
        ),
        ("percent encoding", issuer.replace("judged", "%6Audged")),
        ("a query", format!("{issuer}?a")),
        ("a fragment", format!("{issuer}#a")),
        ("a space before it", format!(" {issuer}")),
        ("a space after it", format!("{issuer} ")),
        ("a line break after it", format!("{issuer}\n")),
        ("a NUL after it", format!("{issuer}\u{0}")),
        ("empty", String::new()),
        ("only the server", issuer.replace("/realms/judged", "")),
        ("with /auth", issuer.replace("/realms/", "/auth/realms/")),
        (
            "two issuers in one",
            format!("{issuer} https://evil.example"),
        ),
        ("an attacker", format!("https://evil.example/{MARKER}")),
        (
            "ours as a suffix",
            format!("https://evil.example/?{issuer}"),
        ),
    ] {
        cases.push(Case::refused(
            name,
            world.token_with(json!({ "iss": value })),
            "invalid_claims",
        ));
    }
    for (name, text) in [
        ("null", "null".to_owned()),
        ("a list with ours", json!([issuer]).to_string()),
        (
            "a list with ours and another",
            json!([issuer, "x"]).to_string(),
        ),
        ("an object", json!({ "iss": issuer }).to_string()),
        ("a number", "1".to_owned()),
        ("true", "true".to_owned()),
    ] {
        cases.push(Case::refused(
            format!("wrong type: {name}"),
            world.token_with_text("iss", &text),
            "invalid_claims",
        ));
    }
    cases
}
