//! The realm's key set: only strong public signature keys that fit, one bad key never in the way
//! of the others (RFC 7517, RFC 7518 section 6).
//!
//! One realm whose set is full of defects; each case is signed by the private half of the key it
//! names, so only the check of the key keeps it out.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keycloak::{Algorithm, Keycloak};
use serde_json::{Value, json};
use support::{
    issuer::{Issuer, REALM},
    mint::{self, SigningKey, b64},
};

use super::{
    case::{Case, Expect},
    world::{CLIENT, serve},
};

/// A key of the set: how it is published, and what a token that names it must get.
struct Entry {
    name: &'static str,
    published: Vec<Value>,
    key: SigningKey,
    expect: Expect,
}

const REFUSED: Expect = Expect::InvalidToken("unknown_kid");

static RSA: LazyLock<[SigningKey; 2]> =
    LazyLock::new(|| ["rsa", "rsa"].map(|kid| SigningKey::generate(Algorithm::RS256, kid)));

fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut ec = |name: &'static str, expect, publish: &dyn Fn(Value) -> Vec<Value>| {
        let key = SigningKey::generate(Algorithm::ES256, name);
        entries.push(Entry {
            name,
            published: publish(key.jwk()),
            key,
            expect,
        });
    };
    let changed = |changes: Value| move |jwk: Value| vec![mint::with(&jwk, changes.clone())];
    // `with` takes members out for null; this one really writes null.
    let nulled = |name: &'static str| {
        move |mut jwk: Value| {
            jwk[name] = Value::Null;
            vec![jwk]
        }
    };
    let admitted = Expect::Admitted;
    ec("control", admitted, &|jwk| vec![jwk]);
    ec(
        "control: no alg",
        admitted,
        &changed(json!({ "alg": null })),
    );
    ec(
        "control: no use",
        admitted,
        &changed(json!({ "use": null })),
    );
    ec(
        "control: key_ops verify",
        admitted,
        &changed(json!({ "key_ops": ["verify"] })),
    );
    ec(
        "control: x5c of nonsense",
        admitted,
        &changed(json!({ "x5c": ["AAAA"], "x5t": 1 })),
    );
    ec(
        "control: unknown members",
        admitted,
        &changed(json!({ "ext": { "y": [1] }, "exp": 1 })),
    );
    ec("control: kid twice, one for encryption", admitted, &|jwk| {
        let other = SigningKey::generate(Algorithm::ES256, "x").jwk();
        let other = mint::with(&other, json!({ "kid": jwk["kid"], "use": "enc" }));
        vec![other, jwk]
    });
    ec(
        "control: kid twice, one of another type",
        admitted,
        &|jwk| {
            let other = SigningKey::generate(Algorithm::EdDSA, "x").jwk();
            vec![
                jwk.clone(),
                mint::with(&other, json!({ "kid": jwk["kid"] })),
            ]
        },
    );
    ec("kid twice, both fit", REFUSED, &|jwk| {
        let other = SigningKey::generate(Algorithm::ES256, "x").jwk();
        vec![mint::with(&other, json!({ "kid": jwk["kid"] })), jwk]
    });
    ec("kid twice, the same key", admitted, &|jwk| {
        vec![jwk.clone(), jwk]
    });
    for (name, changes) in [
        ("use enc", json!({ "use": "enc" })),
        ("use in upper case", json!({ "use": "SIG" })),
        ("use empty", json!({ "use": "" })),
        ("use a list", json!({ "use": ["sig"] })),
        ("key_ops sign only", json!({ "key_ops": ["sign"] })),
        ("key_ops empty", json!({ "key_ops": [] })),
        ("key_ops a string", json!({ "key_ops": "verify" })),
        (
            "key_ops encrypt with use sig",
            json!({ "use": "sig", "key_ops": ["encrypt", "wrapKey"] }),
        ),
        ("alg of another curve", json!({ "alg": "ES384" })),
        ("alg ES521", json!({ "alg": "ES521" })),
        ("alg of RSA", json!({ "alg": "RS256" })),
        ("alg of HMAC", json!({ "alg": "HS256" })),
        ("alg none", json!({ "alg": "none" })),
        ("alg of encryption", json!({ "alg": "ECDH-ES" })),
        ("alg a number", json!({ "alg": 256 })),
        ("kty missing", json!({ "kty": null })),
        ("kty in lower case", json!({ "kty": "ec" })),
        ("kty of RSA", json!({ "kty": "RSA" })),
        ("kty of OKP", json!({ "kty": "OKP" })),
        ("kty oct", json!({ "kty": "oct", "k": "AAAA" })),
        ("kty unknown", json!({ "kty": "AKP" })),
        ("crv missing", json!({ "crv": null })),
        ("crv of another curve", json!({ "crv": "P-384" })),
        ("crv secp256k1", json!({ "crv": "secp256k1" })),
        ("crv in lower case", json!({ "crv": "p-256" })),
        ("x missing", json!({ "x": null })),
        ("y missing", json!({ "y": null })),
        ("y a number", json!({ "y": 1 })),
        (
            "point at zero",
            json!({ "x": b64([0; 32]), "y": b64([0; 32]) }),
        ),
        (
            "coordinate beyond the field",
            json!({ "x": b64([0xff; 32]) }),
        ),
        ("x too short", json!({ "x": b64([1; 31]) })),
        ("x too long", json!({ "x": b64([1; 33]) })),
        ("point off the curve", json!({ "y": b64([2; 32]) })),
    ] {
        ec(name, REFUSED, &changed(changes));
    }
    ec("x with padding", REFUSED, &|jwk| {
        let padded = format!("{}=", jwk["x"].as_str().expect("x"));
        vec![mint::with(&jwk, json!({ "x": padded }))]
    });
    ec("alg null", REFUSED, &nulled("alg"));
    ec("use null", REFUSED, &nulled("use"));
    ec("kid missing", REFUSED, &changed(json!({ "kid": null })));
    ec(
        "kid a list",
        REFUSED,
        &changed(json!({ "kid": ["kid a list"] })),
    );
    ec("only in a certificate", REFUSED, &|jwk| {
        vec![json!({ "kid": jwk["kid"], "kty": "EC", "x5c": ["MIIB"], "alg": "ES256" })]
    });
    ec("inside another key", REFUSED, &|jwk| {
        vec![json!({ "kid": "outer", "jwk": jwk })]
    });
    ec("in a list in the list", REFUSED, &|jwk| vec![json!([jwk])]);
    ec("as text", REFUSED, &|jwk| vec![json!(jwk.to_string())]);
    entries
}

