//! The one door to Keycloak: each caller gives a reason, and gets a [`Permit`] or none.
//!
//! Invariants: [`HttpClient`](crate::transport::http_client::HttpClient) makes no call without a permit, and
//! only this door makes permits; each permit has a deadline; where a client of ours is the reason,
//! the permit was drawn from a bucket, so that strangers cannot multiply calls to Keycloak; an
//! endpoint that errs for several sessions in a row is left alone for a moment (`src/transport/pause.rs`),
//! whatever the buckets hold.
//!
//! | reason | paced by |
//! |---|---|
//! | start-up, schedule | the back-off of the background refresh |
//! | a token with an unknown `kid` | 2 at once, then one per `refetch_refill` |
//! | introspection of a token whose signature was verified here | 8 refused ones of the same session and client, then one a second; as many calls without an answer (`src/realm/introspection/refusals.rs`) |
//! | introspection of a token whose signature was not verified here | 64 answers other than "active" at once, then 10 a second |
//! | refresh of a token that names a session of which Keycloak answered one to us | 8 calls of the session that brought no tokens, then one per 10 s; the one that was answered last has 8 of its own, then one a second (`src/realm/tokens/sessions.rs`) |
//! | refresh of any other token | 32 answers without tokens at once, then 2 a second; one bucket for texts that look like a refresh token of our client, one for all others |
//! | discovery on demand | 2 at once, then one a second |
//! | a health route | 2 at once, then one per 5 s |
//! | an operator's diagnosis | one at a time |

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    base::{
        clock::{Clock, Timestamp},
        fault::Fault,
    },
    settings::Settings,
    telemetry::emit,
    transport::{
        bucket::Bucket,
        http_client::MAX_FETCH,
        pause::{Passed, Pause},
        refresher::Streak,
    },
};

/// We ourselves want to know; paced by the code that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ours {
    /// There are no keys, or no metadata, yet.
    StartUp,
    /// They are to be renewed, or an attempt failed.
    Scheduled,
    /// The operator asks for a diagnosis.
    Diagnosis,
}

/// A request of a client is the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theirs {
    /// A token names a key that we do not know.
    UnknownKey,
    /// The application wants the metadata.
    Discovery,
    /// A health check.
    Health,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Ours(Ours),
    Theirs(Theirs),
    Post(Post),
}

/// A form that we post as our client because of a token that a client sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Post {
    /// About a token whose signature was verified here: it draws from its session's own bucket.
    VerifiedToken,
    /// About a token that could not be verified here.
    UnverifiedToken,
    /// A refresh token that names a session that we know: it draws from the session's own bucket.
    KnownRefresh,
    /// A refresh token of our realm and client, if it is genuine.
    Refresh,
    /// A refresh token that may be anything.
    OpaqueRefresh,
}

/// How a post ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Keycloak accepted the token: what was drawn does not count.
    Accepted,
    /// Keycloak answered, and did not accept it.
    Refused,
    /// Keycloak gave no answer that can be used, to a call for this session.
    Erred { session: [u8; 32], fault: Fault },
    /// It did not: why is the token's matter, and says nothing of the endpoint.
    Failed,
    /// The endpoint was not called: what was drawn does not count.
    NotCalled,
}

/// Why a post is not made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shut {
    Exhausted,
    /// The endpoint errs; what went wrong last.
    Paused(Fault),
}

/// Who is the same stranger as all others.
pub(crate) const STRANGERS: [u8; 32] = [0; 32];

/// Leave to call Keycloak for one purpose, and how long that may take.
#[derive(Debug)]
#[must_use = "what was drawn from a bucket should be used"]
pub(crate) struct Permit {
    reason: Reason,
    within: Duration,
    /// For a post.
    passed: Option<Passed>,
}

impl Permit {
    /// How long one call may take in total.
    pub(crate) fn within(&self) -> Duration {
        self.within
    }
}

/// The bucket for this reason is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted;

/// The door of one `Keycloak`.
pub(crate) struct Outbound {
    clock: Arc<dyn Clock>,
    /// Connecting and reading together.
    total: Duration,
    keys: Mutex<Bucket>,
    introspection: Mutex<Bucket>,
    refresh: Mutex<Bucket>,
    opaque_refresh: Mutex<Bucket>,
    discovery: Mutex<Bucket>,
    health: Mutex<Bucket>,
    introspection_endpoint: Endpoint,
    token_endpoint: Endpoint,
}

/// An endpoint that we post to.
struct Endpoint {
    name: &'static str,
    pause: Mutex<Pause>,
    streak: Streak,
}

impl Outbound {
    pub(crate) fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Self {
        let http = &settings.http;
        let bucket = |capacity, interval| {
            Mutex::new(Bucket::new(capacity, interval, Timestamp::monotonic()))
        };
        let keys = Bucket::new(2, settings.cache.refetch_refill, Timestamp::now(&*clock));
        Self {
            clock,
            total: http.connect_timeout.saturating_add(http.read_timeout),
            keys: Mutex::new(keys),
            introspection: bucket(64, Duration::from_millis(100)),
            refresh: bucket(32, Duration::from_millis(500)),
            opaque_refresh: bucket(32, Duration::from_millis(500)),
            discovery: bucket(2, Duration::from_secs(1)),
            health: bucket(2, Duration::from_secs(5)),
            introspection_endpoint: Endpoint::new("introspection"),
            token_endpoint: Endpoint::new("token"),
        }
    }

