//! Verified tokens, so that a token seen again costs a lookup and not a signature.
//!
//! Invariants: an entry is made only from a token that was verified in full; the whole token is
//! compared on every hit; an entry serves between `nbf` and `exp` only, and five minutes at most;
//! it goes when its key leaves the set; one of a bound token serves with a proof only; the sum of the entries' weights is bounded, and a
//! weight is what the allocator takes for the entry (`tests/allocations` counts it). Nothing here is
//! ever held across an await.
//!
//! Each `Keycloak` has its own cache and its settings never change, so a change of the issuers or
//! audiences is a new, empty cache.
//!
//! The store is `quick_cache`: its admission keeps what was used twice when a flood of tokens that
//! are used once goes through. `tests/benches/token_cache.rs` compares it with others.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use quick_cache::{
    DefaultHashBuilder, Equivalent, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};

use crate::{
    base::clock::Timestamp,
    caller::{User, heap_block},
    credentials::{Credentials, Proof},
    jose::jwk::{KeyFingerprint, KeySet},
};

/// The longest that an entry serves, whatever its token's `exp`.
pub(crate) const MAX_LIFE: Duration = Duration::from_mins(5);

/// Threads read the clock before they come here, so `now` may be a little older than an entry;
/// older by more than this, the clock was set back and the entry's age cannot be told.
const CLOCK_DISORDER: Duration = Duration::from_secs(1);

/// A shard holds at least this much, or it would refuse the largest tokens.
const MIN_SHARD_BYTES: usize = 1024 * 1024;

/// What an entry takes beside token and user: its slot in the store, with room for the growth of
/// the store's tables.
const ENTRY_OVERHEAD: usize = 384;

/// The cache of one `Keycloak`.
pub(crate) struct TokenCache {
    /// `None` where the settings switched it off.
    store: Option<Cache<Token, Entry, ByMemory>>,
    /// Counts the changes of the key set.
    epoch: AtomicU64,
}

/// The state of the key set when a verification began; see [`TokenCache::epoch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

/// What of a verified token decides how long it may be remembered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Validity {
    /// The key that verified the signature; `None` where introspection vouched for the token.
    pub(crate) key: Option<KeyFingerprint>,
    /// `exp`, without leeway: past it the full check decides.
    pub(crate) expires_at: Timestamp,
    /// `nbf`, without leeway.
    pub(crate) not_before: Option<Timestamp>,
}

/// A caller, and the whole token that was accepted for them.
#[derive(Clone)]
pub(crate) struct Accepted {
    pub(crate) user: User,
    pub(crate) token: Arc<str>,
}

impl Accepted {
    /// Whether whoever comes with `proof` may use the token: a bound one is good for nothing without.
    fn is_proven_by(&self, proof: Option<Proof>) -> bool {
        match proof {
            None => !self.user.is_bound(),
            Some(proof) => match proof {},
        }
    }
}

#[derive(Clone)]
struct Entry {
    accepted: Accepted,
    key: Option<KeyFingerprint>,
    inserted_at: Timestamp,
    /// The earlier of `exp` and the end of [`MAX_LIFE`].
    until: Timestamp,
    not_before: Option<Timestamp>,
}

impl Entry {
    fn serves_at(&self, now: Timestamp) -> bool {
        now < self.until
            && self.not_before.is_none_or(|from| from <= now)
            && self.inserted_at <= now.saturating_add(CLOCK_DISORDER)
    }
}

/// A whole token as key; the text is shared with its entry.
struct Token(Arc<str>);

/// The key of a lookup, borrowed: the bytes of a token, or those that a request sent in its place.
struct Lookup<'a>(&'a [u8]);

impl Hash for Token {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Lookup(self.0.as_bytes()).hash(state);
    }
}

impl Hash for Lookup<'_> {
    /// Hashes the end of the token, which is the end of its signature: as good as random, and
    /// only the realm can choose it for a token that gets in here. Equality looks at all of
    /// the token, so a hit never rests on the hash.
    fn hash<H: Hasher>(&self, state: &mut H) {
        const TAIL: usize = 32;
        let tail = self
            .0
            .last_chunk::<TAIL>()
            .map_or(self.0, <[u8; TAIL]>::as_slice);
        state.write(tail);
    }
}

