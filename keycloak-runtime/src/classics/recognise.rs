//! Which classic a refusal looks like: pure functions over what is already known.
//!
//! Invariant: the token was accepted or refused before; nothing here can change that. Claims are read
//! only from a [`VouchedClaims`], which does not exist before the issuer vouches for it, and no value of
//! theirs leaves this module.

use serde_json::{Map, Value};
use url::Url;

use super::hints::Classic;
use crate::{
    base::fault::Fault,
    base::json::JsonError,
    jose::jwt::{ClaimError, TokenError, VouchedClaims},
};

/// A token was refused for this; its other causes are told by their [`fault`].
pub(crate) fn token(error: &TokenError, issuers: &[String]) -> Option<Classic> {
    match error {
        TokenError::TooLong => Some(Classic::TokenTooLong),
        // Of claims without a good signature only the form is looked at.
        TokenError::HeaderJson(JsonError::DuplicateMember)
        | TokenError::NotWorthAsking(ClaimError::Json(JsonError::DuplicateMember)) => {
            Some(Classic::DuplicateMember)
        }
        TokenError::Claims(refused) => vouched(refused, issuers),
        TokenError::Encrypted
        | TokenError::NotCompactJws
        | TokenError::Encoding(_)
        | TokenError::HeaderJson(_)
        | TokenError::Header(_)
        | TokenError::AlgorithmNotAllowed
        | TokenError::KeyMismatch
        | TokenError::SignatureMismatch
        | TokenError::NotWorthAsking(_) => fault(&error.into()),
    }
}

/// A token that the issuer vouches for was refused for its claims.
pub(crate) fn vouched(refused: &VouchedClaims, issuers: &[String]) -> Option<Classic> {
    match refused.claims() {
        Some(members) => claims(&members.to_map(), refused.error(), issuers),
        None if refused.error() == ClaimError::Json(JsonError::DuplicateMember) => {
            Some(Classic::DuplicateMember)
        }
        None => None,
    }
}

fn claims(claims: &Map<String, Value>, error: ClaimError, issuers: &[String]) -> Option<Classic> {
    match error {
        ClaimError::IssuerMismatch => issuer(issuers, claims.get("iss")?.as_str()?),
        ClaimError::AudienceMismatch | ClaimError::Missing("aud" | "sub")
            if looks_lightweight(|claim| claims.contains_key(claim)) =>
        {
            Some(Classic::LightweightToken)
        }
        ClaimError::AudienceMismatch | ClaimError::Missing("aud") => {
            Some(audience(claims.get("aud")))
        }
        ClaimError::Missing("sub") => Some(Classic::MissingBasicScope),
        ClaimError::NotAnAccessToken => Some(Classic::WrongTokenType),
        ClaimError::InTheFuture { .. } => Some(Classic::ClockSkew),
        // A claim of the wrong type is a broken issuer, not a wrong setup.
        ClaimError::Malformed(_)
        | ClaimError::Missing(_)
        | ClaimError::Json(_)
        | ClaimError::AuthorizedPartyMismatch
        | ClaimError::SenderConstrained
        | ClaimError::Expired { .. } => None,
    }
}

/// What a fault looks like whoever sent whatever token.
pub(crate) fn fault(fault: &Fault) -> Option<Classic> {
    if *fault == Fault::UnknownKid {
        Some(Classic::UnknownKey)
    } else if *fault == Fault::InvalidAlgorithm {
        Some(Classic::AlgorithmNotAllowed)
    } else if matches!(fault, Fault::ClientCredentials { .. }) {
        Some(Classic::OwnClientRefused)
    } else {
        None
    }
}

/// How `announced` differs from the accepted issuers; `None` if it is one of them.
pub(crate) fn issuer(accepted: &[String], announced: &str) -> Option<Classic> {
    if accepted.iter().any(|issuer| issuer == announced) {
        return None;
    }
    let Some(announced) = Issuer::parse(announced) else {
        return Some(Classic::IssuerHost);
    };
    // The nearest of the accepted ones is the one that was meant.
    accepted
        .iter()
        .filter_map(|issuer| Issuer::parse(issuer))
        .map(|issuer| issuer.differences(&announced))
        .min_by_key(Vec::len)
        .map_or(Some(Classic::IssuerHost), |differences| {
            // A trailing slash and the like: equal in its parts, not byte for byte.
            Some(differences.first().copied().unwrap_or(Classic::IssuerPath))
        })
}

