//! Sessions that Keycloak answered a refresh token of to us, and what each may still cost.
//!
//! Only Keycloak can verify its refresh tokens, so we do not know whether one that names a session is
//! of it. So the calls of a session are counted apart from those of all strangers together,
//! and the token that was answered last has its call in any case: whoever only knows a session's
//! name cannot keep its owner from going on.

use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use quick_cache::sync::Cache;

use super::{RefreshError, TokenResponse, candidate};
use crate::{base::clock::Timestamp, base::digest::sha256, transport::bucket::Bucket};

/// Calls in a row for one session that bring no tokens.
const AT_ONCE: u32 = 8;

/// After which time its next one may.
const REFILL: Duration = Duration::from_secs(10);

/// The same of the token that was answered last: only its owner has it.
const REFILL_OF_LATEST: Duration = Duration::from_secs(1);

/// How many sessions are remembered.
const REMEMBERED: usize = 16 * 1024;

type Hash = [u8; 32];

/// What is remembered, bounded.
pub(super) struct Sessions(Cache<Hash, Known>);

/// A session that is remembered.
#[derive(Clone)]
pub(super) struct Known(Arc<Mutex<Session>>);

struct Session {
    name: Hash,
    /// Of all its tokens but the latest.
    bucket: Bucket,
    of_latest: Bucket,
    /// The refresh token that Keycloak answered last, until it was refused.
    latest: Option<Hash>,
}

/// Leave for one call.
pub(super) struct Leave {
    session: Known,
    name: Hash,
    token: Hash,
    drawn: Drawn,
}

/// From which bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drawn {
    OfAll,
    OfLatest,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }

    /// The session that `token` names, if it is remembered.
    pub(super) fn find(&self, token: &str) -> Option<Known> {
        self.0.get(&name(token))
    }

    /// Keycloak answered `token` to us.
    pub(super) fn remember(&self, token: &str) {
        let name = name(token);
        let now = Timestamp::monotonic();
        let begin = || {
            Ok::<_, Infallible>(Known(Arc::new(Mutex::new(Session {
                name,
                bucket: Bucket::new(AT_ONCE, REFILL, now),
                of_latest: Bucket::new(AT_ONCE, REFILL_OF_LATEST, now),
                latest: None,
            }))))
        };
        let Ok(session) = self.0.get_or_insert_with(&name, begin);
        session.lock().latest = Some(sha256(token));
    }
}

impl Known {
    /// Leave to ask about `token`, which names this session.
    ///
    /// # Errors
    /// Too many calls for it brought no tokens.
    pub(super) fn ask(&self, token: &str, now: Timestamp) -> Result<Leave, RefreshError> {
        let token = sha256(token);
        let mut session = self.lock();
        let drawn = session.drawn_by(&token);
        if !session.bucket(drawn).draw(now) {
            return Err(RefreshError::Exhausted);
        }
        let name = session.name;
        drop(session);
        Ok(Leave {
            session: self.clone(),
            name,
            token,
            drawn,
        })
    }

    /// The same before a call waits for its turn; takes nothing.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(super) fn look(&self, token: &str, now: Timestamp) -> Result<(), RefreshError> {
        let mut session = self.lock();
        let drawn = session.drawn_by(&sha256(token));
        if session.bucket(drawn).has_some(now) {
            Ok(())
        } else {
            Err(RefreshError::Exhausted)
        }
    }

    fn lock(&self) -> MutexGuard<'_, Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn drawn_by(&self, token: &Hash) -> Drawn {
        if self.latest == Some(*token) {
            Drawn::OfLatest
        } else {
            Drawn::OfAll
        }
    }

    fn bucket(&mut self, drawn: Drawn) -> &mut Bucket {
        match drawn {
            Drawn::OfAll => &mut self.bucket,
            Drawn::OfLatest => &mut self.of_latest,
        }
    }
}

impl Leave {
    /// The hash of the session.
    pub(super) fn session(&self) -> Hash {
        self.name
    }

    /// What came of it: everything counts but tokens, and a call that was not made. What Keycloak
    /// errs at, or answers with a word that nobody knows, may be a forgery as well.
    pub(super) fn answered(self, answer: &Result<TokenResponse, RefreshError>, now: Timestamp) {
        let mut session = self.session.lock();
        match answer {
            Ok(_) => session.bucket(self.drawn).put_back(),
            Err(error) if error.before_any_call() => session.bucket(self.drawn).put_back(),
            Err(error) if error.is_of_token() && session.latest == Some(self.token) => {
                session.latest = None;
                if self.drawn == Drawn::OfLatest {
                    // It is one of the others from now on. Where nothing is left, it is the last one.
                    let _ = session.bucket.draw(now);
                }
            }
            Err(_) => {}
        }
    }
}