impl Equivalent<Token> for Lookup<'_> {
    fn equivalent(&self, key: &Token) -> bool {
        *self.0 == *key.0.as_bytes()
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Token {}

#[derive(Clone)]
struct ByMemory;

impl Weighter<Token, Entry> for ByMemory {
    fn weight(&self, token: &Token, entry: &Entry) -> u64 {
        weight(&token.0, &entry.accepted.user)
    }
}

/// Memory of an entry in bytes. For common tokens less than three times their length and 512.
fn weight(token: &str, user: &User) -> u64 {
    let bytes = heap_block(token.len())
        .saturating_add(user.memory())
        .saturating_add(ENTRY_OVERHEAD);
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

impl TokenCache {
    /// A cache bounded to about `bytes`; with 0 nothing is ever remembered.
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            store: (bytes > 0).then(|| store(bytes)).flatten(),
            epoch: AtomicU64::new(0),
        }
    }

    /// The caller of the credentials' token, if it was verified before, is still good at `now`, and
    /// these credentials prove that it is theirs.
    pub(crate) fn get(&self, credentials: &Credentials<'_>, now: Timestamp) -> Option<Accepted> {
        let store = self.store.as_ref()?;
        let lookup = Lookup(credentials.token.bytes());
        let entry = store.get(&lookup)?;
        if entry.serves_at(now) {
            return Some(entry.accepted).filter(|own| own.is_proven_by(credentials.proof));
        }
        store.remove_if(&lookup, |entry| !entry.serves_at(now));
        None
    }

    /// To be taken *before* the key for a verification is looked up, and given to
    /// [`insert`](Self::insert) after it: what was verified with a key that has left the set in the
    /// meantime must not get in.
    pub(crate) fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::SeqCst))
    }

    /// Remembers a token that has just been verified in full.
    pub(crate) fn insert(
        &self,
        accepted: &Accepted,
        validity: Validity,
        epoch: Epoch,
        now: Timestamp,
    ) {
        let Some(store) = &self.store else {
            return;
        };
        let token = &accepted.token;
        let entry = Entry {
            accepted: accepted.clone(),
            key: validity.key,
            inserted_at: now,
            until: validity.expires_at.min(now.saturating_add(MAX_LIFE)),
            not_before: validity.not_before,
        };
        // A token in its last moments of leeway is not worth remembering.
        if !entry.serves_at(now) || epoch != self.epoch() {
            return;
        }
        store.insert(Token(Arc::clone(token)), entry);
        // The set may have changed since the comparison above, and the sweep may have passed.
        if epoch != self.epoch() {
            store.remove(&Lookup(token.as_bytes()));
        }
    }

    /// Drops what was verified with a key that is not in the set any more.
    pub(crate) fn retain_keys(&self, keys: &KeySet) {
        self.sweep(|entry| entry.key.is_none_or(|key| keys.has(key)));
    }

    /// The one way out before time: by key now, by session or subject when revocation comes.
    fn sweep(&self, keep: impl Fn(&Entry) -> bool) {
        // First the epoch, then the sweep: an insertion that the sweep misses sees the new epoch.
        self.epoch.fetch_add(1, Ordering::SeqCst);
        if let Some(store) = &self.store {
            store.retain(|_, entry| keep(entry));
        }
    }

    /// How many tokens are remembered.
    pub(crate) fn len(&self) -> usize {
        self.store.as_ref().map_or(0, Cache::len)
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

fn store(bytes: usize) -> Option<Cache<Token, Entry, ByMemory>> {
    let parallelism = std::thread::available_parallelism().map_or(4, std::num::NonZero::get);
    let shards = bytes
        .checked_div(MIN_SHARD_BYTES)
        .unwrap_or(1)
        .clamp(1, parallelism.saturating_mul(4));
    let options = OptionsBuilder::new()
        .shards(shards)
        // A Keycloak token has 1 to 2 KiB.
        .estimated_items_capacity(bytes.checked_div(4096).unwrap_or(0).max(64))
        .weight_capacity(u64::try_from(bytes).unwrap_or(u64::MAX))
        .build()
        .ok()?;
    Some(Cache::with_options(
        options,
        ByMemory,
        DefaultHashBuilder::default(),
        DefaultLifecycle::default(),
    ))
}

#[cfg(test)]
mod tests;