    /// For ourselves.
    pub(crate) fn ours(&self, reason: Ours) -> Permit {
        self.permit(Reason::Ours(reason))
    }

    /// Because of a client.
    ///
    /// # Errors
    /// There were too many of this kind.
    pub(crate) fn theirs(&self, reason: Theirs) -> Result<Permit, Exhausted> {
        let mut bucket = self.bucket(reason);
        // With the lock held, so that no time goes back.
        if bucket.draw(self.now(reason)) {
            Ok(self.permit(Reason::Theirs(reason)))
        } else {
            Err(Exhausted)
        }
    }

    /// For a post; [`ended`](Self::ended) is to be told what came of it.
    ///
    /// # Errors
    /// There were too many of this kind, or the endpoint errs.
    pub(crate) fn post(&self, post: Post) -> Result<Permit, Shut> {
        let now = Timestamp::monotonic();
        let endpoint = self.endpoint(post);
        endpoint.lock().look(now).map_err(Shut::Paused)?;
        if let Some(bucket) = self.bucket_of(post)
            && !lock(bucket).draw(now)
        {
            return Err(Shut::Exhausted);
        }
        match endpoint.lock().pass(now) {
            Ok(passed) => Ok(Permit {
                passed: Some(passed),
                ..self.permit(Reason::Post(post))
            }),
            Err(fault) => {
                // Another came first.
                self.put_back(post);
                Err(Shut::Paused(fault))
            }
        }
    }

    /// The same before a call waits for its turn; takes nothing.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub(crate) fn look(&self, post: Post) -> Result<(), Shut> {
        let now = Timestamp::monotonic();
        let endpoint = self.endpoint(post);
        endpoint.lock().look(now).map_err(Shut::Paused)?;
        match self.bucket_of(post) {
            Some(bucket) if !lock(bucket).has_some(now) => Err(Shut::Exhausted),
            _ => Ok(()),
        }
    }

    /// What came of a post.
    pub(crate) fn ended(&self, permit: &Permit, how: &Ended) {
        let (Reason::Post(post), Some(passed)) = (permit.reason, permit.passed) else {
            return;
        };
        if matches!(how, Ended::Accepted | Ended::NotCalled) {
            self.put_back(post);
        }
        let endpoint = self.endpoint(post);
        match how {
            Ended::Accepted | Ended::Refused => {
                if endpoint.lock().answered() {
                    endpoint.streak.succeeded();
                }
            }
            Ended::NotCalled | Ended::Failed => endpoint.lock().not_called(passed),
            Ended::Erred { session, fault } => {
                let begins = endpoint.lock().erred(passed, *session, fault);
                if begins {
                    emit!(
                        WARN if endpoint.streak.failed(), else DEBUG, "keycloak::outbound", ENDPOINT_PAUSED,
                        endpoint = endpoint.name,
                        code = fault.code(),
                        "Keycloak errs at this endpoint: it is asked again in a moment, once at a time"
                    );
                }
            }
        }
    }

    fn put_back(&self, post: Post) {
        if let Some(bucket) = self.bucket_of(post) {
            lock(bucket).put_back();
        }
    }

    fn endpoint(&self, post: Post) -> &Endpoint {
        match post {
            Post::VerifiedToken | Post::UnverifiedToken => &self.introspection_endpoint,
            Post::KnownRefresh | Post::Refresh | Post::OpaqueRefresh => &self.token_endpoint,
        }
    }

    /// The bucket of all tokens of this kind together.
    fn bucket_of(&self, post: Post) -> Option<&Mutex<Bucket>> {
        match post {
            Post::VerifiedToken | Post::KnownRefresh => None,
            Post::UnverifiedToken => Some(&self.introspection),
            Post::Refresh => Some(&self.refresh),
            Post::OpaqueRefresh => Some(&self.opaque_refresh),
        }
    }

    /// How long a post to Keycloak may take, waiting for its turn included.
    pub(crate) fn deadline(&self) -> Duration {
        self.total
    }

    fn permit(&self, reason: Reason) -> Permit {
        let within = match reason {
            // Requests wait for these, whatever the settings say.
            Reason::Ours(Ours::StartUp | Ours::Scheduled)
            | Reason::Theirs(Theirs::UnknownKey | Theirs::Discovery) => self.total.min(MAX_FETCH),
            Reason::Ours(Ours::Diagnosis) | Reason::Theirs(Theirs::Health) | Reason::Post(_) => {
                self.total
            }
        };
        Permit {
            reason,
            within,
            passed: None,
        }
    }

    fn now(&self, reason: Theirs) -> Timestamp {
        match reason {
            // By the clock of the keys' lives.
            Theirs::UnknownKey => Timestamp::now(&*self.clock),
            Theirs::Discovery | Theirs::Health => Timestamp::monotonic(),
        }
    }

    fn bucket(&self, reason: Theirs) -> MutexGuard<'_, Bucket> {
        lock(match reason {
            Theirs::UnknownKey => &self.keys,
            Theirs::Discovery => &self.discovery,
            Theirs::Health => &self.health,
        })
    }
}

impl Endpoint {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            pause: Mutex::default(),
            streak: Streak::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pause> {
        lock(&self.pause)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").finish_non_exhaustive()
    }
}
