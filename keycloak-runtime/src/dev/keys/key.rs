//! One key: made, published, used.

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
use serde_json::{Value, json};

use super::CryptoFailure;
use crate::jose::algorithm::Algorithm;

enum Signer {
    Jwt {
        algorithm: JwtAlgorithm,
        sign: Box<EncodingKey>,
        verify: Box<DecodingKey>,
    },
    /// ES512, which jsonwebtoken does not have.
    P521(Box<EcdsaKeyPair>),
}

/// One signature key.
pub(super) struct Key {
    pub(super) kid: String,
    pub(super) algorithm: Algorithm,
    /// The public part, as in the key set.
    pub(super) jwk: Value,
    signer: Signer,
}

impl Key {
    /// The signature of `message`, base64url.
    pub(super) fn sign(&self, message: &str) -> Result<String, CryptoFailure> {
        match &self.signer {
            Signer::Jwt {
                algorithm, sign, ..
            } => crypto::sign(message.as_bytes(), sign, *algorithm).map_err(|_| CryptoFailure),
            Signer::P521(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message.as_bytes())?;
                Ok(URL_SAFE_NO_PAD.encode(signature))
            }
        }
    }

    /// Whether `signature` is one of this key over `message`.
    pub(super) fn verify(&self, message: &str, signature: &str) -> bool {
        match &self.signer {
            Signer::Jwt {
                algorithm, verify, ..
            } => crypto::verify(signature, message.as_bytes(), verify, *algorithm).unwrap_or(false),
            Signer::P521(pair) => {
                let public = pair.public_key().as_ref();
                URL_SAFE_NO_PAD.decode(signature).is_ok_and(|signature| {
                    UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, public)
                        .verify(message.as_bytes(), &signature)
                        .is_ok()
                })
            }
        }
    }

    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, CryptoFailure> {
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

/// Keycloak's set always holds a key for encryption too; here nothing is decrypted.
pub(super) fn encryption_key() -> Result<Value, CryptoFailure> {
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
