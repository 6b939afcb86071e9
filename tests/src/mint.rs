//! A token mint: signing keys of every accepted algorithm, and compact JWS of any content.
//!
//! It signs what it is told to sign, however wrong that is; nothing here checks anything.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, ParsedPublicKey,
        RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keycloak::Algorithm;
use serde_json::{Map, Value, json};

/// Base64url without padding.
pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Seconds since the epoch, by the system's clock.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.expect("a clock after 1970").as_secs()).expect("a sane clock")
}

/// A private key with the name and algorithm it is published under.
pub struct SigningKey {
    pub kid: String,
    pub algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl SigningKey {
    /// A new key; RSA ones have 2048 bits.
    pub fn generate(algorithm: Algorithm, kid: &str) -> Self {
        Self::generate_sized(algorithm, kid, KeySize::Rsa2048)
    }

    /// A new key; `size` counts for RSA only.
    pub fn generate_sized(algorithm: Algorithm, kid: &str, size: KeySize) -> Self {
        let ec = |algorithm: &'static EcdsaSigningAlgorithm| {
            Pair::Ec(Box::new(EcdsaKeyPair::generate(algorithm).expect("EC key")))
        };
        let pair = match algorithm {
            Algorithm::ES256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::ES384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::ES512 => ec(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
            Algorithm::EdDSA => {
                Pair::Ed25519(Box::new(Ed25519KeyPair::generate().expect("Ed25519 key")))
            }
            _ => Pair::Rsa(Box::new(RsaKeyPair::generate(size).expect("RSA key"))),
        };
        Self {
            kid: kid.to_owned(),
            algorithm,
            pair,
        }
    }

    /// The public JWK as Keycloak publishes it, without certificates.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let (n, e) = rsa_components(pair.public_key().as_ref());
                json!({ "kty": "RSA", "n": b64(n), "e": b64(e) })
            }
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = point[1..].split_at(point.len() / 2);
                let curve = match self.algorithm {
                    Algorithm::ES384 => "P-384",
                    Algorithm::ES512 => "P-521",
                    _ => "P-256",
                };
                json!({ "kty": "EC", "crv": curve, "x": b64(x), "y": b64(y) })
            }
            Pair::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key()) })
            }
        };
        jwk["kid"] = json!(self.kid);
        jwk["alg"] = json!(self.algorithm.name());
        jwk["use"] = json!("sig");
        jwk
    }

    /// The public key as the backend keeps it, for the key's own algorithm and with nothing of the
    /// runtime's around it. For the common algorithms.
    pub fn parsed(&self) -> ParsedPublicKey {
        let jwk = self.jwk();
        let bytes = |name: &str| {
            let text = jwk[name].as_str().expect("a parameter");
            URL_SAFE_NO_PAD.decode(text).expect("base64url")
        };
        let rsa = |parameters| {
            let (n, e) = (bytes("n"), bytes("e"));
            RsaPublicKeyComponents { n: &n, e: &e }.to_parsed_public_key(parameters)
        };
        let point = || [vec![4], bytes("x"), bytes("y")].concat();
        match self.algorithm {
            Algorithm::RS256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::PS256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
            Algorithm::ES256 => ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point()),
            Algorithm::ES384 => ParsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point()),
            Algorithm::EdDSA => ParsedPublicKey::new(&signature::ED25519, bytes("x")),
            other => panic!("{other} is not among them"),
        }
        .expect("a key")
    }

    /// Signs with the key's own algorithm.
    pub fn sign(&self, input: &[u8]) -> Vec<u8> {
        self.sign_as(self.algorithm, input)
    }

    /// Signs with another algorithm of the same key type (RSA only; others have just one).
    pub fn sign_as(&self, algorithm: Algorithm, input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(rsa_encoding(algorithm), &random, input, &mut signature)
                    .expect("RSA signature");
                signature
            }
            Pair::Ec(pair) => {
                let signature = pair.sign(&random, input).expect("ECDSA signature");
                signature.as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair.sign(input).as_ref().to_vec(),
        }
    }

    /// The header that this key's good tokens have.
    pub fn header(&self) -> Value {
        json!({ "alg": self.algorithm.name(), "typ": "JWT", "kid": self.kid })
    }

    /// A compact JWS with a correct signature over exactly these header and payload texts.
    pub fn compact(&self, header: &str, payload: &[u8]) -> String {
        self.compact_parts(&b64(header), &b64(payload))
    }

    /// A compact JWS with a correct signature over parts that are encoded already, or not.
    pub fn compact_parts(&self, header: &str, payload: &str) -> String {
        let input = format!("{header}.{payload}");
        let signature = b64(self.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }

    /// A token with this key's header.
    pub fn token(&self, claims: &Value) -> String {
        self.compact(&self.header().to_string(), claims.to_string().as_bytes())
    }
}

