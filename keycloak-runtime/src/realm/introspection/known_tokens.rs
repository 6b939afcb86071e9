//! What Keycloak said last of single tokens, so that a token that is sent again and again costs its
//! session nothing.
//!
//! Invariants: bounded; the key is the text that a good signature is over, and not the signature; that
//! a token was good is remembered only to tell it from those that are refused, and admits no caller;
//! a refusal is forgotten within half a minute, because a user who was disabled can be enabled again.

use std::time::Duration;

use quick_cache::sync::Cache;

use super::IntrospectionError;
use crate::base::clock::Timestamp;

/// Refusals of a token that are not remembered: a replica of Keycloak that has not heard of the token
/// yet costs its owner nothing. They draw from the bucket of the session, which has twice as many.
const FREE: u32 = 4;

/// How long the next one is remembered. Each further one counts for twice as long.
const FIRST: Duration = Duration::from_secs(1);

/// How long at most.
const LONGEST: Duration = Duration::from_secs(32);

/// How many tokens of each kind are remembered: a flood of one kind leaves the other alone.
const REMEMBERED: usize = 16 * 1024;

type Hash = [u8; 32];

#[derive(Debug)]
pub(super) struct KnownTokens {
    good: Cache<Hash, ()>,
    refused: Cache<Hash, Refusal>,
}

#[derive(Debug, Clone)]
struct Refusal {
    error: IntrospectionError,
    /// How many there were since it was good.
    count: u32,
    until: Timestamp,
}

impl KnownTokens {
    pub(super) fn new() -> Self {
        Self {
            good: Cache::new(REMEMBERED),
            refused: Cache::new(REMEMBERED),
        }
    }

    /// Whether `token` was good when it was asked about last.
    pub(super) fn was_good(&self, token: &Hash) -> bool {
        self.good.get(token).is_some()
    }

    /// # Errors
    /// `token` was refused a moment ago: for the same reason.
    pub(super) fn recent(&self, token: &Hash, now: Timestamp) -> Result<(), IntrospectionError> {
        match self.refused.get(token) {
            Some(refusal) if now < refusal.until => Err(refusal.error),
            _ => Ok(()),
        }
    }

    pub(super) fn good(&self, token: Hash) {
        self.refused.remove(&token);
        self.good.insert(token, ());
    }

    pub(super) fn refused(&self, token: Hash, error: IntrospectionError, now: Timestamp) {
        self.good.remove(&token);
        let last = self.refused.get(&token);
        let before = last.map_or(0, |refusal| refusal.count);
        let counts_for = match before.checked_sub(FREE) {
            None => Duration::ZERO,
            Some(more) => FIRST
                .saturating_mul(2_u32.saturating_pow(more))
                .min(LONGEST),
        };
        let refusal = Refusal {
            error,
            count: before.saturating_add(1),
            until: now.saturating_add(counts_for),
        };
        self.refused.insert(token, refusal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Hash = [7; 32];

    #[test]
    fn a_refusal_is_remembered_for_longer_each_time_and_never_for_long() {
        let tokens = KnownTokens::new();
        let mut now = Timestamp::from_secs(1_000);
        for _ in 0..FREE {
            tokens.refused(TOKEN, IntrospectionError::Inactive, now);
            assert!(tokens.recent(&TOKEN, now).is_ok());
        }
        for seconds in [1, 2, 4, 8, 16, 32, 32, 32] {
            assert!(tokens.recent(&TOKEN, now).is_ok());
            tokens.refused(TOKEN, IntrospectionError::Inactive, now);
            let last = now.saturating_add(Duration::from_millis(seconds * 1_000 - 1));
            let again = tokens.recent(&TOKEN, last);
            assert!(matches!(again, Err(IntrospectionError::Inactive)));
            now = now.saturating_add(Duration::from_secs(seconds));
        }
        assert!(tokens.recent(&[8; 32], now).is_ok());
    }

    #[test]
    fn the_last_word_counts() {
        let tokens = KnownTokens::new();
        let now = Timestamp::from_secs(1_000);
        assert!(!tokens.was_good(&TOKEN));
        tokens.good(TOKEN);
        assert!(tokens.was_good(&TOKEN));
        tokens.refused(TOKEN, IntrospectionError::Inactive, now);
        assert!(!tokens.was_good(&TOKEN));
        tokens.good(TOKEN);
        assert!(tokens.recent(&TOKEN, now).is_ok());
        // From the beginning again.
        tokens.refused(TOKEN, IntrospectionError::Inactive, now);
        assert!(tokens.recent(&TOKEN, now).is_ok());
    }
}
