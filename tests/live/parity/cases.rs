//! What each of the two answers.

use std::fmt;

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Caller {
    Nobody,
    /// This `Authorization` line.
    Raw(&'static str),
    Alice,
    Bob,
    Eve,
    BobOfAnotherClient,
    AliceTwice,
    AliceWithIdToken,
    AliceWithRefreshToken,
    AliceTampered,
}

/// Status and `error.code` (empty where there is none).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer<'a>(pub(super) u16, pub(super) &'a str);

impl fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            "" => write!(f, "{}", self.0),
            code => write!(f, "{} `{code}`", self.0),
        }
    }
}

/// One request to both.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) what: &'static str,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) caller: Caller,
    pub(super) body: Option<&'static str>,
    /// `up` or `down`.
    pub(super) keycloak: &'static str,
    pub(super) theirs: Answer<'static>,
    pub(super) ours: Answer<'static>,
    /// Why they differ; empty where they do not.
    pub(super) why: &'static str,
}

const fn get(what: &'static str, path: &'static str, caller: Caller) -> Case {
    Case {
        what,
        method: "GET",
        path,
        caller,
        body: None,
        keycloak: "up",
        theirs: Answer(200, ""),
        ours: Answer(200, ""),
        why: "",
    }
}

const fn refresh(what: &'static str, body: &'static str) -> Case {
    Case {
        method: "POST",
        body: Some(body),
        ..get(what, "/token/refresh", Caller::Nobody)
    }
}

impl Case {
    const fn both(self, status: u16, code: &'static str) -> Self {
        let answer = Answer(status, code);
        Self {
            theirs: answer,
            ours: answer,
            ..self
        }
    }

    const fn theirs(self, status: u16, code: &'static str) -> Self {
        Self {
            theirs: Answer(status, code),
            ..self
        }
    }

    const fn ours(self, status: u16, code: &'static str, why: &'static str) -> Self {
        Self {
            ours: Answer(status, code),
            why,
            ..self
        }
    }

    const fn keycloak_down(self) -> Self {
        Self {
            keycloak: "down",
            ..self
        }
    }
}

/// Route by route through the README's example.
pub(super) const CASES: &[Case] = &[
    get("`GET /` without a token", "/", Caller::Nobody)
        .theirs(401, "missing_header")
        .ours(200, "", "its README makes `/` public, and with it every path; taken out there, the root is closed. Our public paths are exact."),
    get("`GET /` with a token", "/", Caller::Alice),
    get("`GET /users/me` without a token", "/users/me", Caller::Nobody).both(401, "missing_header"),
    get("`GET /users/me` as alice", "/users/me", Caller::Alice),
    get("`GET /users/me` as bob", "/users/me", Caller::Bob),
    get("`GET /admin` without a token", "/admin", Caller::Nobody).both(401, "missing_header"),
    get("`GET /admin` as alice (realm role `admin`)", "/admin", Caller::Alice),
    get("`GET /admin` as bob (no such role)", "/admin", Caller::Bob).both(403, "missing_roles"),
    get("`GET /admin` as eve (role `admin` of another client)", "/admin", Caller::Eve)
        .ours(403, "missing_roles", "there a role of any client counts; here realm roles and those of our own client do."),
    get("scheme `Basic`", "/users/me", Caller::Raw("Basic YWxpY2U6eA==")).both(401, "invalid_header_format"),
    get("`Bearer` without a token", "/users/me", Caller::Raw("Bearer"))
        .theirs(401, "invalid_header_format")
        .ours(400, "invalid_header_format", "RFC 6750 section 3.1: a malformed request is 400."),
    get("two `Authorization` lines", "/users/me", Caller::AliceTwice)
        .ours(400, "invalid_header_format", "there the first one counts, and a proxy may have checked the other."),
    get("not a JWT", "/users/me", Caller::Raw("Bearer junk"))
        .theirs(400, "malformed_token")
        .ours(401, "malformed_token", "RFC 6750 section 3.1: `invalid_token` is 401."),
    get("signature altered", "/users/me", Caller::AliceTampered).both(401, "invalid_signature"),
    get("ID token", "/users/me", Caller::AliceWithIdToken)
        .ours(401, "invalid_claims", "an ID token tells a client who signed in; it is not an access token."),
    get("refresh token", "/users/me", Caller::AliceWithRefreshToken).both(401, "invalid_algorithm"),
    get("access token issued for another client", "/users/me", Caller::BobOfAnotherClient)
        .ours(401, "missing_claim", "there the audience is not checked unless configured; here our client id must be in `aud`."),
    refresh("`POST /token/refresh`", r#"{"refresh_token": "@REFRESH@"}"#),
    refresh("`POST /token/refresh` with another text", r#"{"refresh_token": "x"}"#).both(400, "invalid_grant"),
    refresh("`POST /token/refresh` without the member", "{}").both(422, ""),
    get("`GET /health/keycloak`", "/health/keycloak", Caller::Nobody),
    get("`GET /openapi.json`", "/openapi.json", Caller::Nobody),
    get("`GET /docs`", "/docs", Caller::Nobody),
    get("unknown path with a token", "/nowhere", Caller::Alice).both(404, ""),
    get("`GET /users/me` as alice", "/users/me", Caller::Alice)
        .keycloak_down()
        .both(503, "keycloak_connection_error"),
    get("`GET /users/me` without a token", "/users/me", Caller::Nobody)
        .keycloak_down()
        .both(401, "missing_header"),
    refresh("`POST /token/refresh`", r#"{"refresh_token": "@REFRESH@"}"#)
        .keycloak_down()
        .theirs(503, "keycloak_connection_error")
        .ours(400, "invalid_grant", "the server that is not there is another issuer than the one that the token names, so it is not asked."),
    get("`GET /health/keycloak`", "/health/keycloak", Caller::Nobody)
        .keycloak_down()
        .ours(503, "", "a health check that is always green is none."),
];
