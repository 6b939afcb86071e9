//! The claim `typ`: other tokens of the same realm are not access tokens.

use serde_json::json;

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let mut cases = vec![
        Case::admitted("control", world.good()),
        Case::admitted(
            "control: lower case",
            world.token_with(json!({ "typ": "bearer" })),
        ),
        Case::admitted(
            "control: upper case",
            world.token_with(json!({ "typ": "BEARER" })),
        ),
        Case::refused(
            "missing",
            world.token_with(json!({ "typ": null })),
            "missing_claim",
        ),
        // An ID token as Keycloak writes it: its audience is the client.
        Case::refused(
            "a whole ID token",
            world.token_with(json!({
                "typ": "ID", "aud": "api", "nonce": "n", "at_hash": "h", "realm_access": null,
            })),
            "invalid_claims",
        ),
        Case::refused(
            "a whole logout token",
            world.token_with(json!({
                "typ": "Logout",
                "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
            })),
            "invalid_claims",
        ),
    ];
    for typ in [
        "ID",
        "Refresh",
        "Offline",
        "Logout",
        "DPoP",
        "JWT",
        "at+jwt",
        "",
        " Bearer",
        "Bearer ",
        "Bearer\u{0}",
        "Serialized-ID",
        "RegistrationAccessToken",
        "InitialAccessToken",
        "KEYCLOAK",
    ] {
        cases.push(Case::refused(
            format!("typ {typ:?}"),
            world.token_with(json!({ "typ": typ })),
            "invalid_claims",
        ));
    }
    for (name, text) in [
        ("null", "null"),
        ("a list", "[\"Bearer\"]"),
        ("a number", "1"),
        ("an object", "{}"),
        ("true", "true"),
    ] {
        cases.push(Case::refused(
            format!("typ is {name}"),
            world.token_with_text("typ", text),
            "invalid_claims",
        ));
    }
    cases
}
