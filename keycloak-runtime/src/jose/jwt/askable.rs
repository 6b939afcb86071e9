//! A token that Keycloak may be asked about, and whether an answer is about it.
//!
//! Invariants: made by [`UnverifiedToken::askable`](super::UnverifiedToken::askable) only, so what
//! is sent to Keycloak, or a key to a call that others share, has one spelling and a form that can
//! be admitted at all; what it says of itself can be compared, and never read.

use std::borrow::Cow;

use super::validate::Life;
use crate::{
    base::digest::sha256,
    base::json::{Object, View},
};

/// What names a token, its subject, its session and its client. Keycloak's answer repeats them.
const NAMES: [&str; 4] = ["sub", "jti", "azp", "sid"];

/// A well-formed token whose signature may be anything.
pub(crate) struct AskableToken<'a> {
    compact: Cow<'a, str>,
    stated: Object,
    life: Life,
}

impl<'a> AskableToken<'a> {
    pub(super) fn new(compact: &'a str, stated: Object, life: Life) -> Self {
        Self {
            compact: Cow::Borrowed(compact),
            stated,
            life,
        }
    }

    /// For a task that outlives the request.
    pub(crate) fn to_owned(&self) -> AskableToken<'static> {
        AskableToken {
            compact: Cow::Owned(self.compact.clone().into_owned()),
            stated: self.stated.clone(),
            life: self.life,
        }
    }

    /// When it serves, by its own word.
    pub(super) fn life(&self) -> Life {
        self.life
    }

    /// The whole token.
    pub(crate) fn compact(&self) -> &str {
        &self.compact
    }

    /// What the signature is over: header and payload. With ECDSA, every holder of a token can make
    /// a second good signature of it, `(r, n - s)`; this part stays the same.
    pub(crate) fn signed(&self) -> &str {
        let parts = self.compact.rsplit_once('.');
        parts.map_or(&*self.compact, |(signed, _)| signed)
    }

    /// The hash of the session that the token names (or else of its subject, or of itself) and of
    /// the client that it was issued to: clients share a session, and none spends the calls of
    /// another. Only for tokens whose signature was verified.
    pub(crate) fn session(&self) -> [u8; 32] {
        let stated = |name| {
            let text = self.stated.get(name).and_then(View::as_str)?;
            Some(format!("{name} {text}")).filter(|_| !text.is_empty())
        };
        let client = stated("azp").unwrap_or_default();
        let session = stated("sid").or_else(|| stated("sub"));
        let session = session.as_deref().unwrap_or_else(|| self.signed());
        // The length keeps the two apart, whatever they hold.
        sha256(&format!("{} {client} {session}", client.len()))
    }

    /// What it says of itself; only to be compared with an answer about it.
    pub(super) fn into_stated(self) -> Object {
        self.stated
    }

    /// The first name of which this token and the `answer` about it say different things; a name that
    /// only one of them has is not a difference (a lightweight token has no `sub`).
    pub(crate) fn disagreement(&self, answer: &Object) -> Option<&'static str> {
        let differs = |name: &&str| match (self.stated.get(name), answer.get(name)) {
            (Some(stated), Some(answered)) => stated != answered,
            _ => false,
        };
        NAMES.into_iter().find(differs)
    }
}

