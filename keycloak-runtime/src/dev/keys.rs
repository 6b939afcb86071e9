//! The realm's keys: made at start, published as JWK set (RFC 7517), rotated on demand.
//!
//! As in Keycloak, each signature algorithm has a key of its own, an RSA-OAEP key for encryption
//! stands in the set beside them, and refresh tokens are signed with a symmetric key that is not
//! published.

use std::{collections::BTreeMap, thread};

use aws_lc_rs::{
    digest,
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED,
        ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
        KeyPair, RsaKeyPair, UnparsedPublicKey,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey, EncodingKey, crypto};
use serde_json::{Map, Value, json};

use super::ids;
use crate::Algorithm;

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

enum Signer {
    Jwt {
        algorithm: JwtAlgorithm,
        sign: Box<EncodingKey>,
        verify: Box<DecodingKey>,
    },
    /// ES512, which jsonwebtoken does not have.
    P521(Box<EcdsaKeyPair>),
}

struct Key {
    kid: String,
    algorithm: Algorithm,
    signer: Signer,
    jwk: Value,
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
        let signature = match &key.signer {
            Signer::Jwt {
                algorithm, sign, ..
            } => crypto::sign(token.as_bytes(), sign, *algorithm).map_err(|_| CryptoFailure)?,
            Signer::P521(pair) => {
                let signature = pair.sign(&SystemRandom::new(), token.as_bytes())?;
                URL_SAFE_NO_PAD.encode(signature)
            }
        };
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
        let good = match &key.signer {
            Signer::Jwt {
                algorithm, verify, ..
            } => crypto::verify(signature, message.as_bytes(), verify, *algorithm).ok()?,
            Signer::P521(pair) => {
                let public = pair.public_key().as_ref();
                let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
                UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, public)
                    .verify(message.as_bytes(), &signature)
                    .is_ok()
            }
        };
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

impl Key {
    fn generate(algorithm: Algorithm) -> Result<Self, CryptoFailure> {
        match algorithm {
            Algorithm::RS256 => Self::rsa(algorithm, JwtAlgorithm::RS256),
            Algorithm::RS384 => Self::rsa(algorithm, JwtAlgorithm::RS384),
            Algorithm::RS512 => Self::rsa(algorithm, JwtAlgorithm::RS512),
            Algorithm::PS256 => Self::rsa(algorithm, JwtAlgorithm::PS256),
            Algorithm::PS384 => Self::rsa(algorithm, JwtAlgorithm::PS384),
            Algorithm::PS512 => Self::rsa(algorithm, JwtAlgorithm::PS512),
            Algorithm::ES256 => {
                let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
                Self::ec(algorithm, "P-256", curve, Some(JwtAlgorithm::ES256))
            }
            Algorithm::ES384 => {
                let curve = &ECDSA_P384_SHA384_FIXED_SIGNING;
                Self::ec(algorithm, "P-384", curve, Some(JwtAlgorithm::ES384))
            }
            Algorithm::ES512 => {
                let curve = &ECDSA_P521_SHA512_FIXED_SIGNING;
                Self::ec(algorithm, "P-521", curve, None)
            }
            Algorithm::EdDSA => Self::ed25519(),
        }
    }

    fn new(algorithm: Algorithm, signer: Signer, thumbprint: &Value) -> Self {
        let kid = kid(thumbprint);
        Self {
            jwk: jwk(&kid, algorithm.name(), "sig", thumbprint),
            kid,
            algorithm,
            signer,
        }
    }

    fn rsa(algorithm: Algorithm, jwt: JwtAlgorithm) -> Result<Self, CryptoFailure> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
        let der: Pkcs8V1Der<'_> = pair.as_der()?;
        let (n, e) = rsa_public(&pair);
        let signer = Signer::Jwt {
            algorithm: jwt,
            sign: Box::new(EncodingKey::from_rsa_der(rsa_private_key(der.as_ref())?)),
            verify: Box::new(DecodingKey::from_rsa_raw_components(&n, &e)),
        };
        Ok(Self::new(algorithm, signer, &rsa_members(&n, &e)))
    }

    fn ec(
        algorithm: Algorithm,
        name: &str,
        curve: &'static EcdsaSigningAlgorithm,
        jwt: Option<JwtAlgorithm>,
    ) -> Result<Self, CryptoFailure> {
        let pair = EcdsaKeyPair::generate(curve)?;
        // An uncompressed point: 4, then both coordinates.
        let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
        let (x, y) = point.split_at(point.len() / 2);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let members = json!({ "crv": name, "kty": "EC", "x": x, "y": y });
        let signer = match jwt {
            Some(jwt) => Signer::Jwt {
                algorithm: jwt,
                sign: Box::new(EncodingKey::from_ec_der(pair.to_pkcs8v1()?.as_ref())),
                verify: Box::new(
                    DecodingKey::from_ec_components(&x, &y).map_err(|_| CryptoFailure)?,
                ),
            },
            None => Signer::P521(Box::new(pair)),
        };
        Ok(Self::new(algorithm, signer, &members))
    }

    fn ed25519() -> Result<Self, CryptoFailure> {
        let pair = Ed25519KeyPair::generate()?;
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let members = json!({ "crv": "Ed25519", "kty": "OKP", "x": x });
        let signer = Signer::Jwt {
            algorithm: JwtAlgorithm::EdDSA,
            sign: Box::new(EncodingKey::from_ed_der(pair.to_pkcs8()?.as_ref())),
            verify: Box::new(DecodingKey::from_ed_components(&x).map_err(|_| CryptoFailure)?),
        };
        Ok(Self::new(Algorithm::EdDSA, signer, &members))
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

/// Keycloak's set always holds a key for encryption too; nobody here decrypts.
fn encryption_key() -> Result<Value, CryptoFailure> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
    let (n, e) = rsa_public(&pair);
    let members = rsa_members(&n, &e);
    Ok(jwk(&kid(&members), "RSA-OAEP", "enc", &members))
}

