//! What is known of a refresh token before Keycloak is asked about it.
//!
//! Only Keycloak can verify its refresh tokens, but strangers can post one to a refresh route. What
//! shows that it is not good costs no call; a session that we know draws from a bucket of its own,
//! and strangers from one together. Honest callers give back what they drew.

use super::sessions::{Known, Sessions};
use crate::{
    base::{
        base64url,
        clock::Timestamp,
        json::{Object, View},
    },
    settings::Settings,
    transport::outbound::Post,
};

/// How a refresh token looks.
#[derive(Debug)]
pub(super) enum Candidate {
    /// It names a session that Keycloak answered a refresh token of to us.
    Known(Known),
    /// A refresh token of our realm and client, if it is genuine.
    Plausible,
    /// Nothing that can be read.
    Opaque,
    /// It has ended, is another kind of token, or of another realm or client.
    NotGood,
}

impl Candidate {
    /// How it is posted, if it is.
    pub(super) fn post(&self) -> Post {
        match self {
            Self::Known(_) => Post::KnownRefresh,
            Self::Plausible => Post::Refresh,
            Self::Opaque | Self::NotGood => Post::OpaqueRefresh,
        }
    }
}

/// Looks at `token`, unverified: so it can only be refused by what it says.
pub(super) fn look(
    token: &str,
    settings: &Settings,
    sessions: &Sessions,
    now: Timestamp,
) -> Candidate {
    let known_or = |otherwise| sessions.find(token).map_or(otherwise, Candidate::Known);
    if payload(token).is_none() {
        return known_or(Candidate::Opaque);
    }
    let Some(claims) = claims(token) else {
        return Candidate::NotGood;
    };
    let text = |name| claims.get(name).and_then(View::as_str);
    let of_our_realm =
        text("iss").is_some_and(|issuer| settings.issuers.iter().any(|ours| ours == issuer));
    let of_our_client = text("azp").is_none_or(|client| client == settings.client_id);
    let refreshes = text("typ").is_some_and(|typ| {
        ["Refresh", "Offline"]
            .iter()
            .any(|known| typ.eq_ignore_ascii_case(known))
    });
    // An offline token without end has none, or 0.
    let ends_at = claims.get("exp").and_then(View::as_f64).unwrap_or(0.0);
    let late =
        now.saturating_since(Timestamp::from_secs(0)).as_secs_f64() - settings.leeway.as_secs_f64();
    let has_ended = ends_at > 0.0 && ends_at < late;
    if !of_our_realm || !of_our_client || !refreshes || has_ended {
        return Candidate::NotGood;
    }
    known_or(Candidate::Plausible)
}

/// The second of three parts.
fn payload(token: &str) -> Option<&str> {
    let parts: Vec<&str> = token.splitn(4, '.').collect();
    match parts[..] {
        [_, payload, _] => Some(payload),
        _ => None,
    }
}

/// What a refresh token says of itself.
pub(super) fn claims(token: &str) -> Option<Object> {
    Object::parse(&base64url::decode(payload(token)?).ok()?).ok()
}

/// The session that it says it is of.
pub(super) fn session(claims: &Object) -> Option<&str> {
    let text = claims.get("sid").and_then(View::as_str)?;
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::keycloak::Keycloak;

    fn token(claims: &Value) -> String {
        use base64::Engine as _;
        let payload = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
        format!("e30.{payload}.c2ln")
    }

    fn of(changes: &Value) -> Value {
        let mut claims = json!({
            "iss": "https://kc/realms/demo", "azp": "api", "typ": "Refresh", "exp": 2_000,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    #[test]
    fn what_says_that_it_is_not_good_is_not_asked_about() {
        let keycloak = Keycloak::builder()
            .server_url("https://kc")
            .realm("demo")
            .client_id("api")
            .build()
            .unwrap();
        let sessions = Sessions::new();
        let look = |token: &str| {
            let now = Timestamp::from_secs(1_000);
            match look(token, keycloak.settings(), &sessions, now) {
                Candidate::Known(_) => "known",
                Candidate::Plausible => "plausible",
                Candidate::Opaque => "opaque",
                Candidate::NotGood => "not good",
            }
        };
        for (changes, expected) in [
            (json!({}), "plausible"),
            (json!({ "typ": "Offline", "exp": 0 }), "plausible"),
            (json!({ "exp": 995 }), "plausible"),
            (json!({ "azp": null }), "plausible"),
            (json!({ "exp": 900 }), "not good"),
            (json!({ "iss": "https://other/realms/demo" }), "not good"),
            (json!({ "azp": "web" }), "not good"),
            (json!({ "typ": "Bearer" }), "not good"),
            (json!({ "typ": null }), "not good"),
        ] {
            assert_eq!(look(&token(&of(&changes))), expected, "{changes}");
        }
        assert_eq!(look("junk"), "opaque");
        assert_eq!(look("a.b.c.d.e"), "opaque", "encrypted");
        assert_eq!(look("a.b.c"), "not good");
        sessions.remember("opaque one");
        assert_eq!(look("opaque one"), "known");
        assert_eq!(look("another"), "opaque");
        let of_session = |changes: &Value| look(&token(&of(changes)));
        sessions.remember(&token(&of(&json!({ "sid": "s", "jti": "1" }))));
        assert_eq!(of_session(&json!({ "sid": "s", "jti": "2" })), "known");
        assert_eq!(of_session(&json!({ "sid": "t", "jti": "1" })), "plausible");
        assert_eq!(of_session(&json!({ "sid": "s", "azp": "web" })), "not good");
    }
}
