//! Sessions whose tokens Keycloak, or we by its answers, refused: a caller who sends genuine tokens
//! that are refused again and again causes a few calls, and then one a second.
//!
//! Invariants: only claims that a good signature vouches for become a key, so no caller spends the
//! calls of another; a session has one bucket at each client, however many tokens it has; nothing
//! here admits a token.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use quick_cache::sync::Cache;

use super::IntrospectionError;
use crate::{
    base::clock::Timestamp,
    base::digest::sha256,
    jose::jwt::{AskableToken, VerifiedToken},
    transport::bucket::Bucket,
};

/// Refusals in a row of one session that cost a call each. Calls that are under way when the first
/// of them is answered are made too.
const REFUSALS: u32 = 8;

/// After which time its next one may.
const REFILL: Duration = Duration::from_secs(1);

/// How many sessions are remembered.
const REMEMBERED: usize = 16 * 1024;

type Hash = [u8; 32];

/// What is remembered, bounded.
#[derive(Debug)]
pub(super) struct Refusals(Cache<Hash, Arc<Mutex<Refused>>>);

/// The refusals of one session.
#[derive(Debug)]
struct Refused {
    bucket: Bucket,
    /// The token that was refused last, and why.
    token: Hash,
    error: IntrospectionError,
}

/// A question that may be asked.
pub(super) struct Question {
    session: Hash,
    token: Hash,
    /// What it was drawn from.
    refused: Option<Arc<Mutex<Refused>>>,
}

impl Refusals {
    pub(super) fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }

    /// Leave to ask about `token`, whose signature was verified.
    ///
    /// # Errors
    /// Too many tokens of its session were refused in the last moments: the same error again for the
    /// token that was refused last.
    pub(super) fn ask(&self, token: &AskableToken<'_>) -> Result<Question, IntrospectionError> {
        let question = Question {
            session: token.session(),
            token: sha256(token.signed()),
            refused: self.0.get(&token.session()),
        };
        if let Some(refused) = &question.refused {
            let mut refused = lock(refused);
            if !refused.bucket.draw(Timestamp::monotonic()) {
                return Err(refused.again(&question.token));
            }
        }
        Ok(question)
    }

    /// The same before a call waits for its turn; takes nothing.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(super) fn look(&self, token: &AskableToken<'_>) -> Result<(), IntrospectionError> {
        let Some(refused) = self.0.get(&token.session()) else {
            return Ok(());
        };
        let mut refused = lock(&refused);
        if refused.bucket.has_some(Timestamp::monotonic()) {
            Ok(())
        } else {
            Err(refused.again(&sha256(token.signed())))
        }
    }

    /// What came of it.
    pub(super) fn answered(
        &self,
        question: Question,
        answer: &Result<VerifiedToken, IntrospectionError>,
    ) {
        let Question {
            session,
            token,
            refused,
        } = question;
        let error = answer.as_ref().err().and_then(IntrospectionError::of_token);
        match (error, refused) {
            (Some(error), Some(refused)) => {
                let mut refused = lock(&refused);
                refused.token = token;
                refused.error = error;
            }
            (Some(error), None) => {
                let now = Timestamp::monotonic();
                let first = || {
                    Ok::<_, Infallible>(Arc::new(Mutex::new(Refused {
                        bucket: Bucket::new(REFUSALS, REFILL, now),
                        token,
                        error,
                    })))
                };
                let Ok(refused) = self.0.get_or_insert_with(&session, first);
                // This one counts; another may have come first.
                let _ = lock(&refused).bucket.draw(now);
            }
            (None, Some(refused)) => lock(&refused).bucket.put_back(),
            (None, None) => {}
        }
    }
}

impl Refused {
    /// The answer that needs no other call.
    fn again(&self, token: &Hash) -> IntrospectionError {
        if self.token == *token {
            self.error.clone()
        } else {
            IntrospectionError::RefusedTooOften
        }
    }
}

