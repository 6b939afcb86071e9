//! A key set (RFC 7517 section 5) and the choice of a key from it.
//!
//! Invariants: bounded in keys; one bad key never drops the set; a token gets the one key that has
//! its `kid` and fits its `alg`, or none; the same key written twice is one. Keys are never tried
//! one after the other.

use std::collections::{HashMap, HashSet};

use super::{
    error::{JwkSetError, KeyFault},
    key::{KeyFingerprint, VerificationKey},
};
use crate::{
    base::json::{Object, View},
    jose::algorithm::Algorithm,
    telemetry::emit,
};

/// More keys than any realm has, even with years of passive ones.
pub(crate) const MAX_KEYS: usize = 128;

/// The realm's keys, parsed.
#[derive(Debug)]
pub(crate) struct KeySet {
    by_kid: HashMap<String, Vec<VerificationKey>>,
    fingerprints: HashSet<KeyFingerprint>,
    skipped: usize,
}

impl KeySet {
    /// Reads a JWKS document.
    ///
    /// Symmetric, encryption, unknown, weak and malformed keys are skipped and counted.
    ///
    /// # Errors
    /// [`JwkSetError`] where the document is not a key set, is too large, or has no usable key.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, JwkSetError> {
        let document = Object::parse_nulling_bad_elements(body)?;
        let keys = document
            .get("keys")
            .and_then(View::items)
            .ok_or(JwkSetError::NoKeysMember)?;
        let count = keys.clone().count();
        if count > MAX_KEYS {
            return Err(JwkSetError::TooManyKeys {
                count,
                limit: MAX_KEYS,
            });
        }
        let mut set = Self {
            by_kid: HashMap::new(),
            fingerprints: HashSet::new(),
            skipped: 0,
        };
        for jwk in keys {
            match VerificationKey::from_jwk(&jwk.to_value()) {
                Ok(keys) => set.insert(keys),
                Err(reason) => {
                    set.skipped = set.skipped.saturating_add(1);
                    emit!(
                        DEBUG, "keycloak::jwks", KEY_SKIPPED,
                        %reason,
                        "skipped a key of the realm's key set"
                    );
                }
            }
        }
        if set.by_kid.is_empty() {
            return Err(JwkSetError::NoUsableKey);
        }
        Ok(set)
    }

    fn insert(&mut self, keys: Vec<VerificationKey>) {
        for key in keys {
            self.fingerprints.insert(key.fingerprint());
            let named = self.by_kid.entry(key.kid().to_owned()).or_default();
            // Of one `kid`, algorithm and material: nothing to choose between.
            if named
                .iter()
                .all(|one| one.fingerprint() != key.fingerprint())
            {
                named.push(key);
            }
        }
    }

    /// The one key for a token's `kid` and `alg`.
    ///
    /// # Errors
    /// [`KeyFault`]: no usable key of that name, none that fits, or more than one that does.
    pub(crate) fn key(
        &self,
        kid: &str,
        algorithm: Algorithm,
    ) -> Result<&VerificationKey, KeyFault> {
        let named = self.by_kid.get(kid).ok_or(KeyFault::Unknown)?;
        let mut fitting = named.iter().filter(|key| key.algorithm() == algorithm);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(KeyFault::Ambiguous),
            (None, _) => Err(KeyFault::WrongAlgorithm),
        }
    }

    /// Whether a key of exactly this material and algorithm is still in the set.
    pub(crate) fn has(&self, fingerprint: KeyFingerprint) -> bool {
        self.fingerprints.contains(&fingerprint)
    }

    /// How many keys can verify tokens of one of these algorithms.
    pub(crate) fn usable_for(&self, algorithms: &[Algorithm]) -> usize {
        let keys = self.by_kid.values().flatten();
        keys.filter(|key| algorithms.contains(&key.algorithm()))
            .count()
    }

    /// How many key ids have a usable key.
    pub(crate) fn len(&self) -> usize {
        self.by_kid.len()
    }

    /// How many keys of the document were not usable; an `enc` key is one in every Keycloak realm.
    pub(crate) fn skipped(&self) -> usize {
        self.skipped
    }
}