/// The hash of the session that `token` names, or else of the token.
fn name(token: &str) -> Hash {
    let claims = candidate::claims(token);
    match claims.as_ref().and_then(candidate::session) {
        Some(session) => sha256(&format!("sid {session}")),
        None => sha256(token),
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{base::fault::Fault, transport::http_client::HttpError};

    fn token(session: &str, number: usize) -> String {
        use base64::Engine as _;
        let payload = json!({ "sid": session, "jti": number }).to_string();
        let payload = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(payload);
        format!("e30.{payload}.c2ln")
    }

    fn tokens() -> TokenResponse {
        serde_json::from_value(json!({ "access_token": "a", "token_type": "Bearer" })).unwrap()
    }

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    type Answer = Result<TokenResponse, RefreshError>;

    /// How many of `tokens` are asked about at `now`, each answered as given.
    fn asked(
        session: &Known,
        tokens: impl Iterator<Item = String>,
        now: Timestamp,
        answer: impl Fn() -> Answer,
    ) -> usize {
        tokens
            .filter_map(|token| {
                let looked = session.look(&token, now);
                let leave = session.ask(&token, now).ok()?;
                assert!(looked.is_ok());
                leave.answered(&answer(), now);
                Some(())
            })
            .count()
    }

    fn of_one() -> impl Iterator<Item = String> {
        (0..100).map(|number| token("one", number))
    }

    /// Sessions, and the one whose latest token is that of `number`.
    fn with_latest(number: usize) -> (Sessions, Known) {
        let sessions = Sessions::new();
        sessions.remember(&token("one", number));
        let session = sessions.find(&token("one", 1)).unwrap();
        (sessions, session)
    }

    const WITHOUT_TOKENS: [fn() -> Answer; 7] = [
        || Err(RefreshError::InvalidGrant),
        || {
            Err(RefreshError::Refused {
                code: "invalid_scope",
            })
        },
        || Err(RefreshError::Unknown("broke off")),
        || Err(RefreshError::Status(503)),
        || Err(RefreshError::Status(400)),
        || {
            Err(RefreshError::ClientRefused {
                code: "invalid_client",
            })
        },
        || Err(RefreshError::Http(HttpError::TooLarge)),
    ];

    #[test]
    fn every_call_without_tokens_costs_its_session() {
        for answer in WITHOUT_TOKENS {
            let (_sessions, session) = with_latest(1_000);
            assert_eq!(asked(&session, of_one(), NOW, answer), 8);
            let later = NOW.saturating_add(REFILL);
            assert_eq!(asked(&session, of_one(), later, answer), 1);
        }
        let fine: [fn() -> Answer; 3] = [
            || Ok(tokens()),
            || Err(RefreshError::NoEndpoint),
            || Err(RefreshError::Paused(Fault::ProviderConfig)),
        ];
        for answer in fine {
            let (_sessions, session) = with_latest(1_000);
            assert_eq!(asked(&session, of_one(), NOW, answer), 100);
        }
    }

    #[test]
    fn the_latest_one_that_is_refused_is_one_of_the_others() {
        let (_sessions, session) = with_latest(0);
        let refused = || Err(RefreshError::InvalidGrant);
        assert_eq!(asked(&session, of_one(), NOW, refused), 8);
        assert!(session.ask(&token("one", 0), NOW).is_err());
        assert!(session.look(&token("one", 0), NOW).is_err());
    }

    #[test]
    fn the_latest_one_has_few_calls_too_while_keycloak_errs_and_is_soon_asked_about_after() {
        let (_sessions, session) = with_latest(0);
        let latest = || std::iter::repeat_with(|| token("one", 0)).take(100);
        let err = || Err(RefreshError::Status(500));
        assert_eq!(asked(&session, latest(), NOW, err), 8);
        let later = NOW.saturating_add(REFILL_OF_LATEST);
        assert_eq!(asked(&session, latest(), later, || Ok(tokens())), 100);
    }

    #[test]
    fn whoever_knows_a_session_does_not_keep_its_owner_from_going_on() {
        for answer in WITHOUT_TOKENS {
            let (sessions, session) = with_latest(1_000);
            let _ = asked(&session, of_one(), NOW, answer);
            for number in 1_000..1_010 {
                assert!(session.look(&token("one", number), NOW).is_ok());
                let leave = session.ask(&token("one", number), NOW);
                leave.expect("the latest one").answered(&Ok(tokens()), NOW);
                sessions.remember(&token("one", number + 1));
            }
        }
    }

    #[test]
    fn what_names_no_session_is_one_of_its_own() {
        let (sessions, _) = with_latest(0);
        assert!(sessions.find(&token("other", 0)).is_none());
        sessions.remember("opaque");
        assert!(sessions.find("opaque").is_some());
        assert!(sessions.find("another").is_none());
    }
}
