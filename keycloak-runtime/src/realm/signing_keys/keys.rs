//! A fetched key set and how long it is good for.

use std::time::Duration;

use crate::{base::clock::Timestamp, jose::jwk::KeySet, settings::CacheSettings};

/// The part of the lifetime after which keys are refreshed in the background.
const REFRESH_AHEAD: f64 = 0.8;

/// The keys of one fetch.
#[derive(Debug)]
pub(crate) struct Keys {
    set: KeySet,
    fetched_at: Timestamp,
    refresh_at: Timestamp,
    expires_at: Timestamp,
    dead_at: Timestamp,
}

/// What may be done with keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// Use them.
    Fresh,
    /// Use them, and refresh them in the background.
    Aging,
    /// Use them only if new ones are not available.
    Stale,
    /// Do not use them.
    Dead,
}

impl Keys {
    /// `fetched_at` is when the fetch began.
    pub(super) fn new(set: KeySet, fetched_at: Timestamp, settings: &CacheSettings) -> Self {
        let CacheSettings {
            jwks_ttl,
            stale_keys,
            ..
        } = *settings;
        let ahead = jwks_ttl.mul_f64(REFRESH_AHEAD);
        Self {
            set,
            fetched_at,
            refresh_at: fetched_at.saturating_add(ahead),
            expires_at: fetched_at.saturating_add(jwks_ttl),
            dead_at: fetched_at.saturating_add(jwks_ttl.saturating_add(stale_keys)),
        }
    }

    /// The keys themselves.
    pub(crate) fn set(&self) -> &KeySet {
        &self.set
    }

    /// How long ago they were fetched.
    pub(crate) fn age(&self, now: Timestamp) -> Duration {
        now.saturating_since(self.fetched_at)
    }

    /// Whether they are good without a second thought; what the request path asks first.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        self.fetched_at <= now && now < self.refresh_at
    }

    pub(super) fn freshness(&self, now: Timestamp) -> Age {
        if self.is_fresh(now) {
            Age::Fresh
        } else if now < self.expires_at {
            // Also when the clock was set back: how old they are is then unknown.
            Age::Aging
        } else if now < self.dead_at {
            Age::Stale
        } else {
            Age::Dead
        }
    }
}
