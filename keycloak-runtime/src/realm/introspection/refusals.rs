//! Sessions whose tokens Keycloak, or we by its answers, refused, or about whose tokens it gave no
//! answer: a caller who sends genuine tokens that come to nothing again and again causes a few calls,
//! and then one a second.
//!
//! Invariants: only claims that a good signature vouches for become a key, so no caller spends the
//! calls of another; a session has one record at each client, however many tokens it has; a token that was
//! refused again and again draws nothing, and one that was good draws nothing from what refused ones
//! have left; nothing here admits a token.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use quick_cache::sync::Cache;

use super::{IntrospectionError, known_tokens::KnownTokens};
use crate::{
    base::clock::Timestamp,
    base::digest::sha256,
    base::fault::Fault,
    jose::jwt::{AskableToken, VerifiedToken},
    transport::bucket::Bucket,
};

/// Refusals in a row of one session that cost a call each, and calls in a row for it that brought no
/// answer. Calls that are under way when the first of them ends are made too.
const AT_ONCE: u32 = 8;

/// After which time its next one may.
const REFILL: Duration = Duration::from_secs(1);

/// How many sessions are remembered.
const REMEMBERED: usize = 16 * 1024;

type Hash = [u8; 32];

/// What is remembered, bounded.
#[derive(Debug)]
pub(super) struct Refusals {
    sessions: Cache<Hash, Arc<Mutex<Session>>>,
    tokens: KnownTokens,
}

/// What the tokens of one session came to.
#[derive(Debug)]
struct Session {
    refused: Bucket,
    erred: Bucket,
    /// The last error of Keycloak.
    fault: Fault,
}

/// A question that may be asked.
pub(super) struct Question {
    key: Hash,
    token: Hash,
    session: Option<Arc<Mutex<Session>>>,
    /// Whether it was drawn from the bucket of the refused.
    drawn: bool,
}

impl Refusals {
    pub(super) fn new() -> Self {
        Self {
            sessions: Cache::new(REMEMBERED),
            tokens: KnownTokens::new(),
        }
    }

    /// Leave to ask about `token`, whose signature was verified.
    ///
    /// # Errors
    /// It was refused a moment ago, or too many tokens of its session were, or Keycloak gave no
    /// answer about too many of them.
    pub(super) fn ask(
        &self,
        token: &AskableToken<'_>,
        now: Timestamp,
    ) -> Result<Question, IntrospectionError> {
        self.question(token, now, Bucket::draw)
    }

    /// The same before a call waits for its turn; takes nothing.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(super) fn look(
        &self,
        token: &AskableToken<'_>,
        now: Timestamp,
    ) -> Result<(), IntrospectionError> {
        self.question(token, now, Bucket::has_some).map(drop)
    }

    fn question(
        &self,
        token: &AskableToken<'_>,
        now: Timestamp,
        draw: impl FnOnce(&mut Bucket, Timestamp) -> bool,
    ) -> Result<Question, IntrospectionError> {
        let key = token.session();
        let token = sha256(token.signed());
        self.tokens.recent(&token, now)?;
        let session = self.sessions.get(&key);
        let mut drawn = false;
        if let Some(session) = &session {
            let mut session = lock(session);
            if !session.erred.has_some(now) {
                return Err(IntrospectionError::Paused(session.fault.clone()));
            }
            if !self.tokens.was_good(&token) {
                if !draw(&mut session.refused, now) {
                    return Err(IntrospectionError::RefusedTooOften);
                }
                drawn = true;
            }
        }
        Ok(Question {
            key,
            token,
            session,
            drawn,
        })
    }

    /// What came of it.
    pub(super) fn answered(
        &self,
        question: Question,
        answer: &Result<VerifiedToken, IntrospectionError>,
        now: Timestamp,
    ) {
        let Question {
            key,
            token,
            session,
            drawn,
        } = question;
        match answer {
            Ok(_) => {
                self.tokens.good(token);
                if let Some(session) = session {
                    let mut session = lock(&session);
                    session.erred.fill();
                    session.put_back(drawn);
                }
            }
            Err(error) if error.before_any_call() => {
                if let Some(session) = session {
                    lock(&session).put_back(drawn);
                }
            }
            Err(error) => {
                let session = session.unwrap_or_else(|| self.first(&key, now, error));
                let mut session = lock(&session);
                if let Some(error) = error.of_token() {
                    session.erred.fill();
                    if !drawn {
                        // Where nothing is left it is the last one that is refused.
                        let _ = session.refused.draw(now);
                    }
                    self.tokens.refused(token, error, now);
                } else {
                    let _ = session.erred.draw(now);
                    session.fault = error.fault();
                    session.put_back(drawn);
                }
            }
        }
    }

    /// A new record of the session, unless another call came first.
    fn first(&self, key: &Hash, now: Timestamp, error: &IntrospectionError) -> Arc<Mutex<Session>> {
        let first = || {
            Ok::<_, Infallible>(Arc::new(Mutex::new(Session {
                refused: Bucket::new(AT_ONCE, REFILL, now),
                erred: Bucket::new(AT_ONCE, REFILL, now),
                fault: error.fault(),
            })))
        };
        let Ok(session) = self.sessions.get_or_insert_with(key, first);
        session
    }
}