impl std::fmt::Debug for AskableToken<'_> {
    // A credential, and what it says.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AskableToken").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        base::{
            clock::Timestamp,
            json::JsonError,
            restriction::{NonEmpty, Restriction},
        },
        jose::{
            algorithm::Algorithm,
            jwt::{ClaimError, TokenError, UnverifiedToken, ValidationPolicy},
        },
    };

    const EVER: Life = Life {
        expires_at: Timestamp::from_secs(i64::MAX),
        not_before: None,
    };

    const NOW: i64 = 1_700_000_000;

    /// Its signature is made up.
    fn token(payload: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k"}"#);
        format!("{header}.{}.AAAA", URL_SAFE_NO_PAD.encode(payload))
    }

    fn ask(payload: &str) -> Result<(), TokenError> {
        let policy = ValidationPolicy {
            issuers: vec!["https://kc/realms/demo".to_owned()],
            audiences: Restriction::These(NonEmpty::one("api".to_owned())),
            authorized_parties: Restriction::Any,
            algorithms: vec![Algorithm::RS256],
            leeway: Duration::from_secs(10),
        };
        let token = token(payload);
        let unverified = UnverifiedToken::parse(&token, &policy.algorithms).unwrap();
        let askable = unverified.askable(&policy, Timestamp::from_secs(NOW))?;
        assert_eq!(askable.compact(), token);
        assert_eq!(format!("{}.AAAA", askable.signed()), token);
        assert!(!format!("{askable:?}").contains("AAAA"));
        Ok(())
    }

    #[test]
    fn a_lightweight_token_is_worth_a_question() {
        // What Keycloak 26.7.3 leaves in one: no `sub`, no `aud`.
        let claims = json!({"exp": NOW + 60, "iat": NOW, "jti": "j", "iss": "https://kc/realms/demo",
            "typ": "Bearer", "azp": "web", "sid": "s", "scope": "openid"});
        assert_eq!(ask(&claims.to_string()), Ok(()));
    }

    #[test]
    fn what_no_answer_could_admit_is_not() {
        let good = json!({"exp": NOW + 60, "iat": NOW, "typ": "Bearer"});
        assert_eq!(ask(&good.to_string()), Ok(()));
        let expired = ClaimError::Expired {
            expired_at: Timestamp::from_secs(NOW - 10),
            now: Timestamp::from_secs(NOW),
        };
        let future = |claim| ClaimError::InTheFuture {
            claim,
            at: Timestamp::from_secs(NOW + 11),
            now: Timestamp::from_secs(NOW),
        };
        for (name, value, error) in [
            ("exp", json!(NOW - 10), expired),
            ("exp", json!(null), ClaimError::Malformed("exp")),
            ("exp", json!("1700000060"), ClaimError::Malformed("exp")),
            ("nbf", json!(NOW + 11), future("nbf")),
            ("iat", json!(NOW + 11), future("iat")),
            ("typ", json!("Refresh"), ClaimError::NotAnAccessToken),
            ("typ", json!("ID"), ClaimError::NotAnAccessToken),
            ("typ", json!(["Bearer"]), ClaimError::Malformed("typ")),
            ("cnf", json!({"jkt": "x"}), ClaimError::SenderConstrained),
        ] {
            let mut claims = good.clone();
            claims[name] = value;
            assert_eq!(ask(&claims.to_string()), Err(error.into()), "{claims}");
        }
        for name in ["exp", "typ"] {
            let mut claims = good.clone();
            claims.as_object_mut().unwrap().remove(name);
            let missing = ClaimError::Missing(name);
            assert_eq!(ask(&claims.to_string()), Err(missing.into()));
        }
        for (payload, error) in [
            ("", JsonError::NotAnObject),
            ("[]", JsonError::NotAnObject),
            (r#"{"typ":"Bearer"} {}"#, JsonError::TrailingData),
            (r#"{"typ":"ID","typ":"Bearer"}"#, JsonError::DuplicateMember),
        ] {
            assert_eq!(
                ask(payload),
                Err(ClaimError::Json(error).into()),
                "{payload}"
            );
        }
    }

    fn disagreement(stated: &Value, answer: &Value) -> Option<&'static str> {
        let object = |value: &Value| Object::parse(value.to_string().as_bytes()).unwrap();
        AskableToken::new("", object(stated), EVER).disagreement(&object(answer))
    }

    #[test]
    fn a_session_is_one_however_many_tokens_it_has() {
        let session = |stated: &Value| {
            let stated = Object::parse(stated.to_string().as_bytes()).unwrap();
            AskableToken::new("header.payload.signature", stated, EVER).session()
        };
        let of = session(&json!({"sid": "s", "azp": "web", "sub": "alice", "jti": "1"}));
        let same = json!({"sid": "s", "azp": "web", "sub": "alice", "jti": "2"});
        assert_eq!(session(&same), of);
        for other in [
            json!({"sid": "other", "azp": "web", "sub": "alice"}),
            json!({"sid": "s", "azp": "other", "sub": "alice"}),
            json!({"sid": "s", "sub": "alice"}),
            json!({"azp": "web", "sub": "alice"}),
            json!({"azp": "web", "sub": "s"}),
            json!({"sid": "", "azp": "web", "sub": "alice"}),
        ] {
            assert_ne!(session(&other), of, "{other}");
        }
        let without = json!({"azp": "web", "sub": "alice", "jti": "1"});
        let same = json!({"sid": null, "azp": "web", "sub": "alice", "jti": "2"});
        assert_eq!(session(&without), session(&same));
    }

    #[test]
    fn a_second_signature_makes_no_other_token() {
        let token =
            |compact: &'static str| AskableToken::new(compact, Object::parse(b"{}").unwrap(), EVER);
        assert_eq!(token("h.p.one").session(), token("h.p.two").session());
        assert_ne!(token("h.p.one").session(), token("h.q.one").session());
    }

    #[test]
    fn an_answer_is_about_the_token_or_about_another() {
        let names = json!({"sub": "alice", "jti": "j", "azp": "web", "sid": "s", "scope": "a"});
        assert_eq!(disagreement(&names, &names), None);
        assert_eq!(disagreement(&json!({}), &names), None);
        assert_eq!(disagreement(&names, &json!({"scope": "b"})), None);
        for name in ["sub", "jti", "azp", "sid"] {
            for other in [json!("other"), json!(""), json!(null), json!(["alice"])] {
                let mut changed = names.clone();
                changed[name] = other;
                assert_eq!(disagreement(&names, &changed), Some(name), "{changed}");
                assert_eq!(disagreement(&changed, &names), Some(name), "{changed}");
            }
        }
    }
}