/// An issuer in the parts that setups get wrong one at a time.
struct Issuer {
    url: Url,
    base: String,
    realm: String,
}

impl Issuer {
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let (base, realm) = url.path().rsplit_once("/realms/")?;
        Some(Self {
            base: base.trim_end_matches('/').to_owned(),
            realm: realm.trim_end_matches('/').to_owned(),
            url,
        })
    }

    /// What differs, the most telling first.
    fn differences(&self, other: &Self) -> Vec<Classic> {
        let host = self.url.host() != other.url.host();
        let scheme = self.url.scheme() != other.url.scheme();
        // Another scheme brings another default port along; that is one mistake, not two.
        let port = self.url.port_or_known_default() != other.url.port_or_known_default();
        let found = [
            (self.realm != other.realm, Classic::IssuerRealm),
            (host || (port && !scheme), Classic::IssuerHost),
            (scheme, Classic::IssuerScheme),
            (self.base != other.base, Classic::IssuerPath),
        ];
        let differs = found.into_iter().filter(|(differs, _)| *differs);
        differs.map(|(_, classic)| classic).collect()
    }
}

/// Audiences that are not ours; of the right type, or they would be called malformed.
fn audience(aud: Option<&Value>) -> Classic {
    let all: Vec<&str> = match aud {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        one => one.and_then(Value::as_str).into_iter().collect(),
    };
    if !all.is_empty() && all.iter().all(|aud| *aud == "account") {
        Classic::AudienceAccount
    } else {
        Classic::AudienceMissing
    }
}