/// The RSA defects; the modulus is of a real key.
fn rsa_entries() -> Vec<(&'static str, Value, Expect)> {
    let jwk = RSA[0].jwk();
    let n = URL_SAFE_NO_PAD
        .decode(jwk["n"].as_str().expect("n"))
        .expect("base64url");
    let zero_first = b64([&[0], n.as_slice()].concat());
    let mut even = n.clone();
    *even.last_mut().expect("bytes") &= 0xfe;
    let changed = |name: &'static str, changes: Value| {
        (
            name,
            mint::with(&mint::with(&jwk, json!({ "kid": name })), changes),
            REFUSED,
        )
    };
    vec![
        (
            "control: RSA without alg",
            mint::with(
                &jwk,
                json!({ "alg": null, "kid": "control: RSA without alg" }),
            ),
            Expect::Admitted,
        ),
        (
            "control: a zero octet before n",
            mint::with(
                &jwk,
                json!({ "n": zero_first, "kid": "control: a zero octet before n" }),
            ),
            Expect::Admitted,
        ),
        changed("e of 1", json!({ "e": "AQ" })),
        changed("e of 0", json!({ "e": "AA" })),
        changed("e of 2", json!({ "e": "Ag" })),
        changed("e even", json!({ "e": b64([1, 0, 0]) })),
        changed("e missing", json!({ "e": null })),
        changed("e huge", json!({ "e": b64([0xff; 64]) })),
        changed("n missing", json!({ "n": null })),
        changed("n even", json!({ "n": b64(&even) })),
        changed("n of 1024 bits", json!({ "n": b64(&n[128..]) })),
        changed(
            "n of 1024 bits behind zeros",
            json!({ "n": b64([&[0; 128], &n[128..]].concat()) }),
        ),
        changed("n of 2040 bits", json!({ "n": b64(&n[1..]) })),
        changed(
            "n of 16384 bits",
            json!({ "n": b64([n.as_slice(); 8].concat()) }),
        ),
        changed(
            "n not base64url",
            json!({ "n": format!("{}==", jwk["n"].as_str().expect("n")) }),
        ),
        changed("alg RSA-OAEP", json!({ "alg": "RSA-OAEP" })),
        changed(
            "alg RSA1_5 without use",
            json!({ "alg": "RSA1_5", "use": null }),
        ),
        (
            "bound to PS256",
            mint::with(&jwk, json!({ "alg": "PS256", "kid": "bound to PS256" })),
            Expect::InvalidToken("invalid_algorithm"),
        ),
    ]
}

/// The names of all cases, for the count.
pub fn names() -> Vec<String> {
    let ec = entries().into_iter().map(|entry| entry.name);
    let rsa = rsa_entries().into_iter().map(|(name, ..)| name);
    ec.chain(rsa)
        .chain(["forged for e = 1", "a member twice in a key"])
        .map(|name| format!("key_set: {name}"))
        .collect()
}