fn rsa_public(pair: &RsaKeyPair) -> (Vec<u8>, Vec<u8>) {
    let public = pair.public_key();
    let n = public.modulus().big_endian_without_leading_zero().to_vec();
    let e = public.exponent().big_endian_without_leading_zero().to_vec();
    (n, e)
}

fn rsa_members(n: &[u8], e: &[u8]) -> Value {
    json!({ "e": URL_SAFE_NO_PAD.encode(e), "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(n) })
}

fn jwk(kid: &str, algorithm: &str, usage: &str, members: &Value) -> Value {
    let mut jwk = json!({ "kid": kid, "alg": algorithm, "use": usage });
    if let (Some(jwk), Some(members)) = (jwk.as_object_mut(), members.as_object()) {
        jwk.extend(members.clone());
    }
    jwk
}

/// The thumbprint of RFC 7638; `members` holds the required members, which `serde_json` writes in
/// lexicographic order unless a build switches that off, which only changes the id.
fn kid(members: &Value) -> String {
    let hash = digest::digest(&digest::SHA256, members.to_string().as_bytes());
    URL_SAFE_NO_PAD.encode(hash)
}

/// The `RSAPrivateKey` (RFC 8017) inside of a PKCS#8 document (RFC 5208): the last octet string.
/// For keys of 2048 bits all lengths take three bytes, so it starts at byte 26.
fn rsa_private_key(pkcs8: &[u8]) -> Result<&[u8], CryptoFailure> {
    let inner = pkcs8.get(26..).ok_or(CryptoFailure)?;
    RsaKeyPair::from_der(inner).map_err(|_| CryptoFailure)?;
    Ok(inner)
}

fn part(json: &impl serde::Serialize) -> String {
    // Maps with string keys always serialize.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(json).unwrap_or_default())
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Map<String, Value> {
        Map::from_iter([("sub".to_owned(), Value::from("x"))])
    }

    #[test]
    fn every_algorithm_signs_what_it_verifies() {
        let mut ring = KeyRing::generate(&[]).unwrap();
        for algorithm in Algorithm::ALL {
            let header = Header {
                algorithm,
                typ: "JWT",
            };
            let token = ring.sign(&header, &claims()).unwrap();
            assert_eq!(ring.verify(&token), Some(claims()), "{algorithm}");
            let forged = token.replacen('.', ".e30", 1);
            assert_eq!(ring.verify(&forged), None, "{algorithm}");
        }
        let keys = ring.jwk_set();
        let keys = keys["keys"].as_array().unwrap();
        assert_eq!(keys.len(), Algorithm::ALL.len() + 1);
        assert_eq!(keys.last().unwrap()["use"], "enc");
    }

    #[test]
    fn refresh_tokens_are_no_access_tokens_and_the_other_way_round() {
        let mut ring = KeyRing::generate(&[Algorithm::ES256]).unwrap();
        let refresh = ring.sign_refresh(&claims()).unwrap();
        assert_eq!(ring.verify_refresh(&refresh), Some(claims()));
        assert_eq!(ring.verify(&refresh), None);
        let header = Header {
            algorithm: Algorithm::ES256,
            typ: "JWT",
        };
        let access = ring.sign(&header, &claims()).unwrap();
        assert_eq!(ring.verify_refresh(&access), None);
    }

    #[test]
    fn rotation_keeps_old_keys_until_they_are_removed() {
        let mut ring = KeyRing::generate(&[Algorithm::ES256]).unwrap();
        let header = Header {
            algorithm: Algorithm::ES256,
            typ: "JWT",
        };
        let old = ring.sign(&header, &claims()).unwrap();
        ring.rotate().unwrap();
        let new = ring.sign(&header, &claims()).unwrap();
        assert!(ring.verify(&old).is_some() && ring.verify(&new).is_some());
        ring.remove_old();
        assert!(ring.verify(&old).is_none() && ring.verify(&new).is_some());
    }

    #[test]
    fn a_withdrawn_signing_key_is_replaced() {
        let mut ring = KeyRing::generate(&[Algorithm::ES256]).unwrap();
        let kid = ring.signing_id(Algorithm::ES256).unwrap().to_owned();
        assert_eq!(ring.remove(&kid), Ok(true));
        assert_eq!(ring.remove(&kid), Ok(false));
        let next = ring.signing_id(Algorithm::ES256).unwrap();
        assert_ne!(next, kid);
    }
}
