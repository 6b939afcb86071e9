//! The bare signature check of each backend, with keys that are kept parsed.
//!
//! ```sh
//! cargo run --release --manifest-path tests/peers/Cargo.toml --bin backends
//! ```
//!
//! writes `backends.md`: what a token of 1.2 KiB costs at least. The rounds of all backends are
//! interleaved.

use std::{fs, hint::black_box, path::Path, time::Instant};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::Verifier as _;
use keycloak::Algorithm;
use keycloak_peers::{
    machine,
    mint::SigningKey,
    table::{self, Spread},
};
use sha2::{Digest as _, Sha256};

const ROUNDS: usize = 15;
const CHECKS: usize = 500;
const MESSAGE: usize = 900;

type Check = Box<dyn Fn(&[u8], &[u8]) -> bool>;

fn main() {
    let backends = ["aws-lc-rs", "ring", "RustCrypto"];
    let mut rows = Vec::new();
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let key = SigningKey::generate(algorithm, "key-1");
        let message = vec![b'a'; MESSAGE];
        let signature = key.sign(&message);
        let checks = [aws_lc(&key), ring(&key), rust_crypto(&key)];
        let mut times = vec![Vec::new(); checks.len()];
        for _ in 0..ROUNDS {
            for (check, times) in checks.iter().zip(&mut times) {
                let start = Instant::now();
                for _ in 0..CHECKS {
                    assert!(check(black_box(&message), black_box(&signature)));
                }
                times.push(start.elapsed().as_secs_f64() * 1e6 / CHECKS as f64);
            }
        }
        for (check, name) in checks.iter().zip(backends) {
            let mut other = message.clone();
            other[0] = b'b';
            assert!(!check(&other, &signature), "{name} accepts anything");
        }
        let figures = times.into_iter().map(|times| {
            let Spread { low, median, high } = Spread::of(times);
            format!("{median:.1} ({low:.1}–{high:.1})")
        });
        rows.push(
            [algorithm.name().to_owned()]
                .into_iter()
                .chain(figures)
                .collect(),
        );
    }
    let head = ["microseconds", backends[0], backends[1], backends[2]];
    let report = format!(
        "# The bare signature check\n\n\
         Made by `cargo run --release --manifest-path tests/peers/Cargo.toml --bin backends`.\n\n{}\n\
         {MESSAGE} bytes, keys kept parsed; median of {ROUNDS} interleaved rounds (lower–upper quartile).\n\n{}",
        machine::description(),
        table::markdown(&head, &rows)
    );
    println!("{report}");
    fs::write(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("backends.md"),
        report,
    )
    .expect("backends.md");
}

/// A parameter of the public JWK.
fn parameter(key: &SigningKey, name: &str) -> Vec<u8> {
    let jwk = key.jwk();
    let text = jwk[name].as_str().expect("a parameter");
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// The uncompressed point of an EC key.
fn point(key: &SigningKey) -> Vec<u8> {
    [vec![4], parameter(key, "x"), parameter(key, "y")].concat()
}

fn aws_lc(key: &SigningKey) -> Check {
    let parsed = key.parsed();
    Box::new(move |message, signature| parsed.verify_sig(message, signature).is_ok())
}

/// ring has no parsed form of public keys: it reads them again for each check.
fn ring(key: &SigningKey) -> Check {
    use ring::signature as ring;
    match key.algorithm {
        Algorithm::RS256 => {
            let components = ring::RsaPublicKeyComponents {
                n: parameter(key, "n"),
                e: parameter(key, "e"),
            };
            Box::new(move |message, signature| {
                let parameters = &ring::RSA_PKCS1_2048_8192_SHA256;
                components.verify(parameters, message, signature).is_ok()
            })
        }
        Algorithm::ES256 => {
            let key = ring::UnparsedPublicKey::new(&ring::ECDSA_P256_SHA256_FIXED, point(key));
            Box::new(move |message, signature| key.verify(message, signature).is_ok())
        }
        _ => {
            let key = ring::UnparsedPublicKey::new(&ring::ED25519, parameter(key, "x"));
            Box::new(move |message, signature| key.verify(message, signature).is_ok())
        }
    }
}

fn rust_crypto(key: &SigningKey) -> Check {
    match key.algorithm {
        Algorithm::RS256 => {
            let number = |name| rsa::BigUint::from_bytes_be(&parameter(key, name));
            let key = rsa::RsaPublicKey::new(number("n"), number("e")).expect("a key");
            Box::new(move |message, signature| {
                let hashed = Sha256::digest(message);
                key.verify(rsa::Pkcs1v15Sign::new::<Sha256>(), &hashed, signature)
                    .is_ok()
            })
        }
        Algorithm::ES256 => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point(key)).expect("a key");
            Box::new(move |message, signature| {
                p256::ecdsa::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify(message, &signature).is_ok())
            })
        }
        _ => {
            let bytes: [u8; 32] = parameter(key, "x").try_into().expect("32 bytes");
            let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).expect("a key");
            Box::new(move |message, signature| {
                ed25519_dalek::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify(message, &signature).is_ok())
            })
        }
    }
}
