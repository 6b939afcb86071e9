//! The one door to Keycloak: each caller gives a reason, and gets a [`Permit`] or none.
//!
//! Invariants: [`HttpClient`](crate::transport::http_client::HttpClient) makes no call without a permit, and
//! only this door makes permits; each permit has a deadline; where a client of ours is the reason,
//! the permit was drawn from a bucket, so that strangers cannot multiply calls to Keycloak.
//!
//! | reason | paced by |
//! |---|---|
//! | start-up, schedule | the back-off of the background refresh |
//! | a token with an unknown `kid` | 2 at once, then one per `refetch_refill` |
//! | introspection of a token whose signature was verified here | 8 refused ones of the same session and client, then one a second (`src/realm/introspection/refusals.rs`) |
//! | introspection of a token whose signature was not verified here | 64 answers other than "active" at once, then 10 a second |
//! | refresh of a token that names a session of which Keycloak answered one to us | 8 refused ones of the session, then one per 10 s; the one that was answered last at once (`src/realm/tokens/sessions.rs`) |
//! | refresh of any other token | 32 answers without tokens at once, then 2 a second; one bucket for texts that look like a refresh token of our client, one for all others |
//! | discovery on demand | 2 at once, then one a second |
//! | a health route | 2 at once, then one per 5 s |
//! | an operator's diagnosis | one at a time |

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    base::clock::{Clock, Timestamp},
    settings::Settings,
    transport::{bucket::Bucket, http_client::MAX_FETCH},
};

/// We ourselves want to know; paced by the code that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ours {
    /// There are no keys, or no metadata, yet.
    StartUp,
    /// They are to be renewed, or an attempt failed.
    Scheduled,
    /// The signature of the token that Keycloak is asked about was verified here, or the refresh
    /// token names a session that we know: it was drawn from the session's own bucket.
    Proven,
    /// The operator asks for a diagnosis.
    Diagnosis,
}

/// A request of a client is the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theirs {
    /// A token names a key that we do not know.
    UnknownKey,
    /// A token that could not be verified here.
    Introspection,
    /// A refresh token of our realm and client, if it is genuine.
    Refresh,
    /// A refresh token that may be anything.
    OpaqueRefresh,
    /// The application wants the metadata.
    Discovery,
    /// A health check.
    Health,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Ours(Ours),
    Theirs(Theirs),
}

/// Leave to call Keycloak for one purpose, and how long that may take.
#[derive(Debug)]
#[must_use = "what was drawn from a bucket should be used"]
pub(crate) struct Permit {
    reason: Reason,
    within: Duration,
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

    /// Looks into the bucket before a call waits for its turn; takes nothing.
    ///
    /// # Errors
    /// There were too many of this kind.
    pub(crate) fn look(&self, reason: Theirs) -> Result<(), Exhausted> {
        let mut bucket = self.bucket(reason);
        if bucket.has_some(self.now(reason)) {
            Ok(())
        } else {
            Err(Exhausted)
        }
    }

    /// The client turned out to be honest, or nothing was called: what was drawn does not count.
    pub(crate) fn put_back(&self, permit: &Permit) {
        if let Reason::Theirs(
            reason @ (Theirs::Introspection | Theirs::Refresh | Theirs::OpaqueRefresh),
        ) = permit.reason
        {
            self.bucket(reason).put_back();
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
            Reason::Ours(Ours::Proven | Ours::Diagnosis)
            | Reason::Theirs(
                Theirs::Introspection | Theirs::Refresh | Theirs::OpaqueRefresh | Theirs::Health,
            ) => self.total,
        };
        Permit { reason, within }
    }

    fn now(&self, reason: Theirs) -> Timestamp {
        match reason {
            // By the clock of the keys' lives.
            Theirs::UnknownKey => Timestamp::now(&*self.clock),
            Theirs::Introspection
            | Theirs::Refresh
            | Theirs::OpaqueRefresh
            | Theirs::Discovery
            | Theirs::Health => Timestamp::monotonic(),
        }
    }

    fn bucket(&self, reason: Theirs) -> MutexGuard<'_, Bucket> {
        let bucket = match reason {
            Theirs::UnknownKey => &self.keys,
            Theirs::Introspection => &self.introspection,
            Theirs::Refresh => &self.refresh,
            Theirs::OpaqueRefresh => &self.opaque_refresh,
            Theirs::Discovery => &self.discovery,
            Theirs::Health => &self.health,
        };
        bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").finish_non_exhaustive()
    }
}