impl Session {
    fn put_back(&mut self, drawn: bool) {
        if drawn {
            self.refused.put_back();
        }
    }
}

fn lock(session: &Mutex<Session>) -> MutexGuard<'_, Session> {
    session.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k"}"#);
        let payload = json!({ "typ": "Bearer", "exp": 2_000, "sid": session, "jti": number });
        let payload = BASE64_URL_SAFE_NO_PAD.encode(payload.to_string());
        let compact = format!("{header}.{payload}.AAAA");
        let unverified = UnverifiedToken::parse(&compact, &[Algorithm::RS256]).unwrap();
        unverified.askable(&policy(), NOW).unwrap().to_owned()
    }

    fn checked(changes: &Value) -> Result<VerifiedToken, IntrospectionError> {
        let mut claims = json!({
            "iss": "https://kc/realms/demo", "sub": "1", "typ": "Bearer", "exp": 2_000,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims = crate::base::json::Object::parse(claims.to_string().as_bytes()).unwrap();
        Ok(validate::claims(claims, &policy(), NOW)?)
    }

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    type Answer = Result<VerifiedToken, IntrospectionError>;

    fn inactive() -> Answer {
        Err(IntrospectionError::Inactive)
    }

    /// Whether it was asked about `token`, which is then answered as given.
    fn ask(
        refusals: &Refusals,
        token: &AskableToken<'_>,
        now: Timestamp,
        answer: &Answer,
    ) -> Result<(), IntrospectionError> {
        let looked = refusals.look(token, now);
        let question = refusals.ask(token, now)?;
        assert!(looked.is_ok());
        refusals.answered(question, answer, now);
        Ok(())
    }

    /// How many of `questions` were asked, each answered as given.
    fn asked(
        questions: impl Iterator<Item = AskableToken<'static>>,
        answer: impl Fn() -> Answer,
    ) -> usize {
        let refusals = Refusals::new();
        questions
            .filter(|token| ask(&refusals, token, NOW, &answer()).is_ok())
            .count()
    }

    #[test]
    fn whatever_comes_to_nothing_costs_the_session_and_nothing_else_does() {
        let of_one = || (0..100).map(|number| token("one", number));
        let for_nothing: [fn() -> Answer; 5] = [
            inactive,
            || Err(IntrospectionError::OtherToken("sub")),
            || checked(&json!({ "iss": "https://kc/realms/another" })),
            || Err(IntrospectionError::Status(500)),
            || Err(IntrospectionError::NotAnAnswer),
        ];
        for answer in for_nothing {
            assert_eq!(asked(of_one(), answer), 8);
        }
        let fine: [fn() -> Answer; 2] = [
            || checked(&json!({})),
            || Err(IntrospectionError::NoEndpoint),
        ];
        for answer in fine {
            assert_eq!(asked(of_one(), answer), 100);
        }
        let of_many = (0..100).map(|number| token(&number.to_string(), 0));
        assert_eq!(asked(of_many, inactive), 100);
    }

    #[test]
    fn a_refused_token_that_is_sent_again_costs_the_others_nothing() {
        let refusals = Refusals::new();
        let mut asked = 0;
        let mut good = 0;
        for tenth in 0..600 {
            let now = NOW.saturating_add(Duration::from_millis(100 * tenth));
            for _ in 0..5 {
                asked += usize::from(ask(&refusals, &token("one", 0), now, &inactive()).is_ok());
            }
            let number = usize::try_from(tenth).unwrap() + 1;
            let other = token("one", number);
            good += usize::from(ask(&refusals, &other, now, &checked(&json!({}))).is_ok());
        }
        assert_eq!(good, 600);
        assert_eq!(asked, 5 + 5, "after 1, 2, 4, 8, 16 and not yet 32 s more");
    }

    #[test]
    fn a_token_that_was_good_needs_nothing_of_what_refused_ones_left() {
        let refusals = Refusals::new();
        let good = token("one", 1_000);
        assert!(ask(&refusals, &good, NOW, &checked(&json!({}))).is_ok());
        for number in 0..100 {
            let _ = ask(&refusals, &token("one", number), NOW, &inactive());
        }
        let unseen = ask(&refusals, &token("one", 1_001), NOW, &checked(&json!({})));
        assert!(matches!(unseen, Err(IntrospectionError::RefusedTooOften)));
        assert!(ask(&refusals, &good, NOW, &checked(&json!({}))).is_ok());
        // Once it is refused it is one of them.
        assert!(ask(&refusals, &good, NOW, &inactive()).is_ok());
        let again = ask(&refusals, &good, NOW, &checked(&json!({})));
        assert!(matches!(again, Err(IntrospectionError::RefusedTooOften)));
    }

    #[test]
    fn no_answer_costs_a_good_token_too_and_the_first_answer_ends_that() {
        let refusals = Refusals::new();
        let good = token("one", 1_000);
        assert!(ask(&refusals, &good, NOW, &checked(&json!({}))).is_ok());
        let err = || Err(IntrospectionError::ClientRefused { code: "a_code" });
        let asked = (0..100)
            .filter(|_| ask(&refusals, &good, NOW, &err()).is_ok())
            .count();
        assert_eq!(asked, 8);
        let Err(IntrospectionError::Paused(fault)) = ask(&refusals, &good, NOW, &err()) else {
            panic!("another error");
        };
        assert_eq!(fault, Fault::ClientCredentials { code: "a_code" });
        let later = NOW.saturating_add(REFILL);
        for number in 0..20 {
            let other = token("one", number);
            assert!(ask(&refusals, &other, later, &checked(&json!({}))).is_ok());
        }
    }

    #[test]
    fn the_same_token_is_told_the_same_again_and_another_of_its_session_is_not() {
        let refusals = Refusals::new();
        let expired = || checked(&json!({ "exp": 1 }));
        for _ in 0..5 {
            assert!(ask(&refusals, &token("one", 0), NOW, &expired()).is_ok());
        }
        let told = ask(&refusals, &token("one", 0), NOW, &expired());
        let Err(IntrospectionError::Claims(told)) = told else {
            panic!("another error");
        };
        assert!(matches!(told.error(), ClaimError::Expired { .. }));
        assert!(told.claims().is_none(), "nothing of the answer is kept");
        assert!(refusals.look(&token("one", 1), NOW).is_ok());
        assert!(refusals.look(&token("other", 0), NOW).is_ok());
    }
}
