//! The header's `typ`: other kinds of JWT are not access tokens (RFC 8725 section 3.11).

use serde_json::json;

use super::{
    case::Case,
    world::{MARKER, World},
};

pub fn cases(world: &World) -> Vec<Case> {
    let mut cases = vec![Case::admitted(
        "control: absent",
        world.header_with(json!({ "typ": null })),
    )];
    for typ in [
        "JWT",
        "jwt",
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "APPLICATION/AT+JWT",
    ] {
        cases.push(Case::admitted(
            format!("control: {typ}"),
            world.header_with(json!({ "typ": typ })),
        ));
    }
    for typ in [
        "",
        " JWT",
        "JWT ",
        "JOSE",
        "JOSE+JSON",
        "application/jwt",
        "logout+jwt",
        "dpop+jwt",
        "id+jwt",
        "secevent+jwt",
        "kb+jwt",
        "token-introspection+jwt",
        "refresh+jwt",
        "jwt\u{0}",
        "at jwt",
        "at+jwt;x=1",
        "\u{ff2a}WT",
        MARKER,
    ] {
        cases.push(Case::refused(
            format!("{typ:?}"),
            world.header_with(json!({ "typ": typ })),
            "malformed_token",
        ));
    }
    let kid = &world.key().kid;
    let alg = world.algorithm().name();
    for (name, text) in [
        ("null", "null"),
        ("a list", "[\"JWT\"]"),
        ("a number", "1"),
        ("an object", "{}"),
        ("true", "true"),
    ] {
        let header = format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":{text}}}"#);
        cases.push(Case::refused(
            format!("wrong type: {name}"),
            world.header_text(&header),
            "malformed_token",
        ));
    }
    cases
}
