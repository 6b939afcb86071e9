//! The cold path: reading a header, and verifying a token against the bare signature check.
//!
//! `cargo bench -p keycloak-tests --bench verification`. The budget of a cold token is the bare
//! verification and five microseconds; the group `cold` has both beside each other, and what
//! `jsonwebtoken` takes for its own, laxer check.

use std::{
    collections::HashSet,
    hint::black_box,
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use keycloak::{
    __fuzz::{self, Expected, Keys},
    Algorithm,
};
use serde_json::{Value, json};
use support::{
    issuer::jwks,
    mint::{self, SigningKey},
};

const ISSUER: &str = "https://id.example/realms/demo";

const ALGORITHMS: [Algorithm; 5] = [
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The claims of a common Keycloak token: about 1.2 KiB with an RSA signature.
fn claims() -> Value {
    mint::with(
        &mint::claims(ISSUER, "api", "f3a1c8d2-5c0e-4f3b-9a57-2f6a1d1b7c11"),
        json!({
            "exp": mint::now() + 86_400,
            "realm_access": { "roles": ["default-roles-demo", "offline_access", "user", "admin"] },
            "resource_access": {
                "api": { "roles": ["reader", "writer"] },
                "account": { "roles": ["manage-account", "manage-account-links", "view-profile"] },
            },
            "groups": ["/eng/backend", "/ops"],
            "name": "Alice Adams", "given_name": "Alice", "family_name": "Adams",
            "email": "alice@example.org", "email_verified": true,
        }),
    )
}

fn cold(c: &mut Criterion) {
    let mut group = c.benchmark_group("cold");
    let expected = Expected::new(ISSUER, "api");
    for algorithm in ALGORITHMS {
        let key = SigningKey::generate(algorithm, "key-1");
        let token = key.token(&claims());
        let (input, signature) = token.rsplit_once('.').expect("a signature");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let bare = key.parsed();
        group.bench_function(BenchmarkId::new("bare signature", algorithm), |b| {
            b.iter(|| bare.verify_sig(black_box(input.as_bytes()), &signature));
        });
        let keys = Keys::parse(jwks(&[&key]).to_string().as_bytes()).expect("keys");
        let now = SystemTime::now();
        keys.verify_user(&token, &expected, now)
            .expect("a good token");
        group.bench_function(BenchmarkId::new("ours, to the user", algorithm), |b| {
            b.iter(|| keys.verify_user(black_box(&token), &expected, now));
        });
        if let Some((decoding, validation)) = jsonwebtoken(&key) {
            group.bench_function(BenchmarkId::new("jsonwebtoken", algorithm), |b| {
                b.iter(|| {
                    jsonwebtoken::decode::<Value>(black_box(&token), &decoding, &validation)
                        .expect("a good token")
                });
            });
        }
    }
    group.finish();
}

fn jsonwebtoken(key: &SigningKey) -> Option<(jsonwebtoken::DecodingKey, jsonwebtoken::Validation)> {
    let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(key.jwk()).ok()?;
    let decoding = jsonwebtoken::DecodingKey::from_jwk(&jwk).ok()?;
    let algorithm = key.algorithm.name().parse().ok()?;
    let mut validation = jsonwebtoken::Validation::new(algorithm);
    validation.set_audience(&["api"]);
    validation.iss = Some(HashSet::from([ISSUER.to_owned()]));
    Some((decoding, validation))
}

fn header(c: &mut Criterion) {
    let key = SigningKey::generate(Algorithm::EdDSA, "key-1");
    let token = key.token(&claims());
    c.bench_function("header/parse", |b| {
        b.iter(|| __fuzz::parse_header(black_box(&token)));
    });
    let dots = ".".repeat(16_000);
    c.bench_function("header/16,000 dots", |b| {
        b.iter(|| __fuzz::parse_header(black_box(&dots)));
    });
    let long = ".".repeat(30_000);
    c.bench_function("header/30,000 dots", |b| {
        b.iter(|| __fuzz::parse_header(black_box(&long)));
    });
}

/// Growth of the cold path with the size of the token and the number of roles in it.
fn growth(c: &mut Criterion) {
    let key = SigningKey::generate(Algorithm::EdDSA, "key-1");
    let keys = Keys::parse(jwks(&[&key]).to_string().as_bytes()).expect("keys");
    let expected = Expected::new(ISSUER, "api");
    // The tokens are made while the benchmark runs, and none is from the future.
    let now = SystemTime::now() + Duration::from_secs(3_600);
    let mut group = c.benchmark_group("cold by roles");
    for roles in [1, 10, 100, 1_000] {
        let names: Vec<String> = (0..roles).map(|n| format!("r{n}")).collect();
        let changes = json!({ "realm_access": { "roles": names } });
        let token = key.token(&mint::with(&claims(), changes));
        group.bench_function(BenchmarkId::from_parameter(roles), |b| {
            b.iter(|| {
                keys.verify_user(black_box(&token), &expected, now)
                    .expect("good")
            });
        });
    }
    group.finish();
    let mut group = c.benchmark_group("cold by token size");
    for filling in [0, 1_000, 4_000, 11_000] {
        let changes = json!({ "filling": "x".repeat(filling) });
        let token = key.token(&mint::with(&claims(), changes));
        group.bench_function(BenchmarkId::from_parameter(token.len()), |b| {
            b.iter(|| {
                keys.verify_user(black_box(&token), &expected, now)
                    .expect("good")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, cold, header, growth);
criterion_main!(benches);