/// A lightweight token has `azp`, and nothing of what tells who the caller is and may do.
pub(crate) fn looks_lightweight(has: impl Fn(&str) -> bool) -> bool {
    const LEFT_OUT: [&str; 5] = [
        "realm_access",
        "sub",
        "aud",
        "resource_access",
        "preferred_username",
    ];
    !LEFT_OUT.iter().any(|claim| has(claim)) && has("azp")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::clock::Timestamp;

    const ISSUER: &str = "https://kc.example/realms/demo";

    #[track_caller]
    fn check_claims(claims_: Value, error: ClaimError, expected: Option<Classic>) {
        let Value::Object(map) = claims_ else {
            panic!("claims are an object")
        };
        assert_eq!(claims(&map, error, &[ISSUER.to_owned()]), expected);
    }

    #[track_caller]
    fn check_issuer(announced: &str, expected: Option<Classic>) {
        assert_eq!(issuer(&[ISSUER.to_owned()], announced), expected);
    }

    #[test]
    fn tells_the_issuers_apart() {
        check_issuer(ISSUER, None);
        check_issuer("http://kc.example/realms/demo", Some(Classic::IssuerScheme));
        check_issuer(
            "https://keycloak:8443/realms/demo",
            Some(Classic::IssuerHost),
        );
        check_issuer(
            "https://kc.example:8443/realms/demo",
            Some(Classic::IssuerHost),
        );
        check_issuer(
            "http://localhost:8080/realms/demo",
            Some(Classic::IssuerHost),
        );
        check_issuer(
            "https://kc.example/auth/realms/demo",
            Some(Classic::IssuerPath),
        );
        check_issuer("https://kc.example/realms/demo/", Some(Classic::IssuerPath));
        check_issuer(
            "https://kc.example/realms/other",
            Some(Classic::IssuerRealm),
        );
        check_issuer("accounts", Some(Classic::IssuerHost));
    }

    #[test]
    fn compares_with_the_nearest_accepted_issuer() {
        let accepted = [
            "https://public.example/realms/demo".to_owned(),
            "http://keycloak:8080/realms/demo".to_owned(),
        ];
        let announced = "http://keycloak:8080/auth/realms/demo";
        assert_eq!(issuer(&accepted, announced), Some(Classic::IssuerPath));
    }

    #[test]
    fn tells_the_audiences_apart() {
        let other = ClaimError::AudienceMismatch;
        let account = json!({"sub": "1", "aud": "account"});
        check_claims(account, other, Some(Classic::AudienceAccount));
        let account = json!({"sub": "1", "aud": ["account"]});
        check_claims(account, other, Some(Classic::AudienceAccount));
        let others = json!({"sub": "1", "aud": ["account", "other-api"]});
        check_claims(others, other, Some(Classic::AudienceMissing));
        let wrong = json!({"sub": "1", "aud": ["account", 7]});
        check_claims(wrong, ClaimError::Malformed("aud"), None);
        let none = json!({"sub": "1"});
        check_claims(
            none,
            ClaimError::Missing("aud"),
            Some(Classic::AudienceMissing),
        );
    }

    #[test]
    fn tells_a_lightweight_token_from_a_missing_scope() {
        let lightweight = json!({"iss": ISSUER, "azp": "web", "typ": "Bearer", "scope": "email"});
        let expected = Some(Classic::LightweightToken);
        check_claims(lightweight.clone(), ClaimError::Missing("aud"), expected);
        let missing = ClaimError::Missing("sub");
        check_claims(lightweight, missing, expected);
        let no_basic = json!({"azp": "web", "aud": "api", "realm_access": {"roles": ["user"]}});
        check_claims(no_basic, missing, Some(Classic::MissingBasicScope));
        let empty = json!({"azp": "web", "aud": "api", "sub": ""});
        check_claims(empty, ClaimError::Malformed("sub"), None);
    }

    #[test]
    fn only_a_time_in_the_future_is_a_wrong_clock() {
        let (now, at) = (Timestamp::from_secs(1), Timestamp::from_secs(100));
        let future = ClaimError::InTheFuture {
            claim: "iat",
            at,
            now,
        };
        check_claims(json!({"iat": 100}), future, Some(Classic::ClockSkew));
        check_claims(json!({"iat": "soon"}), ClaimError::Malformed("iat"), None);
        let expired = ClaimError::Expired {
            expired_at: now,
            now: at,
        };
        check_claims(json!({"exp": 1}), expired, None);
    }

    #[test]
    fn names_the_wrong_kind_of_token() {
        check_claims(
            json!({"typ": "ID"}),
            ClaimError::NotAnAccessToken,
            Some(Classic::WrongTokenType),
        );
    }

    #[track_caller]
    fn check_token(error: &TokenError, expected: Option<Classic>) {
        assert_eq!(token(error, &[ISSUER.to_owned()]), expected);
    }

    #[test]
    fn before_the_signature_only_the_form_tells_something() {
        check_token(&ClaimError::NotAnAccessToken.into(), None);
        check_token(&ClaimError::Missing("typ").into(), None);
        check_token(&TokenError::SignatureMismatch, None);
        check_token(&TokenError::TooLong, Some(Classic::TokenTooLong));
        let twice = JsonError::DuplicateMember;
        let expected = Some(Classic::DuplicateMember);
        check_token(&TokenError::HeaderJson(twice), expected);
        check_token(&ClaimError::Json(twice).into(), expected);
        let other = JsonError::NotAnObject;
        check_token(&TokenError::HeaderJson(other), None);
        check_token(&ClaimError::Json(other).into(), None);
    }

    #[test]
    fn refusals_before_the_claims_point_at_key_and_algorithm() {
        assert_eq!(fault(&Fault::UnknownKid), Some(Classic::UnknownKey));
        let algorithm = fault(&Fault::InvalidAlgorithm);
        assert_eq!(algorithm, Some(Classic::AlgorithmNotAllowed));
        let client = fault(&Fault::ClientCredentials {
            code: "invalid_client",
        });
        assert_eq!(client, Some(Classic::OwnClientRefused));
        assert_eq!(fault(&Fault::InvalidSignature), None);
        assert_eq!(fault(&Fault::MissingHeader), None);
    }
}
