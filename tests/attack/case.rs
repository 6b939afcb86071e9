//! One case: a request, what must come back, and what must not.

use std::net::SocketAddr;

use keycloak::TokenCheck;

use super::{
    http::{self, Answer},
    world::{MARKER, World},
};

/// What must come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// 200 with the subject: a positive control.
    Admitted,
    /// 200 for an anonymous caller, where the route is `optional`.
    Anonymous,
    /// 401 with a challenge that has no error code.
    NoCredentials(&'static str),
    /// 400 `invalid_request`.
    InvalidRequest,
    /// 401 `invalid_token` with this `error.code`.
    InvalidToken(&'static str),
    /// 403 `insufficient_scope` with this `error.code`; with an empty one, any of the 403 codes.
    Forbidden(&'static str),
    /// 403 `insufficient_scope` that names the scope to ask for.
    ForbiddenForScope(&'static str),
    /// 503 with `Retry-After` and without a challenge.
    Unavailable,
    /// An answer of the HTTP server itself, before us: 400 or 431, without a challenge.
    NotHttp,
}

/// A request and its verdict.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: String,
    request: Vec<u8>,
    /// The credentials in it, no part of which may come back.
    secret: Vec<u8>,
    expect: Expect,
}

impl Case {
    /// A request for `/me` with one well-formed `Authorization: Bearer` line.
    pub fn token(name: impl Into<String>, token: impl AsRef<[u8]>, expect: Expect) -> Self {
        let line = [b"Authorization: Bearer ", token.as_ref()].concat();
        Self {
            secret: token.as_ref().to_vec(),
            ..Self::lines(name, &[&line], expect)
        }
    }

    /// A token that must be refused with this code.
    pub fn refused(name: impl Into<String>, token: impl AsRef<[u8]>, code: &'static str) -> Self {
        Self::token(name, token, Expect::InvalidToken(code))
    }

    /// A token that must be let through.
    pub fn admitted(name: impl Into<String>, token: impl AsRef<[u8]>) -> Self {
        Self::token(name, token, Expect::Admitted)
    }

    /// A request for `path` with this token.
    pub fn get(
        name: impl Into<String>,
        path: &str,
        token: impl AsRef<[u8]>,
        expect: Expect,
    ) -> Self {
        let mut request =
            format!("GET {path} HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n").into_bytes();
        request.extend_from_slice(b"Authorization: Bearer ");
        request.extend_from_slice(token.as_ref());
        request.extend_from_slice(b"\r\n\r\n");
        Self {
            secret: token.as_ref().to_vec(),
            ..Self::raw(name, request, expect)
        }
    }

    /// A request for `/me` with these header lines.
    pub fn lines(name: impl Into<String>, lines: &[&[u8]], expect: Expect) -> Self {
        let mut request = b"GET /me HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n".to_vec();
        for line in lines {
            request.extend_from_slice(line);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        Self::raw(name, request, expect)
    }

    /// Exactly these bytes.
    pub fn raw(name: impl Into<String>, request: Vec<u8>, expect: Expect) -> Self {
        Self {
            name: name.into(),
            request,
            secret: Vec::new(),
            expect,
        }
    }

    /// What must come back.
    pub fn expected(&self) -> Expect {
        self.expect
    }

    pub fn is_control(&self) -> bool {
        self.expected() == Expect::Admitted
    }

    /// Sends it and returns the answer, whatever it is.
    pub async fn send_to(&self, address: SocketAddr) -> Result<Answer, String> {
        http::exchange(address, &self.request).await
    }

    /// Sends it and says what is wrong with the answer. Where Keycloak alone knows what is wrong
    /// with a token, it says no more than that the token is not active, and what is wrong with the
    /// payload's form is seen first.
    pub async fn judge(&self, world: &World) -> Result<(), String> {
        let judged = self.judge_at(world.address()).await;
        let (Expect::InvalidToken(_), TokenCheck::Introspect) = (self.expect, world.check()) else {
            return judged;
        };
        for code in ["token_inactive", "malformed_token"] {
            if judged.is_ok() {
                break;
            }
            let other = Self {
                expect: Expect::InvalidToken(code),
                ..self.clone()
            };
            if other.judge_at(world.address()).await.is_ok() {
                return Ok(());
            }
        }
        judged
    }

    /// As [`Case::judge`], at another server.
    pub async fn judge_at(&self, address: SocketAddr) -> Result<(), String> {
        let answer = self.send_to(address).await?;
        self.check(&answer)
            .map_err(|problem| format!("{problem}; got {} {}", answer.status, answer.body))?;
        if self.expect == Expect::Admitted {
            return Ok(());
        }
        self.check_no_echo(&answer)
    }

    fn check(&self, answer: &Answer) -> Result<(), String> {
        match self.expect {
            Expect::Admitted => {
                ensure(answer.status == 200, "expected 200")?;
                ensure(answer.body == "alice", "expected the subject")?;
                ensure(
                    answer.all("www-authenticate").is_empty(),
                    "a challenge on success",
                )
            }
            Expect::NoCredentials(code) => check_refusal(answer, 401, code, None),
            Expect::InvalidRequest => check_refusal(
                answer,
                400,
                "invalid_header_format",
                Some("invalid_request"),
            ),
            Expect::InvalidToken(code) => check_refusal(answer, 401, code, Some("invalid_token")),
            Expect::Anonymous => {
                ensure(answer.status == 200, "expected 200")?;
                ensure(answer.body == "nobody", "expected nobody")
            }
            Expect::Forbidden(code) => {
                let error = Some("insufficient_scope");
                if code.is_empty() {
                    let codes = ["missing_roles", "missing_groups", "forbidden"];
                    return codes
                        .iter()
                        .map(|code| check_refusal(answer, 403, code, error))
                        .find(Result::is_ok)
                        .unwrap_or_else(|| Err("expected a 403 of ours".to_owned()));
                }
                check_refusal(answer, 403, code, error)
            }
            Expect::ForbiddenForScope(scope) => {
                check_refusal(answer, 403, "forbidden", Some("insufficient_scope"))?;
                let asked = format!(", scope=\"{scope}\"");
                ensure(
                    answer.all("www-authenticate")[0].contains(&asked),
                    "expected the scope to ask for",
                )
            }
            Expect::Unavailable => {
                ensure(answer.status == 503, "expected 503")?;
                ensure(
                    answer.all("www-authenticate").is_empty(),
                    "a challenge with 503",
                )?;
                ensure(answer.all("retry-after").len() == 1, "expected Retry-After")
            }
            Expect::NotHttp => ensure(
                matches!(answer.status, 400 | 431),
                "expected 400 or 431 from the HTTP server",
            ),
        }
    }

    /// Nothing that the caller sent comes back: no part of the token, no marked claim or header.
    fn check_no_echo(&self, answer: &Answer) -> Result<(), String> {
        let found = |needle: &[u8]| {
            answer
                .raw
                .windows(needle.len())
                .any(|window| window == needle)
        };
        ensure(
            !found(MARKER.as_bytes()),
            "the answer repeats a marked value",
        )?;
        for part in self.secret.split(|byte| *byte == b'.') {
            if part.len() >= 8 {
                ensure(!found(&part[..8]), "the answer repeats a part of the token")?;
            }
        }
        Ok(())
    }
}

fn check_refusal(
    answer: &Answer,
    status: u16,
    code: &str,
    error: Option<&str>,
) -> Result<(), String> {
    ensure(answer.status == status, &format!("expected {status}"))?;
    let challenges = answer.all("www-authenticate");
    ensure(challenges.len() == 1, "expected exactly one challenge")?;
    let challenge = challenges.first().copied().unwrap_or_default();
    ensure(
        challenge.starts_with("Bearer realm=\"judged\""),
        "expected the realm's challenge",
    )?;
    match error {
        None => ensure(
            !challenge.contains("error"),
            "the challenge must have no error code",
        )?,
        Some(error) => ensure(
            challenge.contains(&format!(", error=\"{error}\"")),
            &format!("expected error=\"{error}\", got {challenge}"),
        )?,
    }
    let body: serde_json::Value =
        serde_json::from_str(&answer.body).map_err(|error| format!("body: {error}"))?;
    let error = body["error"].as_object().ok_or("no error object")?;
    ensure(
        error.get("code").and_then(|code| code.as_str()) == Some(code),
        &format!("expected code {code}"),
    )?;
    ensure(
        error
            .get("message")
            .is_some_and(serde_json::Value::is_string),
        "expected a message",
    )?;
    ensure(
        error.len() == 2 && body.as_object().is_some_and(|body| body.len() == 1),
        "expected nothing beside code and message",
    )
}

fn ensure(holds: bool, problem: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(problem.to_owned())
    }
}
