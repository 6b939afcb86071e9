//! The algorithm of the header against the key and the allow-list (RFC 8725 section 3.1).

use aws_lc_rs::hmac;
use keycloak::Algorithm;
use serde_json::json;
use support::mint::{self, b64};

use super::{case::Case, world::World};

pub fn cases(world: &World) -> Vec<Case> {
    let mut cases = vec![Case::admitted("control", world.good())];
    cases.extend(hmac_with_the_public_key(world));
    cases.extend(other_algorithms(world));
    cases.extend(foreign_keys(world));
    cases
}

/// The classic: the public key, which everyone has, taken for a shared secret.
fn hmac_with_the_public_key(world: &World) -> Vec<Case> {
    let jwk = world.key().jwk();
    let mut secrets = vec![
        ("the JWK text", jwk.to_string().into_bytes()),
        ("an empty secret", Vec::new()),
        ("the kid", world.key().kid.clone().into_bytes()),
    ];
    for member in ["n", "x", "y"] {
        if let Some(text) = jwk[member].as_str() {
            secrets.push(("a parameter's text", text.as_bytes().to_vec()));
            break;
        }
    }
    let algorithms = [
        ("HS256", hmac::HMAC_SHA256),
        ("HS384", hmac::HMAC_SHA384),
        ("HS512", hmac::HMAC_SHA512),
    ];
    let payload = b64(world.claims().to_string());
    let mut cases = Vec::new();
    for (alg, algorithm) in algorithms {
        let header = b64(json!({ "alg": alg, "kid": world.key().kid }).to_string());
        let input = format!("{header}.{payload}");
        for (name, secret) in &secrets {
            let key = hmac::Key::new(algorithm, secret);
            let tag = hmac::sign(&key, input.as_bytes());
            cases.push(Case::refused(
                format!("{alg} with {name} as secret"),
                format!("{input}.{}", b64(tag)),
                "invalid_algorithm",
            ));
        }
    }
    cases
}

/// The header names an algorithm that the realm's settings or its key do not have.
fn other_algorithms(world: &World) -> Vec<Case> {
    let mut cases = Vec::new();
    let names = [
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "EdDSA",
        "ES256K",
        "Ed25519",
        "Ed448",
        "RSA-OAEP",
        "A256GCM",
        "dir",
        "ML-DSA-44",
        "rs256",
        "es256",
        "RS256 ",
        "RS1",
    ];
    let own = world.algorithm().name();
    for alg in names {
        if alg == own {
            // Keeps the names of the cases the same on every realm.
            cases.push(Case::admitted(format!("header says {alg}"), world.good()));
            continue;
        }
        cases.push(Case::refused(
            format!("header says {alg}"),
            world.header_with(json!({ "alg": alg })),
            "invalid_algorithm",
        ));
    }
    // A signature of the realm's own key, but of another algorithm of its type.
    let rsa = [Algorithm::RS256, Algorithm::PS256];
    if rsa.contains(&world.algorithm()) {
        for algorithm in Algorithm::ALL {
            let name = algorithm.name();
            if (name.starts_with("RS") || name.starts_with("PS")) && name != own {
                let header = json!({ "alg": name, "kid": world.key().kid }).to_string();
                let input = format!("{}.{}", b64(header), b64(world.claims().to_string()));
                let signature = b64(world.key().sign_as(algorithm, input.as_bytes()));
                cases.push(Case::refused(
                    format!("the realm's key used with {name}"),
                    format!("{input}.{signature}"),
                    "invalid_algorithm",
                ));
                let good = b64(world.key().header().to_string());
                let input = format!("{good}.{}", b64(world.claims().to_string()));
                let signature = b64(world.key().sign_as(algorithm, input.as_bytes()));
                cases.push(Case::refused(
                    format!("header right, but signed with {name}"),
                    format!("{input}.{signature}"),
                    "invalid_signature",
                ));
            }
        }
    }
    cases
}

/// Keys of other types, under the realm's `kid`.
fn foreign_keys(world: &World) -> Vec<Case> {
    let mut cases = Vec::new();
    for key in world.foreign_keys() {
        let alg = key.algorithm.name();
        cases.push(Case::refused(
            format!("a foreign {alg} key that says so"),
            key.token(&world.claims()),
            "invalid_algorithm",
        ));
        let header = world.key().header().to_string();
        cases.push(Case::refused(
            format!("a foreign {alg} key that claims the realm's algorithm"),
            key.compact(&header, world.claims().to_string().as_bytes()),
            "invalid_signature",
        ));
    }
    // The realm's encryption key is RSA, and its private half might sign as well.
    let encryption = world.encryption_key();
    let header = mint::with(&world.key().header(), json!({ "kid": encryption.kid })).to_string();
    cases.push(Case::refused(
        "signed by the encryption key",
        encryption.compact(&header, world.claims().to_string().as_bytes()),
        "unknown_kid",
    ));
    cases
}