/// With e = 1 a signature is its own message: no private key is needed.
fn forged_for_exponent_one(claims: &Value) -> String {
    let header = json!({ "alg": "RS256", "kid": "e of 1" }).to_string();
    let input = format!("{}.{}", b64(header), b64(claims.to_string()));
    // RFC 8017 section 9.2: 00 01 FF.. 00 DigestInfo, 256 bytes for 2048 bits.
    const DIGEST_INFO: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    let mut message = vec![0, 1];
    message.resize(256 - DIGEST_INFO.len() - 32 - 1, 0xff);
    message.push(0);
    message.extend(DIGEST_INFO);
    message.extend(digest(&SHA256, input.as_bytes()).as_ref());
    format!("{input}.{}", b64(message))
}

#[tokio::test]
async fn every_key_of_a_set_full_of_defects_is_judged_alone() {
    let issuer = Issuer::start(&[]).await;
    let claims = mint::claims(&issuer.issuer(), CLIENT, "alice");
    let entries = entries();
    let rsa = rsa_entries();
    let mut keys: Vec<String> = entries
        .iter()
        .flat_map(|entry| &entry.published)
        .chain(rsa.iter().map(|(_, jwk, _)| jwk))
        .map(Value::to_string)
        .collect();
    let twice = SigningKey::generate(Algorithm::ES256, "twice");
    let text = twice.jwk().to_string();
    keys.push(format!("{},\"use\":\"sig\"}}", text.trim_end_matches('}')));
    issuer.publish_text(format!(
        "{{\"keys\":[null,1,\"x\",[],{{}},{}]}}",
        keys.join(",")
    ));

    let algorithms = [Algorithm::ES256, Algorithm::RS256];
    let keycloak = Keycloak::builder()
        .server_url(issuer.server_url())
        .realm(REALM)
        .client_id(CLIENT)
        .algorithms(algorithms)
        .build()
        .expect("good settings");
    let (address, server) = serve(keycloak).await;

    let mut cases: Vec<Case> = entries
        .iter()
        .map(|entry| Case::token(entry.name, entry.key.token(&claims), entry.expect))
        .collect();
    for (name, _, expect) in rsa {
        let header = json!({ "alg": "RS256", "kid": name }).to_string();
        let token = RSA[0].compact(&header, claims.to_string().as_bytes());
        cases.push(Case::token(name, token, expect));
    }
    cases.push(Case::token(
        "forged for e = 1",
        forged_for_exponent_one(&claims),
        REFUSED,
    ));
    cases.push(Case::token(
        "a member twice in a key",
        twice.token(&claims),
        REFUSED,
    ));

    let mut failures = Vec::new();
    for case in cases {
        if let Err(failure) = case.judge_at(address).await {
            failures.push(format!("{}: {failure}", case.name));
        }
    }
    server.abort();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Answers that are not key sets: the keys we have stay, and while we have none, no token is checked.
#[tokio::test]
async fn an_unusable_set_is_the_providers_fault_not_the_callers() {
    let key = SigningKey::generate(Algorithm::ES256, "key-1");
    let many: Vec<Value> = (0..2_000)
        .map(|n| json!({ "kid": n.to_string() }))
        .collect();
    for (name, text) in [
        ("empty", String::new()),
        ("no JSON", "<html>".to_owned()),
        ("a list", json!([key.jwk()]).to_string()),
        ("no keys", "{}".to_owned()),
        ("an empty list", json!({ "keys": [] }).to_string()),
        (
            "keys an object",
            json!({ "keys": { "key-1": key.jwk() } }).to_string(),
        ),
        (
            "keys twice",
            format!("{{\"keys\":[{0}],\"keys\":[{0}]}}", key.jwk()),
        ),
        (
            "two documents",
            format!("{0}{0}", json!({ "keys": [key.jwk()] })),
        ),
        (
            "only encryption keys",
            json!({ "keys": [mint::with(&key.jwk(), json!({ "use": "enc" }))] }).to_string(),
        ),
        ("too many keys", json!({ "keys": many }).to_string()),
        (
            "nested deep",
            format!("{{\"keys\":[{},{}]}}", key.jwk(), "[".repeat(10_000)),
        ),
    ] {
        let issuer = Issuer::start(&[]).await;
        issuer.publish_text(text);
        let keycloak = super::world::keycloak(&issuer, Algorithm::ES256);
        let (address, server) = serve(keycloak).await;
        let token = key.token(&mint::claims(&issuer.issuer(), CLIENT, "alice"));
        let case = Case::token(name, token, Expect::Unavailable);
        if let Err(failure) = case.judge_at(address).await {
            panic!("{name}: {failure}");
        }
        server.abort();
    }
}
