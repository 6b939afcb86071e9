//! The guard runs before every other extractor: bodies of callers without rights are not read.

use serde_json::json;

use super::{
    case::{Case, Expect},
    world::World,
};

pub fn cases(world: &World) -> Vec<Case> {
    let admin = world.token_with(json!({ "realm_access": { "roles": ["admin"] } }));
    let user = world.good();
    let post = |path: &str, token: Option<&str>, headers: &str, body: &str| {
        let authorization = token.map_or_else(String::new, |token| {
            format!("Authorization: Bearer {token}\r\n")
        });
        format!(
            "POST {path} HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n{authorization}{headers}\r\n{body}"
        )
        .into_bytes()
    };
    let json = "Content-Type: application/json\r\n";
    let none = Expect::NoCredentials("missing_header");
    let roles = Expect::Forbidden("missing_roles");
    vec![
        Case::raw(
            "control: a body of the admin",
            post("/upload", Some(&admin), "Content-Length: 2\r\n", "{}"),
            Expect::Admitted,
        ),
        Case::raw(
            "control: JSON of the admin",
            post(
                "/submit",
                Some(&admin),
                &format!("{json}Content-Length: 2\r\n"),
                "{}",
            ),
            Expect::Admitted,
        ),
        // A gigabyte is announced and never sent: whoever waits for it never answers.
        Case::raw(
            "a gigabyte, no token",
            post("/upload", None, "Content-Length: 1073741824\r\n", ""),
            none,
        ),
        Case::raw(
            "a gigabyte, no rights",
            post("/upload", Some(&user), "Content-Length: 1073741824\r\n", ""),
            roles,
        ),
        Case::raw(
            "a gigabyte, a bad token",
            post(
                "/upload",
                Some("a.b.c"),
                "Content-Length: 1073741824\r\n",
                "",
            ),
            Expect::InvalidToken("malformed_token"),
        ),
        Case::raw(
            "chunks that never come, no rights",
            post("/upload", Some(&user), "Transfer-Encoding: chunked\r\n", ""),
            roles,
        ),
        Case::raw(
            "malformed JSON, no token",
            post(
                "/submit",
                None,
                &format!("{json}Content-Length: 1\r\n"),
                "{",
            ),
            none,
        ),
        Case::raw(
            "malformed JSON, no rights",
            post(
                "/submit",
                Some(&user),
                &format!("{json}Content-Length: 1\r\n"),
                "{",
            ),
            roles,
        ),
        Case::raw(
            "no JSON at all, no rights",
            post("/submit", Some(&user), "Content-Length: 1\r\n", "x"),
            roles,
        ),
        Case::raw(
            "a body cut short, no rights",
            post(
                "/submit",
                Some(&user),
                &format!("{json}Content-Length: 100\r\n"),
                "{\"a\":",
            ),
            roles,
        ),
        Case::raw(
            "Expect: 100-continue, no token",
            post(
                "/upload",
                None,
                "Expect: 100-continue\r\nContent-Length: 1000\r\n",
                "",
            ),
            none,
        ),
    ]
}
