//! Which classic a refusal looks like: pure functions over what is already known.
//!
//! Invariant: the verdict on a token was made before; nothing here can change it. Claims are read
//! only after the signature was verified, and no value of theirs leaves this module.

use serde_json::{Map, Value};
use url::Url;

use super::hints::Classic;
use crate::{Fault, User, base64url, json::Object, user::Container};

/// `token` was refused with `fault`. Its payload is read only where the fault lies in the claims,
/// which are not looked at before the signature was verified.
pub(crate) fn token(token: &str, fault: &Fault, issuers: &[String]) -> Option<Classic> {
    if !matches!(fault, Fault::InvalidClaims(_) | Fault::MissingClaim(_)) {
        return self::fault(fault);
    }
    let payload = base64url::decode(token.split('.').nth(1)?).ok()?;
    let members = Object::parse(&payload).ok()?.to_map();
    claims(&members, fault, issuers)
}

/// A token whose signature is good was refused for its claims.
fn claims(claims: &Map<String, Value>, fault: &Fault, issuers: &[String]) -> Option<Classic> {
    let (Fault::InvalidClaims(claim) | Fault::MissingClaim(claim)) = fault else {
        return None;
    };
    match *claim {
        "iss" => issuer(issuers, claims.get("iss")?.as_str()?),
        "aud" | "sub" if looks_lightweight(|claim| claims.contains_key(claim)) => {
            Some(Classic::LightweightToken)
        }
        "aud" => audience(claims.get("aud")),
        "sub" => claims
            .get("sub")
            .is_none()
            .then_some(Classic::MissingBasicScope),
        "typ" => claims.get("typ")?.as_str().map(|_| Classic::WrongTokenType),
        // A time in the future; one of the wrong type is a broken issuer, not a wrong clock.
        time @ ("iat" | "nbf") => claims.get(time)?.is_number().then_some(Classic::ClockSkew),
        _ => None,
    }
}

/// What a fault looks like whoever sent whatever token.
pub(crate) fn fault(fault: &Fault) -> Option<Classic> {
    if *fault == Fault::UnknownKid {
        Some(Classic::UnknownKey)
    } else if *fault == Fault::InvalidAlgorithm {
        Some(Classic::AlgorithmNotAllowed)
    } else if matches!(fault, Fault::ClientCredentials(_)) {
        Some(Classic::OwnClientRefused)
    } else {
        None
    }
}

