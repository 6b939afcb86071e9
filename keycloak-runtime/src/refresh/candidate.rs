//! What can be said of a refresh token before Keycloak is asked about it.
//!
//! Only Keycloak can verify its refresh tokens, but anybody can post one to a refresh route. What
//! shows that it is not good costs no call; what came from us is asked about at once; everything
//! else draws from a bucket, which honest callers give back.

use quick_cache::sync::Cache;

use crate::{
    base64url,
    client_auth::sha256,
    clock::Timestamp,
    config::settings::Settings,
    json::{Object, View},
};

/// Refresh tokens that are remembered as ours: a session has one at a time.
const REMEMBERED: usize = 16 * 1024;

/// How a refresh token looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Candidate {
    /// Keycloak answered it to us, and nothing speaks against it.
    FromUs,
    /// A refresh token of our realm and client, if it is genuine.
    Plausible,
    /// Nothing that can be read.
    Opaque,
    /// It has ended, is another kind of token, or of another realm or client.
    NotGood,
}

/// Looks at `token`, unverified: so it can only be refused by what it says.
pub(super) fn look(token: &str, settings: &Settings, issued: &Issued, now: Timestamp) -> Candidate {
    let parts: Vec<&str> = token.splitn(4, '.').collect();
    let [_, payload, _] = parts[..] else {
        return issued.or(token, Candidate::Opaque);
    };
    let claims = base64url::decode(payload)
        .ok()
        .and_then(|payload| Object::parse(&payload).ok());
    let Some(claims) = claims else {
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
    issued.or(token, Candidate::Plausible)
}

/// The refresh tokens that Keycloak answered to us: hashes, bounded.
pub(super) struct Issued(Cache<[u8; 32], ()>);

impl Issued {
    pub(super) fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }

    pub(super) fn remember(&self, token: &str) {
        self.0.insert(sha256(token), ());
    }

    /// It was of no use any more.
    pub(super) fn forget(&self, token: &str) {
        self.0.remove(&sha256(token));
    }

    fn or(&self, token: &str, otherwise: Candidate) -> Candidate {
        match self.0.get(&sha256(token)) {
            Some(()) => Candidate::FromUs,
            None => otherwise,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::Keycloak;

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
        let issued = Issued::new();
        let look = |token: &str| {
            let now = Timestamp::from_secs(1_000);
            look(token, keycloak.settings(), &issued, now)
        };
        for (changes, expected) in [
            (json!({}), Candidate::Plausible),
            (json!({ "typ": "Offline", "exp": 0 }), Candidate::Plausible),
            (json!({ "exp": 995 }), Candidate::Plausible),
            (json!({ "azp": null }), Candidate::Plausible),
            (json!({ "exp": 900 }), Candidate::NotGood),
            (
                json!({ "iss": "https://other/realms/demo" }),
                Candidate::NotGood,
            ),
            (json!({ "azp": "web" }), Candidate::NotGood),
            (json!({ "typ": "Bearer" }), Candidate::NotGood),
            (json!({ "typ": null }), Candidate::NotGood),
        ] {
            assert_eq!(look(&token(&of(&changes))), expected, "{changes}");
        }
        assert_eq!(look("junk"), Candidate::Opaque);
        assert_eq!(look("a.b.c.d.e"), Candidate::Opaque, "encrypted");
        assert_eq!(look("a.b.c"), Candidate::NotGood);
        issued.remember("junk");
        assert_eq!(look("junk"), Candidate::FromUs);
        issued.forget("junk");
        assert_eq!(look("junk"), Candidate::Opaque);
    }
}
