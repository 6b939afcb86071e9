//! Other places for a token: query, form, cookies and other headers are never looked at.

use super::{
    case::{Case, Expect},
    world::World,
};

pub fn cases(world: &World) -> Vec<Case> {
    let good = world.good();
    let none = Expect::NoCredentials("missing_header");
    let get = |target: &str, lines: &str| {
        format!("GET {target} HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n{lines}\r\n")
            .into_bytes()
    };
    let mut cases = vec![
        Case::admitted("control", &good),
        Case::raw(
            "control: a query beside the header is ignored",
            get(
                "/me?access_token=x",
                &format!("Authorization: Bearer {good}\r\n"),
            ),
            Expect::Admitted,
        ),
    ];
    for parameter in [
        "access_token",
        "token",
        "jwt",
        "id_token",
        "authorization",
        "bearer",
    ] {
        cases.push(Case::raw(
            format!("query parameter {parameter}"),
            get(&format!("/me?{parameter}={good}"), ""),
            none,
        ));
    }
    for (name, line) in [
        (
            "cookie access_token",
            format!("Cookie: access_token={good}"),
        ),
        (
            "cookie token",
            format!("Cookie: token={good}; KEYCLOAK_IDENTITY={good}"),
        ),
        (
            "cookie Authorization",
            format!("Cookie: Authorization=Bearer {good}"),
        ),
        (
            "Proxy-Authorization",
            format!("Proxy-Authorization: Bearer {good}"),
        ),
        ("X-Authorization", format!("X-Authorization: Bearer {good}")),
        ("X-Access-Token", format!("X-Access-Token: {good}")),
        ("X-Auth-Token", format!("X-Auth-Token: {good}")),
        (
            "X-Forwarded-Access-Token",
            format!("X-Forwarded-Access-Token: {good}"),
        ),
        ("X-Forwarded-User", "X-Forwarded-User: alice".to_owned()),
        (
            "X-Original-Authorization",
            format!("X-Original-Authorization: Bearer {good}"),
        ),
        (
            "Sec-WebSocket-Protocol",
            format!("Sec-WebSocket-Protocol: bearer, {good}"),
        ),
        ("Authentication", format!("Authentication: Bearer {good}")),
        ("Authorization_", format!("Authorization_: Bearer {good}")),
    ] {
        cases.push(Case::raw(name, get("/me", &format!("{line}\r\n")), none));
    }
    let form = format!("access_token={good}");
    cases.push(Case::raw(
        "a form body (RFC 6750 section 2.2)",
        format!(
            "GET /me HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        )
        .into_bytes(),
        none,
    ));
    // After the body, in trailers, nobody listens any more.
    cases.push(Case::raw(
        "a trailer",
        format!(
            "GET /me HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n0\r\nAuthorization: Bearer {good}\r\n\r\n"
        )
        .into_bytes(),
        none,
    ));
    cases.push(Case::raw(
        "in the target's user information",
        get(&format!("http://bearer:{good}@api.test/me"), ""),
        none,
    ));
    cases.push(Case::lines(
        "a bad token is not healed by a good one elsewhere",
        &[
            b"Authorization: Bearer a.b.c",
            format!("Cookie: access_token={good}").as_bytes(),
        ],
        Expect::InvalidToken("malformed_token"),
    ));
    cases
}
