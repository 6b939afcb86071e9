//! The realm's keys: made at start, published as JWK set (RFC 7517), rotated on demand.
//!
//! As in Keycloak, each signature algorithm has a key of its own, the set also has an RSA-OAEP key
//! for encryption, and refresh tokens are signed with a symmetric key that is not published.

mod key;

use std::{collections::BTreeMap, thread};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey, EncodingKey, crypto};
use serde_json::{Map, Value, json};

use self::key::{Key, encryption_key};
use super::ids;
use crate::jose::algorithm::Algorithm;

/// The cryptographic library failed: keys could not be made, or a token not be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the embedded realm's cryptography failed")]
#[non_exhaustive]
pub struct CryptoFailure;

/// What a token says about its key and form.
pub(crate) struct Header<'a> {
    pub(crate) algorithm: Algorithm,
    /// The header's `typ`.
    pub(crate) typ: &'a str,
}

/// All keys of a running realm.
pub(crate) struct KeyRing {
    /// Newest first; the first of an algorithm signs.
    keys: Vec<Key>,
    encryption: Value,
    refresh_kid: String,
    refresh_secret: [u8; 64],
}

impl KeyRing {
    /// Keys for `algorithms` and for encryption.
    pub(crate) fn generate(algorithms: &[Algorithm]) -> Result<Self, CryptoFailure> {
        // With another crypto feature of jsonwebtoken switched on elsewhere in the build, it would
        // panic unless told which to use; an application that chose before us keeps its choice.
        let _ = crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        // RSA keys take their time, so all are made side by side.
        let (keys, encryption) = thread::scope(|scope| {
            let encryption = scope.spawn(encryption_key);
            let keys: Vec<_> = algorithms
                .iter()
                .map(|&algorithm| scope.spawn(move || Key::generate(algorithm)))
                .collect();
            let keys: Vec<_> = keys.into_iter().map(joined).collect();
            (keys, joined(encryption))
        });
        Ok(Self {
            keys: keys.into_iter().collect::<Result<_, _>>()?,
            encryption: encryption?,
            refresh_kid: ids::random_uuid(),
            refresh_secret: ids::random(),
        })
    }

    /// A new key for each algorithm; the old ones stay published, and good for verifying.
    pub(crate) fn rotate(&mut self) -> Result<(), CryptoFailure> {
        for algorithm in self.algorithms() {
            self.add(algorithm)?;
        }
        Ok(())
    }

    /// Withdraws every key that no longer signs.
    pub(crate) fn remove_old(&mut self) {
        let mut seen = Vec::new();
        self.keys.retain(|key| {
            let newest = !seen.contains(&key.algorithm);
            seen.push(key.algorithm);
            newest
        });
    }

    /// Withdraws one key; if it was the one that signs, an older or a new one takes its place.
    pub(crate) fn remove(&mut self, kid: &str) -> Result<bool, CryptoFailure> {
        let Some(position) = self.keys.iter().position(|key| key.kid == kid) else {
            return Ok(false);
        };
        let removed = self.keys.remove(position).algorithm;
        if self.signing(removed).is_none() {
            self.add(removed)?;
        }
        Ok(true)
    }

    /// The key ids of each algorithm, the signing one first.
    pub(crate) fn ids(&self) -> BTreeMap<&'static str, Vec<String>> {
        let mut ids = BTreeMap::<_, Vec<_>>::new();
        for key in &self.keys {
            let of_algorithm = ids.entry(key.algorithm.name()).or_default();
            of_algorithm.push(key.kid.clone());
        }
        ids
    }

    pub(crate) fn signing_id(&self, algorithm: Algorithm) -> Option<&str> {
        self.signing(algorithm).map(|key| key.kid.as_str())
    }

    /// The JWK set: signature keys, then the encryption key.
    pub(crate) fn jwk_set(&self) -> Value {
        let keys: Vec<_> = self
            .keys
            .iter()
            .map(|key| &key.jwk)
            .chain([&self.encryption])
            .collect();
        json!({ "keys": keys })
    }

    pub(crate) fn sign(
        &mut self,
        header: &Header<'_>,
        claims: &Map<String, Value>,
    ) -> Result<String, CryptoFailure> {
        if self.signing(header.algorithm).is_none() {
            self.add(header.algorithm)?;
        }
        let key = self.signing(header.algorithm).ok_or(CryptoFailure)?;
        let json = json!({ "alg": key.algorithm.name(), "typ": header.typ, "kid": key.kid });
        let mut token = format!("{}.{}", part(&json), part(claims));
        let signature = key.sign(&token)?;
        token.push('.');
        token.push_str(&signature);
        Ok(token)
    }

    /// Signs a refresh token: HS512, with a key of the realm alone.
    pub(crate) fn sign_refresh(
        &self,
        claims: &Map<String, Value>,
    ) -> Result<String, CryptoFailure> {
        let json = json!({ "alg": "HS512", "typ": "JWT", "kid": self.refresh_kid });
        let mut token = format!("{}.{}", part(&json), part(claims));
        let key = EncodingKey::from_secret(&self.refresh_secret);
        let signature = crypto::sign(token.as_bytes(), &key, JwtAlgorithm::HS512);
        token.push('.');
        token.push_str(&signature.map_err(|_| CryptoFailure)?);
        Ok(token)
    }

    /// The claims of a token that one of the published keys signed; times are not looked at.
    pub(crate) fn verify(&self, token: &str) -> Option<Map<String, Value>> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let header = object(header)?;
        let kid = header.get("kid")?.as_str()?;
        let key = self.keys.iter().find(|key| key.kid == kid)?;
        if header.get("alg")?.as_str()? != key.algorithm.name() {
            return None;
        }
        let good = key.verify(message, signature);
        good.then(|| object(claims)).flatten()
    }

    /// The claims of a refresh token of this realm.
    pub(crate) fn verify_refresh(&self, token: &str) -> Option<Map<String, Value>> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let header = object(header)?;
        if header.get("alg")?.as_str()? != "HS512" {
            return None;
        }
        let key = DecodingKey::from_secret(&self.refresh_secret);
        let good = crypto::verify(signature, message.as_bytes(), &key, JwtAlgorithm::HS512);
        good.ok()?.then(|| object(claims)).flatten()
    }

    fn algorithms(&self) -> Vec<Algorithm> {
        let mut algorithms = Vec::new();
        for key in &self.keys {
            if !algorithms.contains(&key.algorithm) {
                algorithms.push(key.algorithm);
            }
        }
        algorithms
    }

    fn signing(&self, algorithm: Algorithm) -> Option<&Key> {
        self.keys.iter().find(|key| key.algorithm == algorithm)
    }

    fn add(&mut self, algorithm: Algorithm) -> Result<(), CryptoFailure> {
        self.keys.insert(0, Key::generate(algorithm)?);
        Ok(())
    }
}

impl From<aws_lc_rs::error::Unspecified> for CryptoFailure {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

fn joined<T>(
    thread: thread::ScopedJoinHandle<'_, Result<T, CryptoFailure>>,
) -> Result<T, CryptoFailure> {
    thread.join().unwrap_or(Err(CryptoFailure))
}

fn part(json: &impl serde::Serialize) -> String {
    // Maps with string keys always serialize.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(json).unwrap_or_default())
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests;
