//! One key, bound to one algorithm and kept parsed.

use std::fmt;

use aws_lc_rs::{digest, signature::ParsedPublicKey};
use serde_json::{Map, Value};

use super::{error::UnusableKey, material::Material};
use crate::jose::algorithm::Algorithm;

/// A longer `kid` is not accepted; Keycloak's have 43 characters.
pub(crate) const MAX_KID_BYTES: usize = 256;

/// Identifies key material and algorithm, whatever the key is called: SHA-256 over both.
///
/// A cached verification is good as long as a key of this fingerprint is in the set; a new key
/// under an old `kid` has another one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct KeyFingerprint([u8; 32]);

impl fmt::Debug for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyFingerprint")
    }
}

/// A public key that may verify tokens of one `kid` and one algorithm.
pub(crate) struct VerificationKey {
    kid: String,
    algorithm: Algorithm,
    parsed: ParsedPublicKey,
    fingerprint: KeyFingerprint,
}

impl VerificationKey {
    /// All keys of one JWK: one per algorithm it may be used with.
    pub(super) fn from_jwk(jwk: &Value) -> Result<Vec<Self>, UnusableKey> {
        let jwk = jwk.as_object().ok_or(UnusableKey::NotAnObject)?;
        let kid = jwk
            .get("kid")
            .and_then(Value::as_str)
            .filter(|kid| is_sane_kid(kid))
            .ok_or(UnusableKey::Kid)?;
        check_purpose(jwk)?;
        let material = Material::parse(jwk)?;
        algorithms(jwk, &material)?
            .iter()
            .map(|algorithm| Self::new(kid, *algorithm, &material))
            .collect()
    }

    fn new(kid: &str, algorithm: Algorithm, material: &Material) -> Result<Self, UnusableKey> {
        Ok(Self {
            kid: kid.to_owned(),
            algorithm,
            parsed: material.bind(algorithm)?,
            fingerprint: fingerprint(algorithm, material),
        })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn fingerprint(&self) -> KeyFingerprint {
        self.fingerprint
    }

    /// Whether `signature` is this key's over `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// A `kid` that can be looked up: neither empty nor absurdly long.
pub(crate) fn is_sane_kid(kid: &str) -> bool {
    (1..=MAX_KID_BYTES).contains(&kid.len())
}

/// RFC 7517 sections 4.2 and 4.3: `use` and `key_ops`, where present, must allow verifying.
fn check_purpose(jwk: &Map<String, Value>) -> Result<(), UnusableKey> {
    let use_fits = jwk
        .get("use")
        .is_none_or(|value| value.as_str() == Some("sig"));
    let operations_fit = jwk.get("key_ops").is_none_or(|value| {
        value.as_array().is_some_and(|operations| {
            operations.iter().all(Value::is_string)
                && operations
                    .iter()
                    .any(|operation| operation.as_str() == Some("verify"))
        })
    });
    if use_fits && operations_fit {
        Ok(())
    } else {
        Err(UnusableKey::Purpose)
    }
}

/// RFC 7517 section 4.4: an `alg` binds the key to that one algorithm.
fn algorithms(
    jwk: &Map<String, Value>,
    material: &Material,
) -> Result<&'static [Algorithm], UnusableKey> {
    let possible = material.algorithms();
    let Some(stated) = jwk.get("alg") else {
        return Ok(possible);
    };
    let stated: Algorithm = stated
        .as_str()
        .and_then(|name| name.parse().ok())
        .ok_or(UnusableKey::Algorithm)?;
    possible
        .iter()
        .position(|algorithm| *algorithm == stated)
        .and_then(|at| possible.get(at..=at))
        .ok_or(UnusableKey::Algorithm)
}

fn fingerprint(algorithm: Algorithm, material: &Material) -> KeyFingerprint {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(algorithm.name().as_bytes());
    for part in material.parts() {
        // Lengths keep (n, e) pairs apart that would concatenate to the same bytes.
        context.update(&part.len().to_be_bytes());
        context.update(part);
    }
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    KeyFingerprint(bytes)
}
