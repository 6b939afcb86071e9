//! `optional`: a caller without a token is welcome, a bad token is not.

use super::{
    case::{Case, Expect},
    world::World,
};

pub fn cases(world: &World) -> Vec<Case> {
    let get = |lines: &str| {
        format!("GET /maybe HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n{lines}\r\n")
            .into_bytes()
    };
    let good = world.good();
    let bearer = |token: &str| get(&format!("Authorization: Bearer {token}\r\n"));
    let nobody = Expect::Anonymous;
    vec![
        Case::raw("control: a good token", bearer(&good), Expect::Admitted),
        Case::raw("no header", get(""), nobody),
        Case::raw(
            "another scheme",
            get("Authorization: Basic YTpi\r\n"),
            nobody,
        ),
        Case::raw(
            "DPoP",
            get(&format!("Authorization: DPoP {good}\r\n")),
            nobody,
        ),
        Case::raw(
            "a malformed token",
            bearer("a.b.c"),
            Expect::InvalidToken("malformed_token"),
        ),
        Case::raw(
            "a word",
            bearer("null"),
            Expect::InvalidToken("malformed_token"),
        ),
        Case::raw(
            "an expired token",
            bearer(&world.token_with(serde_json::json!({ "exp": 1 }))),
            Expect::InvalidToken("token_expired"),
        ),
        Case::raw(
            "a rogue key's token",
            bearer(&world.rogue().token(&world.claims())),
            Expect::InvalidToken("invalid_signature"),
        ),
        Case::raw(
            "no token after Bearer",
            get("Authorization: Bearer\r\n"),
            Expect::InvalidRequest,
        ),
        Case::raw(
            "two lines",
            get(&format!(
                "Authorization: Bearer {good}\r\nAuthorization: Basic YTpi\r\n"
            )),
            Expect::InvalidRequest,
        ),
    ]
}