/// A verified caller was not admitted (403).
pub(crate) fn policy(user: &User, fault: &Fault) -> Option<Classic> {
    let groups = *fault == Fault::MissingGroups;
    let has = |claim: &str| user.lookup(claim).is_some();
    if groups && user.has_bare_groups() {
        Some(Classic::NameOnlyGroups)
    } else if (groups || *fault == Fault::MissingRoles)
        && matches!(user.realm_access(), Container::Absent)
        && looks_lightweight(has)
    {
        Some(Classic::LightweightToken)
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

fn audience(aud: Option<&Value>) -> Option<Classic> {
    let Some(aud) = aud else {
        return Some(Classic::AudienceMissing);
    };
    let all: Vec<&str> = match aud.as_array() {
        Some(all) => all.iter().map(Value::as_str).collect::<Option<_>>()?,
        None => vec![aud.as_str()?],
    };
    let only_account = !all.is_empty() && all.iter().all(|aud| *aud == "account");
    Some(if only_account {
        Classic::AudienceAccount
    } else {
        Classic::AudienceMissing
    })
}

/// A lightweight token has `azp`, and nothing of what tells who the caller is and may do.
fn looks_lightweight(has: impl Fn(&str) -> bool) -> bool {
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

    const ISSUER: &str = "https://kc.example/realms/demo";

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "calls read better")]
    fn check_claims(claims_: Value, fault: Fault, expected: Option<Classic>) {
        let Value::Object(map) = claims_ else {
            panic!("claims are an object")
        };
        assert_eq!(claims(&map, &fault, &[ISSUER.to_owned()]), expected);
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
        let invalid = Fault::InvalidClaims("aud");
        let account = json!({"sub": "1", "aud": "account"});
        check_claims(account, invalid.clone(), Some(Classic::AudienceAccount));
        let account = json!({"sub": "1", "aud": ["account"]});
        check_claims(account, invalid.clone(), Some(Classic::AudienceAccount));
        let others = json!({"sub": "1", "aud": ["account", "other-api"]});
        check_claims(others, invalid.clone(), Some(Classic::AudienceMissing));
        let wrong = json!({"sub": "1", "aud": ["account", 7]});
        check_claims(wrong, invalid, None);
        let none = json!({"sub": "1"});
        check_claims(
            none,
            Fault::MissingClaim("aud"),
            Some(Classic::AudienceMissing),
        );
    }

    #[test]
    fn tells_a_lightweight_token_from_a_missing_scope() {
        let lightweight = json!({"iss": ISSUER, "azp": "web", "typ": "Bearer", "scope": "email"});
        let missing = Fault::MissingClaim("aud");
        check_claims(
            lightweight.clone(),
            missing,
            Some(Classic::LightweightToken),
        );
        let missing = Fault::MissingClaim("sub");
        check_claims(
            lightweight,
            missing.clone(),
            Some(Classic::LightweightToken),
        );
        let no_basic = json!({"azp": "web", "aud": "api", "realm_access": {"roles": ["user"]}});
        check_claims(no_basic, missing, Some(Classic::MissingBasicScope));
        let empty = json!({"azp": "web", "aud": "api", "sub": ""});
        check_claims(empty, Fault::InvalidClaims("sub"), None);
    }

    #[test]
    fn only_a_time_in_the_future_is_a_wrong_clock() {
        let invalid = Fault::InvalidClaims("iat");
        check_claims(
            json!({"iat": 4_000_000_000_u64}),
            invalid.clone(),
            Some(Classic::ClockSkew),
        );
        check_claims(json!({"iat": "soon"}), invalid, None);
        check_claims(json!({"exp": 1}), Fault::TokenExpired, None);
    }

    #[test]
    fn names_the_wrong_kind_of_token() {
        let id_token = json!({"typ": "ID"});
        check_claims(
            id_token,
            Fault::InvalidClaims("typ"),
            Some(Classic::WrongTokenType),
        );
    }

    #[test]
    fn reads_the_payload_of_a_verified_token_and_of_no_other() {
        // {"iss":"http://kc.example/realms/demo"}
        let token = "e30.eyJpc3MiOiJodHRwOi8va2MuZXhhbXBsZS9yZWFsbXMvZGVtbyJ9.c2ln";
        let issuers = [ISSUER.to_owned()];
        let refused = |fault| super::token(token, &fault, &issuers);
        let expected = Some(Classic::IssuerScheme);
        assert_eq!(refused(Fault::InvalidClaims("iss")), expected);
        assert_eq!(refused(Fault::InvalidSignature), None);
        assert_eq!(refused(Fault::UnknownKid), Some(Classic::UnknownKey));
    }

    #[test]
    fn refusals_before_the_claims_point_at_key_and_algorithm() {
        assert_eq!(fault(&Fault::UnknownKid), Some(Classic::UnknownKey));
        let algorithm = fault(&Fault::InvalidAlgorithm);
        assert_eq!(algorithm, Some(Classic::AlgorithmNotAllowed));
        let client = fault(&Fault::ClientCredentials("invalid_client"));
        assert_eq!(client, Some(Classic::OwnClientRefused));
        assert_eq!(fault(&Fault::InvalidSignature), None);
        assert_eq!(fault(&Fault::MissingHeader), None);
    }

    #[test]
    fn bare_group_names_explain_a_missing_group_and_nothing_else() {
        // The builder of users writes paths, as a mapper with full path does.
        let user = |group: &str| {
            let user = crate::testing::user("ann");
            user.claim("groups", [group]).build()
        };
        let groups = Fault::MissingGroups;
        let bare = user("ops");
        assert_eq!(policy(&bare, &groups), Some(Classic::NameOnlyGroups));
        assert_eq!(policy(&bare, &Fault::MissingRoles), None);
        assert_eq!(policy(&user("/ops"), &groups), None);
    }
}