fn lock(refused: &Mutex<Refused>) -> MutexGuard<'_, Refused> {
    refused.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        base::restriction::Restriction,
        jose::{
            algorithm::Algorithm,
            jwt::{ClaimError, UnverifiedToken, ValidationPolicy, validate},
        },
    };

    fn policy() -> ValidationPolicy {
        ValidationPolicy {
            issuers: vec!["https://kc/realms/demo".to_owned()],
            audiences: Restriction::Any,
            authorized_parties: Restriction::Any,
            algorithms: vec![Algorithm::RS256],
            leeway: Duration::from_secs(10),
        }
    }

    fn token(session: &str, number: usize) -> AskableToken<'static> {
        let now = Timestamp::from_secs(1_000);
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k"}"#);
        let payload = json!({ "typ": "Bearer", "exp": 2_000, "sid": session, "jti": number });
        let payload = BASE64_URL_SAFE_NO_PAD.encode(payload.to_string());
        let compact = format!("{header}.{payload}.AAAA");
        let unverified = UnverifiedToken::parse(&compact, &[Algorithm::RS256]).unwrap();
        unverified.askable(&policy(), now).unwrap().to_owned()
    }

    fn checked(changes: &Value) -> Result<VerifiedToken, IntrospectionError> {
        let mut claims = json!({
            "iss": "https://kc/realms/demo", "sub": "1", "typ": "Bearer", "exp": 2_000,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims = crate::base::json::Object::parse(claims.to_string().as_bytes()).unwrap();
        Ok(validate::claims(
            claims,
            &policy(),
            Timestamp::from_secs(1_000),
        )?)
    }

    /// How many of `questions` were asked, each answered as given.
    fn asked(
        questions: impl Iterator<Item = AskableToken<'static>>,
        answer: impl Fn() -> Result<VerifiedToken, IntrospectionError>,
    ) -> usize {
        let refusals = Refusals::new();
        let began = Instant::now();
        let ask = |token| {
            let looked = refusals.look(&token);
            let question = refusals.ask(&token).ok()?;
            assert!(looked.is_ok());
            refusals.answered(question, &answer());
            Some(())
        };
        let asked = questions.filter_map(ask).count();
        // The calls that the bucket has regained meanwhile.
        asked.saturating_sub(usize::try_from(began.elapsed().as_secs()).unwrap())
    }

    #[test]
    fn every_refusal_of_a_session_costs_and_nothing_else_does() {
        let of_one = || (0..100).map(|number| token("one", number));
        let refused: [fn() -> Result<VerifiedToken, IntrospectionError>; 3] = [
            || Err(IntrospectionError::Inactive),
            || Err(IntrospectionError::OtherToken("sub")),
            || checked(&json!({ "iss": "https://kc/realms/another" })),
        ];
        for answer in refused {
            assert!(asked(of_one(), answer) <= 8);
        }
        let fine: [fn() -> Result<VerifiedToken, IntrospectionError>; 3] = [
            || checked(&json!({})),
            || Err(IntrospectionError::Status(500)),
            || Err(IntrospectionError::NotAnAnswer),
        ];
        for answer in fine {
            assert_eq!(asked(of_one(), answer), 100);
        }
        let of_many = (0..100).map(|number| token(&number.to_string(), 0));
        assert_eq!(asked(of_many, || Err(IntrospectionError::Inactive)), 100);
    }

    #[test]
    fn the_same_token_is_told_the_same_again_and_another_of_its_session_is_not() {
        let refusals = Refusals::new();
        let expired = || checked(&json!({ "exp": 1 }));
        let mut last = None;
        for _ in 0..20 {
            if let Ok(question) = refusals.ask(&token("one", 0)) {
                last = expired().err();
                refusals.answered(question, &expired());
            }
        }
        assert!(matches!(last, Some(IntrospectionError::Claims(_))));
        // One more may have come into the bucket; then it is drawn here.
        let told = || {
            refusals
                .ask(&token("one", 0))
                .err()
                .or(refusals.ask(&token("one", 0)).err())
        };
        let Some(IntrospectionError::Claims(told)) = told() else {
            panic!("another error");
        };
        assert!(matches!(told.error(), ClaimError::Expired { .. }));
        assert!(told.claims().is_none(), "nothing of the answer is kept");
        assert!(refusals.look(&token("one", 0)).is_err());
        let another = (0..2).find_map(|_| refusals.ask(&token("one", 1)).err());
        assert!(matches!(another, Some(IntrospectionError::RefusedTooOften)));
        assert!(refusals.ask(&token("other", 0)).is_ok());
    }
}
