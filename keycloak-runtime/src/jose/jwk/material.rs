//! Key parameters (RFC 7518 section 6, RFC 8037 section 2) turned into a parsed key.
//!
//! Invariant: RSA moduli of 2048 to 8192 bits with an odd exponent of at least 3; EC points in
//! full length and on their curve (the backend checks that when parsing); Ed25519 in 32 bytes.

use aws_lc_rs::signature::{
    self, EcdsaVerificationAlgorithm, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents,
};
use serde_json::{Map, Value};

use super::error::UnusableKey;
use crate::{base::base64url, jose::algorithm::Algorithm};

const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Longer parameters are refused before decoding: 8192 bits are 1366 characters.
const MAX_PARAMETER_CHARS: usize = 1_400;

/// The numbers of one JWK, checked, before they are bound to an algorithm.
pub(super) enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ec { curve: Curve, point: Vec<u8> },
    Ed25519 { x: Vec<u8> },
}

#[derive(Clone, Copy)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    const fn coordinate_bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// RFC 7518 section 3.4: each curve has one algorithm.
    const fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::P256 => &[Algorithm::ES256],
            Self::P384 => &[Algorithm::ES384],
            Self::P521 => &[Algorithm::ES512],
        }
    }

    const fn verifier(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Self::P256 => &signature::ECDSA_P256_SHA256_FIXED,
            Self::P384 => &signature::ECDSA_P384_SHA384_FIXED,
            Self::P521 => &signature::ECDSA_P521_SHA512_FIXED,
        }
    }
}

impl Material {
    pub(super) fn parse(jwk: &Map<String, Value>) -> Result<Self, UnusableKey> {
        match text(jwk, "kty").ok_or(UnusableKey::KeyType)? {
            "RSA" => rsa(jwk),
            "EC" => ec(jwk),
            "OKP" => okp(jwk),
            // `oct` is symmetric; whatever else there may be is unknown.
            _ => Err(UnusableKey::KeyType),
        }
    }

    /// What this key could verify if it had no `alg` of its own.
    pub(super) fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::Rsa { .. } => &Algorithm::RSA,
            Self::Ec { curve, .. } => curve.algorithms(),
            Self::Ed25519 { .. } => &[Algorithm::EdDSA],
        }
    }

    /// Parses the key once, for all the verifications to come.
    pub(super) fn bind(&self, algorithm: Algorithm) -> Result<ParsedPublicKey, UnusableKey> {
        match self {
            Self::Rsa { n, e } => {
                let parameters = rsa_parameters(algorithm).ok_or(UnusableKey::Algorithm)?;
                RsaPublicKeyComponents { n, e }
                    .to_parsed_public_key(parameters)
                    .map_err(|_| UnusableKey::NotAKey)
            }
            Self::Ec { curve, point } if curve.algorithms().contains(&algorithm) => {
                ParsedPublicKey::new(curve.verifier(), point).map_err(|_| UnusableKey::NotAKey)
            }
            Self::Ed25519 { x } if algorithm == Algorithm::EdDSA => {
                ParsedPublicKey::new(&signature::ED25519, x).map_err(|_| UnusableKey::NotAKey)
            }
            Self::Ec { .. } | Self::Ed25519 { .. } => Err(UnusableKey::Algorithm),
        }
    }

    /// The parts that tell one key from another, in a fixed order.
    pub(super) fn parts(&self) -> [&[u8]; 2] {
        match self {
            Self::Rsa { n, e } => [n, e],
            Self::Ec { point, .. } => [point, b"EC"],
            Self::Ed25519 { x } => [x, b"Ed25519"],
        }
    }
}

const fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::RS256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RS384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RS512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::PS256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::PS384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::PS512 => &signature::RSA_PSS_2048_8192_SHA512,
        Algorithm::ES256 | Algorithm::ES384 | Algorithm::ES512 | Algorithm::EdDSA => return None,
    })
}

fn rsa(jwk: &Map<String, Value>) -> Result<Material, UnusableKey> {
    let n = unsigned(jwk, "n")?;
    let e = unsigned(jwk, "e")?;
    let bits = bit_length(&n);
    if !RSA_BITS.contains(&bits) {
        return Err(UnusableKey::ModulusSize { bits });
    }
    // An even modulus is a product with two: no key anyone could mean.
    if n.last().is_none_or(|last| last % 2 == 0) {
        return Err(UnusableKey::NotAKey);
    }
    // e = 1 makes every message its own signature, even ones have no private exponent; the backend
    // accepts up to 33 bits, so that a verification stays cheap.
    let odd = e.last().is_some_and(|last| last % 2 == 1);
    if !odd || e == [1] || bit_length(&e) > 33 {
        return Err(UnusableKey::Exponent);
    }
    Ok(Material::Rsa { n, e })
}

fn ec(jwk: &Map<String, Value>) -> Result<Material, UnusableKey> {
    let curve = match text(jwk, "crv") {
        Some("P-256") => Curve::P256,
        Some("P-384") => Curve::P384,
        Some("P-521") => Curve::P521,
        _ => return Err(UnusableKey::Curve),
    };
    // SEC 1 section 2.3.3: an uncompressed point is 4, x, y in full length.
    let mut point = vec![4];
    for name in ["x", "y"] {
        let coordinate = bytes(jwk, name)?;
        if coordinate.len() != curve.coordinate_bytes() {
            return Err(UnusableKey::Parameter);
        }
        point.extend_from_slice(&coordinate);
    }
    Ok(Material::Ec { curve, point })
}

fn okp(jwk: &Map<String, Value>) -> Result<Material, UnusableKey> {
    if text(jwk, "crv") != Some("Ed25519") {
        return Err(UnusableKey::Curve);
    }
    let x = bytes(jwk, "x")?;
    if x.len() != 32 {
        return Err(UnusableKey::Parameter);
    }
    Ok(Material::Ed25519 { x })
}

fn text<'a>(jwk: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    jwk.get(name)?.as_str()
}

fn bytes(jwk: &Map<String, Value>, name: &str) -> Result<Vec<u8>, UnusableKey> {
    text(jwk, name)
        .filter(|text| text.len() <= MAX_PARAMETER_CHARS)
        .and_then(|text| base64url::decode(text).ok())
        .ok_or(UnusableKey::Parameter)
}

/// A `Base64urlUInt` without the leading zero octets that some encoders add (RFC 7518 6.3.1.1).
fn unsigned(jwk: &Map<String, Value>, name: &str) -> Result<Vec<u8>, UnusableKey> {
    let bytes = bytes(jwk, name)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let value: Vec<u8> = bytes.into_iter().skip(zeros).collect();
    if value.is_empty() {
        return Err(UnusableKey::Parameter);
    }
    Ok(value)
}

/// Bits of a big-endian number without leading zero octets.
fn bit_length(number: &[u8]) -> usize {
    let leading = number.first().map_or(0, |byte| byte.leading_zeros());
    number
        .len()
        .saturating_mul(8)
        .saturating_sub(usize::try_from(leading).unwrap_or(0))
}
