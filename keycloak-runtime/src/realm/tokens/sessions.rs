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

/// Refusals in a row of one session that cost a call each.
const REFUSALS: u32 = 8;

/// After which time its next one may.
const REFILL: Duration = Duration::from_secs(10);

/// How many sessions are remembered.
const REMEMBERED: usize = 16 * 1024;

type Hash = [u8; 32];

/// What is remembered, bounded.
pub(super) struct Sessions(Cache<Hash, Known>);

/// A session that is remembered.
#[derive(Clone)]
pub(super) struct Known(Arc<Mutex<Session>>);

struct Session {
    bucket: Bucket,
    /// The refresh token that Keycloak answered last, until it was refused.
    latest: Option<Hash>,
}

/// Leave for one call.
pub(super) struct Leave {
    session: Known,
    token: Hash,
    drawn: bool,
}

/// Too many refresh tokens of the session were refused in the last moments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused;

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
        let begin = || {
            Ok::<_, Infallible>(Known(Arc::new(Mutex::new(Session {
                bucket: Bucket::new(REFUSALS, REFILL, Timestamp::monotonic()),
                latest: None,
            }))))
        };
        let Ok(session) = self.0.get_or_insert_with(&name(token), begin);
        session.lock().latest = Some(sha256(token));
    }
}

impl Known {
    /// Leave to ask about `token`, which names this session.
    ///
    /// # Errors
    /// Too many of its tokens were refused.
    pub(super) fn ask(&self, token: &str) -> Result<Leave, Refused> {
        let token = sha256(token);
        let mut session = self.lock();
        let drawn = session.latest != Some(token);
        if drawn && !session.bucket.draw(Timestamp::monotonic()) {
            return Err(Refused);
        }
        drop(session);
        Ok(Leave {
            session: self.clone(),
            token,
            drawn,
        })
    }

    /// The same before a call waits for its turn; takes nothing.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(super) fn look(&self, token: &str) -> Result<(), Refused> {
        let mut session = self.lock();
        let open = session.latest == Some(sha256(token))
            || session.bucket.has_some(Timestamp::monotonic());
        if open { Ok(()) } else { Err(Refused) }
    }

    fn lock(&self) -> MutexGuard<'_, Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave {
    /// What came of it: only what Keycloak refuses counts.
    pub(super) fn answered(self, answer: &Result<TokenResponse, RefreshError>) {
        let mut session = self.session.lock();
        match answer {
            Err(error) if error.is_of_token() => {
                if session.latest == Some(self.token) {
                    session.latest = None;
                }
                if !self.drawn {
                    // Where nothing is left it is the last one that comes for nothing.
                    let _ = session.bucket.draw(Timestamp::monotonic());
                }
            }
            Ok(_) | Err(_) => {
                if self.drawn {
                    session.bucket.put_back();
                }
            }
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
    use std::time::Instant;

    use serde_json::json;

    use super::*;

    fn token(session: &str, number: usize) -> String {
        use base64::Engine as _;
        let payload = json!({ "sid": session, "jti": number }).to_string();
        let payload = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(payload);
        format!("e30.{payload}.c2ln")
    }

    fn tokens() -> TokenResponse {
        serde_json::from_value(json!({ "access_token": "a", "token_type": "Bearer" })).unwrap()
    }

    /// How many of 100 tokens of a session are asked about, each answered as given.
    fn asked(session: &Known, answer: impl Fn() -> Result<TokenResponse, RefreshError>) -> usize {
        let began = Instant::now();
        let asked = (0..100)
            .filter_map(|number| session.ask(&token("one", number)).ok())
            .map(|leave| leave.answered(&answer()))
            .count();
        // The calls that the bucket has regained meanwhile.
        asked.saturating_sub(usize::try_from(began.elapsed().as_secs() / 10).unwrap())
    }

    #[test]
    fn every_refusal_of_a_session_costs_and_nothing_else_does() {
        let refused: [fn() -> Result<TokenResponse, RefreshError>; 2] = [
            || Err(RefreshError::InvalidGrant),
            || {
                Err(RefreshError::Refused {
                    code: "invalid_scope",
                })
            },
        ];
        for answer in refused {
            let sessions = Sessions::new();
            sessions.remember(&token("one", 0));
            let session = sessions.find(&token("one", 1)).unwrap();
            assert_eq!(asked(&session, answer), 8, "the latest one counts, too");
            assert!(session.ask(&token("one", 0)).is_err());
            assert!(session.look(&token("one", 0)).is_err());
        }
        let fine: [fn() -> Result<TokenResponse, RefreshError>; 3] = [
            || Ok(tokens()),
            || Err(RefreshError::Unknown("broke off")),
            || Err(RefreshError::Status(503)),
        ];
        for answer in fine {
            let sessions = Sessions::new();
            sessions.remember(&token("one", 0));
            let session = sessions.find(&token("one", 1)).unwrap();
            assert_eq!(asked(&session, answer), 100);
        }
    }

    #[test]
    fn whoever_knows_a_session_does_not_keep_its_owner_from_going_on() {
        let sessions = Sessions::new();
        sessions.remember(&token("one", 1_000));
        let session = sessions.find(&token("one", 1_000)).unwrap();
        let _ = asked(&session, || Err(RefreshError::InvalidGrant));
        for number in 1_000..1_010 {
            assert!(session.look(&token("one", number)).is_ok());
            let leave = session.ask(&token("one", number));
            leave.expect("the latest one").answered(&Ok(tokens()));
            sessions.remember(&token("one", number + 1));
        }
        assert!(sessions.find(&token("other", 0)).is_none());
        sessions.remember("opaque");
        assert!(sessions.find("opaque").is_some());
        assert!(sessions.find("another").is_none());
    }
}
