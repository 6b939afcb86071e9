//! The payload is one strict JSON object, and claims of the wrong type are refusals.

use serde_json::json;
use support::mint::b64;

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let claims = world.claims().to_string();
    let inner = claims
        .trim_start_matches('{')
        .trim_end_matches('}')
        .to_owned();
    // `claims` nests, so only the outermost braces may go.
    let inner = if claims.ends_with("}}") {
        format!("{inner}}}")
    } else {
        inner
    };
    let sign = |payload: &[u8]| {
        world
            .key()
            .compact(&world.key().header().to_string(), payload)
    };
    let mut cases = vec![
        Case::admitted("control", sign(claims.as_bytes())),
        Case::admitted(
            "control: white space",
            sign(format!(" {claims}\r\n").as_bytes()),
        ),
        Case::admitted(
            "control: unknown members",
            sign(format!(r#"{{{inner},"x":{{"y":[1,null,1e5]}}}}"#).as_bytes()),
        ),
        Case::admitted(
            "control: long",
            world.token_with(json!({ "x": "x".repeat(9_000) })),
        ),
        Case::admitted(
            "control: other scripts",
            world.token_with(json!({ "name": "Zoë \u{1f600} \u{202e}" })),
        ),
    ];
    for (name, payload) in [
        ("empty", String::new()),
        ("a list", format!("[{claims}]")),
        ("a string", "\"claims\"".to_owned()),
        ("null", "null".to_owned()),
        ("a number", "1".to_owned()),
        ("true", "true".to_owned()),
        ("something after it", format!("{claims}x")),
        ("two objects", format!("{claims}{claims}")),
        ("a NUL after it", format!("{claims}\u{0}")),
        ("cut off", claims[..claims.len() - 1].to_owned()),
        ("a trailing comma", format!("{{{inner},}}")),
        ("a comment", format!("{{{inner}/**/}}")),
        ("a byte order mark", format!("\u{feff}{claims}")),
        ("exp twice", format!(r#"{{{inner},"exp":9999999999}}"#)),
        (
            "exp twice, one escaped",
            format!(r#"{{{inner},"\u0065xp":9999999999}}"#),
        ),
        ("aud twice", format!(r#"{{"aud":"api",{inner}}}"#)),
        (
            "iss twice",
            format!(r#"{{"iss":"https://evil.example",{inner}}}"#),
        ),
        ("sub twice", format!(r#"{{{inner},"sub":"root"}}"#)),
        (
            "realm_access twice",
            format!(r#"{{{inner},"realm_access":{{"roles":["admin"]}}}}"#),
        ),
        ("roles twice inside realm_access", {
            let changed = world.claims();
            let text = changed.to_string();
            text.replace(
                r#""realm_access":{"roles":["user"]}"#,
                r#""realm_access":{"roles":["user"],"roles":["admin"]}"#,
            )
        }),
        (
            "an unknown member twice",
            format!(r#"{{{inner},"x":1,"x":2}}"#),
        ),
        (
            "a member twice, deep",
            format!(r#"{{{inner},"x":[{{"y":{{"z":1,"z":2}}}}]}}"#),
        ),
        (
            "nested too deep",
            format!("{{{inner},\"x\":{}{}}}", "[".repeat(500), "]".repeat(500)),
        ),
        (
            "objects nested too deep",
            format!(
                "{{{inner},\"x\":{}1{}}}",
                "{\"a\":".repeat(200),
                "}".repeat(200)
            ),
        ),
        (
            "nested deep and open",
            format!("{{{inner},\"x\":{}", "[".repeat(5000)),
        ),
        ("a lone surrogate", format!(r#"{{{inner},"x":"\udead"}}"#)),
        ("a raw tab in a string", format!("{{{inner},\"x\":\"\t\"}}")),
        ("single quotes", claims.replace('"', "'")),
    ] {
        cases.push(Case::refused(
            name,
            sign(payload.as_bytes()),
            "malformed_token",
        ));
    }
    let latin = [b"{".as_slice(), inner.as_bytes(), b",\"x\":\"\xe9\"}"].concat();
    cases.push(Case::refused("not UTF-8", sign(&latin), "malformed_token"));
    let overlong = [b"{".as_slice(), inner.as_bytes(), b",\"x\":\"\xc0\xaf\"}"].concat();
    cases.push(Case::refused(
        "overlong UTF-8",
        sign(&overlong),
        "malformed_token",
    ));
    let utf16: Vec<u8> = claims.encode_utf16().flat_map(u16::to_le_bytes).collect();
    cases.push(Case::refused("UTF-16", sign(&utf16), "malformed_token"));
    // A JWT inside a JWT: the outer one counts, and is not an object.
    cases.push(Case::refused(
        "nested JWT",
        sign(world.good().as_bytes()),
        "malformed_token",
    ));
    cases.push(Case::refused(
        "base64 twice",
        sign(b64(&claims).as_bytes()),
        "malformed_token",
    ));
    for (name, text) in [
        ("azp is a list", "[\"web\"]"),
        ("azp is a number", "1"),
        ("azp is null", "null"),
    ] {
        cases.push(Case::refused(
            name,
            world.token_with_text("azp", text),
            "invalid_claims",
        ));
    }
    // These grant nothing, so they do not matter here: a token without roles is a good one.
    for (name, text) in [
        ("realm_access is a list", "[]"),
        ("realm_access is a string", "\"admin\""),
        ("realm_access is null", "null"),
    ] {
        cases.push(Case::admitted(
            format!("control: {name}"),
            world.token_with_text("realm_access", text),
        ));
    }
    cases
}
