//! The introspection answer (RFC 7662 section 2.2).

use super::IntrospectionError;
use crate::{
    base::{
        clock::Timestamp,
        json::{Object, View},
    },
    jose::jwt::{AskableToken, ValidationPolicy, VerifiedToken, validate},
};

/// Whether the answer says that the token is active, whatever else it says.
pub(super) fn is_active(body: &[u8]) -> bool {
    let answer = Object::parse(body);
    answer.is_ok_and(|answer| answer.get("active").and_then(View::as_bool) == Some(true))
}

/// What an answer of status 200 says about `token`.
///
/// # Errors
/// It is not an answer, the token is not active, its claims do not meet `policy` at `now`, or they are
/// those of another token.
pub(super) fn read(
    body: &[u8],
    token: &AskableToken<'_>,
    policy: &ValidationPolicy,
    now: Timestamp,
) -> Result<VerifiedToken, IntrospectionError> {
    let answer = Object::parse(body).map_err(|_| IntrospectionError::NotAnAnswer)?;
    let active = answer
        .get("active")
        .ok_or(IntrospectionError::NotAnAnswer)?;
    // Section 2.2: a boolean, required. Every other value is not a yes.
    if active.as_bool() != Some(true) {
        return Err(IntrospectionError::Inactive);
    }
    if let Some(name) = token.disagreement(&answer) {
        return Err(IntrospectionError::OtherToken(name));
    }
    Ok(validate::claims(answer, policy, now)?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        base::restriction::{NonEmpty, Restriction},
        jose::{
            algorithm::Algorithm,
            jwt::{ClaimError, UnverifiedToken},
        },
    };

    /// The token of the answers: subject `1`.
    fn read(
        body: &[u8],
        policy: &ValidationPolicy,
        now: Timestamp,
    ) -> Result<VerifiedToken, IntrospectionError> {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k"}"#);
        let payload = URL_SAFE_NO_PAD.encode(r#"{"typ":"Bearer","exp":2000,"sub":"1"}"#);
        let token = format!("{header}.{payload}.AAAA");
        let token = UnverifiedToken::parse(&token, &[Algorithm::RS256]).unwrap();
        super::read(body, &token.askable(policy, now).unwrap(), policy, now)
    }

    fn check(change: impl FnOnce(&mut Value)) -> Result<(), IntrospectionError> {
        let mut answer = json!({
            "active": true, "iss": "https://kc/realms/demo", "aud": "api", "sub": "1",
            "typ": "Bearer", "exp": 2_000, "token_type": "Bearer", "client_id": "web",
        });
        change(&mut answer);
        let policy = ValidationPolicy {
            issuers: vec!["https://kc/realms/demo".to_owned()],
            audiences: Restriction::These(NonEmpty::one("api".to_owned())),
            authorized_parties: Restriction::Any,
            algorithms: vec![Algorithm::RS256],
            leeway: Duration::from_secs(10),
        };
        let now = Timestamp::from_secs(1_000);
        read(answer.to_string().as_bytes(), &policy, now).map(drop)
    }

    #[test]
    fn only_the_boolean_true_is_a_yes() {
        assert!(check(|_| ()).is_ok());
        for no in [
            json!(false),
            json!("true"),
            json!(1),
            json!(null),
            json!([true]),
        ] {
            let refused = check(|answer| answer["active"] = no.clone());
            assert!(matches!(refused, Err(IntrospectionError::Inactive)), "{no}");
        }
    }

    #[test]
    fn claims_are_checked_as_those_of_a_token() {
        for (claim, value, expected) in [
            (
                "iss",
                json!("https://evil/realms/demo"),
                ClaimError::IssuerMismatch,
            ),
            ("aud", json!(["account"]), ClaimError::AudienceMismatch),
            ("typ", json!("Refresh"), ClaimError::NotAnAccessToken),
            ("cnf", json!({"jkt": "x"}), ClaimError::SenderConstrained),
        ] {
            match check(|answer| answer[claim] = value) {
                Err(IntrospectionError::Claims(found)) => assert_eq!(found.error(), expected),
                other => panic!("{claim}: {other:?}"),
            }
        }
        match check(|answer| answer["exp"] = json!(900)) {
            Err(IntrospectionError::Claims(refused)) => {
                assert!(matches!(refused.error(), ClaimError::Expired { .. }));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer_about_another_token_is_no_verdict_on_this_one() {
        assert!(matches!(
            check(|answer| answer["sub"] = json!("2")),
            Err(IntrospectionError::OtherToken("sub"))
        ));
        // The answer may say more than this token does.
        assert!(check(|answer| answer["sid"] = json!("s")).is_ok());
    }

    #[test]
    fn what_is_no_answer_is_nobodys_fault_but_keycloaks() {
        let policy = ValidationPolicy {
            issuers: vec![],
            audiences: Restriction::Any,
            authorized_parties: Restriction::Any,
            algorithms: vec![],
            leeway: Duration::ZERO,
        };
        for body in ["", "[]", "{}", "<html>", r#"{"active":true,"active":true}"#] {
            let read = read(body.as_bytes(), &policy, Timestamp::from_secs(0));
            assert!(
                matches!(read, Err(IntrospectionError::NotAnAnswer)),
                "{body}"
            );
        }
    }
}