fn rsa_encoding(algorithm: Algorithm) -> &'static dyn RsaEncoding {
    match algorithm {
        Algorithm::RS256 => &signature::RSA_PKCS1_SHA256,
        Algorithm::RS384 => &signature::RSA_PKCS1_SHA384,
        Algorithm::RS512 => &signature::RSA_PKCS1_SHA512,
        Algorithm::PS256 => &signature::RSA_PSS_SHA256,
        Algorithm::PS384 => &signature::RSA_PSS_SHA384,
        Algorithm::PS512 => &signature::RSA_PSS_SHA512,
        other => panic!("{other} is not an RSA algorithm"),
    }
}

/// Modulus and exponent of a DER `RSAPublicKey`: SEQUENCE { INTEGER n, INTEGER e }.
fn rsa_components(der: &[u8]) -> (Vec<u8>, Vec<u8>) {
    fn take(tag: u8, der: &[u8]) -> (&[u8], &[u8]) {
        assert_eq!(der[0], tag, "DER tag");
        let (length, rest) = match der[1] {
            short @ 0..=0x7f => (usize::from(short), &der[2..]),
            long => {
                let (bytes, rest) = der[2..].split_at(usize::from(long & 0x7f));
                let length = bytes
                    .iter()
                    .fold(0, |n, byte| (n << 8) | usize::from(*byte));
                (length, rest)
            }
        };
        rest.split_at(length)
    }
    fn integer(bytes: &[u8]) -> Vec<u8> {
        bytes
            .iter()
            .copied()
            .skip_while(|byte| *byte == 0)
            .collect()
    }
    let (sequence, _) = take(0x30, der);
    let (n, rest) = take(0x02, sequence);
    let (e, _) = take(0x02, rest);
    (integer(n), integer(e))
}

/// The claims of a good access token of the realm, as Keycloak 26 writes them.
pub fn claims(issuer: &str, audience: &str, subject: &str) -> Value {
    let now = now();
    json!({
        "exp": now + 300,
        "iat": now,
        "jti": "onrtac:7a3f6b5e-50b8-4a0a-9df6-0d2f7c8a1f7e",
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "typ": "Bearer",
        "azp": "web",
        "sid": "d0b0c9a4-9d4f-4c6e-9f0c-6f1e2d3c4b5a",
        "acr": "1",
        "scope": "openid email profile",
        "realm_access": { "roles": ["user"] },
        "resource_access": { "account": { "roles": ["view-profile"] } },
        "preferred_username": subject,
    })
}

/// `claims` with the members of `changes` put over it; `null` takes a member out.
#[must_use]
pub fn with(claims: &Value, changes: Value) -> Value {
    let mut claims: Map<String, Value> = claims.as_object().expect("claims").clone();
    for (name, value) in changes.as_object().expect("changes").clone() {
        if value.is_null() {
            claims.remove(&name);
        } else {
            claims.insert(name, value);
        }
    }
    Value::Object(claims)
}
