use std::sync::LazyLock;

use aws_lc_rs::{
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{error::UnusableKey, *};
use crate::jose::algorithm::Algorithm;

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn ec(algorithm: &'static EcdsaSigningAlgorithm, curve: &str) -> Value {
    let pair = EcdsaKeyPair::generate(algorithm).unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = point[1..].split_at(point.len() / 2);
    json!({ "kid": "k", "kty": "EC", "crv": curve, "x": b64(x), "y": b64(y) })
}

fn p256() -> Value {
    ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256")
}

fn ed25519() -> Value {
    let pair = Ed25519KeyPair::generate().unwrap();
    json!({ "kid": "k", "kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key()) })
}

/// The modulus out of a DER `RSAPublicKey` with the exponent 65537, which takes the last 5 bytes.
fn modulus(size: KeySize) -> Vec<u8> {
    let pair = RsaKeyPair::generate(size).unwrap();
    let der = pair.public_key().as_ref();
    let (before_exponent, _) = der.split_at(der.len().saturating_sub(5));
    let start = before_exponent.len().saturating_sub(size.len());
    before_exponent[start..].to_vec()
}

static MODULUS: LazyLock<Vec<u8>> = LazyLock::new(|| modulus(KeySize::Rsa2048));

fn rsa() -> Value {
    json!({ "kid": "k", "kty": "RSA", "n": b64(&*MODULUS), "e": "AQAB" })
}

/// `jwk` with `changes` over it; `null` takes a member out.
#[allow(clippy::needless_pass_by_value, reason = "reads better at the call")]
fn changed(mut jwk: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            jwk.as_object_mut().unwrap().remove(name);
        } else {
            jwk[name] = value.clone();
        }
    }
    jwk
}

fn set(keys: &[Value]) -> Result<KeySet, JwkSetError> {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
}

#[track_caller]
fn unusable(jwk: &Value, reason: UnusableKey) {
    assert_eq!(VerificationKey::from_jwk(jwk).unwrap_err(), reason, "{jwk}");
}

#[track_caller]
fn algorithms(jwk: &Value, expected: &[Algorithm]) {
    let keys = VerificationKey::from_jwk(jwk).unwrap();
    let found: Vec<_> = keys.iter().map(VerificationKey::algorithm).collect();
    assert_eq!(found, expected, "{jwk}");
}

#[test]
fn a_key_is_bound_by_type_and_curve() {
    algorithms(&rsa(), &Algorithm::RSA);
    algorithms(&p256(), &[Algorithm::ES256]);
    algorithms(
        &ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
        &[Algorithm::ES384],
    );
    algorithms(&ed25519(), &[Algorithm::EdDSA]);
}

#[test]
fn an_alg_of_its_own_binds_a_key_to_it() {
    algorithms(
        &changed(rsa(), json!({"alg": "PS384"})),
        &[Algorithm::PS384],
    );
    for alg in ["RSA-OAEP", "RSA1_5", "HS256", "none", "ES256", "rs256", ""] {
        unusable(
            &changed(rsa(), json!({ "alg": alg })),
            UnusableKey::Algorithm,
        );
    }
    unusable(&changed(rsa(), json!({"alg": 256})), UnusableKey::Algorithm);
    for alg in ["ES384", "ES521", "RS256", "EdDSA"] {
        unusable(
            &changed(p256(), json!({ "alg": alg })),
            UnusableKey::Algorithm,
        );
    }
}

#[test]
fn use_and_key_ops_must_allow_verifying() {
    algorithms(
        &changed(p256(), json!({"use": "sig", "key_ops": ["verify"]})),
        &[Algorithm::ES256],
    );
    for wrong in [
        json!({"use": "enc"}),
        json!({"use": "SIG"}),
        json!({"use": ["sig"]}),
        json!({"key_ops": []}),
        json!({"key_ops": ["sign"]}),
        json!({"key_ops": "verify"}),
        json!({"key_ops": ["verify", 1]}),
        json!({"use": "sig", "key_ops": ["encrypt"]}),
    ] {
        unusable(&changed(p256(), wrong), UnusableKey::Purpose);
    }
}

#[test]
fn symmetric_and_unknown_keys_are_skipped() {
    unusable(
        &json!({"kid": "k", "kty": "oct", "k": "AAAA", "alg": "HS256"}),
        UnusableKey::KeyType,
    );
    unusable(&changed(p256(), json!({"kty": "ec"})), UnusableKey::KeyType);
    unusable(&changed(p256(), json!({"kty": null})), UnusableKey::KeyType);
    unusable(
        &changed(p256(), json!({"kty": "AKP"})),
        UnusableKey::KeyType,
    );
    unusable(
        &changed(p256(), json!({"crv": "secp256k1"})),
        UnusableKey::Curve,
    );
    unusable(&changed(p256(), json!({"crv": null})), UnusableKey::Curve);
    unusable(
        &changed(ed25519(), json!({"crv": "Ed448"})),
        UnusableKey::Curve,
    );
    unusable(
        &changed(ed25519(), json!({"crv": "X25519"})),
        UnusableKey::Curve,
    );
    unusable(&json!("k"), UnusableKey::NotAnObject);
}

#[test]
fn a_kid_is_a_string_of_sane_length() {
    for kid in [json!(""), json!(1), json!(["k"]), json!("k".repeat(257))] {
        unusable(&changed(p256(), json!({ "kid": kid })), UnusableKey::Kid);
    }
    unusable(&changed(p256(), json!({"kid": null})), UnusableKey::Kid);
    assert!(set(&[changed(p256(), json!({"kid": "k".repeat(256)}))]).is_ok());
}

#[test]
fn rsa_keys_are_strong_enough_and_not_absurd() {
    let small = modulus(KeySize::Rsa2048)[1..].to_vec();
    unusable(
        &changed(rsa(), json!({"n": b64([&[1], &small[..]].concat())})),
        UnusableKey::ModulusSize { bits: 2041 },
    );
    unusable(
        &changed(rsa(), json!({"n": b64([&[0xff; 1024][..], &[1]].concat())})),
        UnusableKey::ModulusSize { bits: 8200 },
    );
    // Leading zero octets add no strength.
    unusable(
        &changed(
            rsa(),
            json!({"n": b64([&[0; 128][..], &[0xff; 128]].concat())}),
        ),
        UnusableKey::ModulusSize { bits: 1024 },
    );
    let mut even = MODULUS.clone();
    *even.last_mut().unwrap() &= 0xfe;
    unusable(
        &changed(rsa(), json!({"n": b64(even)})),
        UnusableKey::NotAKey,
    );
    for (e, bytes) in [
        ("one", &[1][..]),
        ("two", &[2]),
        ("even", &[1, 0, 0]),
        ("34 bits", &[2, 0, 0, 0, 1]),
    ] {
        let jwk = changed(rsa(), json!({"e": b64(bytes)}));
        assert_eq!(
            VerificationKey::from_jwk(&jwk).unwrap_err(),
            UnusableKey::Exponent,
            "{e}"
        );
    }
    algorithms(&changed(rsa(), json!({"e": "Aw"})), &Algorithm::RSA);
    let zero_first = b64([&[0], &MODULUS[..]].concat());
    algorithms(&changed(rsa(), json!({"n": zero_first})), &Algorithm::RSA);
}

#[test]
fn parameters_are_base64url_of_the_full_length() {
    for jwk in [
        changed(rsa(), json!({"n": null})),
        changed(rsa(), json!({"e": null})),
        changed(rsa(), json!({"e": ""})),
        changed(rsa(), json!({"e": "AAA"})),
        changed(rsa(), json!({"e": "AQAB="})),
        changed(rsa(), json!({"n": 5})),
        changed(rsa(), json!({"n": "A".repeat(1_404)})),
        changed(p256(), json!({"x": null})),
        changed(p256(), json!({"y": b64([1; 31])})),
        changed(p256(), json!({"y": b64([1; 33])})),
        changed(ed25519(), json!({"x": b64([1; 31])})),
    ] {
        unusable(&jwk, UnusableKey::Parameter);
    }
}

#[test]
fn a_point_off_the_curve_is_no_key() {
    let good = p256();
    let mut y = URL_SAFE_NO_PAD.decode(good["y"].as_str().unwrap()).unwrap();
    y[31] ^= 1;
    unusable(&changed(good, json!({"y": b64(y)})), UnusableKey::NotAKey);
    let zero = b64([0; 32]);
    unusable(
        &changed(p256(), json!({"x": zero, "y": zero})),
        UnusableKey::NotAKey,
    );
    let large = b64([0xff; 32]);
    unusable(&changed(p256(), json!({"x": large})), UnusableKey::NotAKey);
}

#[test]
fn one_bad_key_never_drops_the_set() {
    let text = format!(
        r#"{{"keys":[{{"kid":"a","kid":"b"}},null,7,[],{{}},{},{{"kid":"o","kty":"oct","k":"AA"}}]}}"#,
        p256()
    );
    let set = KeySet::parse(text.as_bytes()).unwrap();
    assert_eq!((set.len(), set.skipped()), (1, 6));
    assert!(set.key("k", Algorithm::ES256).is_ok());
}

#[test]
fn what_is_no_key_set_is_an_error() {
    let parse = |text: &str| KeySet::parse(text.as_bytes()).unwrap_err();
    for text in ["", "[]", "{", "{}{}", "{\"keys\":[],\"keys\":[]}"] {
        assert!(matches!(parse(text), JwkSetError::Json(_)), "{text}");
    }
    for text in ["{}", "{\"keys\":{}}", "{\"keys\":null}"] {
        assert_eq!(parse(text), JwkSetError::NoKeysMember);
    }
    assert_eq!(parse("{\"keys\":[]}"), JwkSetError::NoUsableKey);
    assert_eq!(
        set(&[changed(p256(), json!({"use": "enc"}))]).unwrap_err(),
        JwkSetError::NoUsableKey
    );
    let many = vec![json!({}); 129];
    assert_eq!(
        set(&many).unwrap_err(),
        JwkSetError::TooManyKeys {
            count: 129,
            limit: 128
        }
    );
}

#[test]
fn a_key_is_chosen_by_kid_and_alg_or_not_at_all() {
    let set = set(&[changed(rsa(), json!({"alg": "RS256"}))]).unwrap();
    assert_eq!(set.key("k", Algorithm::RS256).unwrap().kid(), "k");
    let fault = |kid, alg| set.key(kid, alg).unwrap_err();
    assert_eq!(fault("k", Algorithm::RS512), KeyFault::WrongAlgorithm);
    assert_eq!(fault("k", Algorithm::ES256), KeyFault::WrongAlgorithm);
    assert_eq!(fault("K", Algorithm::RS256), KeyFault::Unknown);
    assert_eq!(fault("", Algorithm::RS256), KeyFault::Unknown);
}

#[test]
fn one_kid_twice_keeps_those_that_fit_and_refuses_a_choice() {
    let other = changed(rsa(), json!({"alg": "RS256"}));
    let unfit = changed(rsa(), json!({"use": "enc", "alg": "RSA-OAEP"}));
    let mixed = set(&[p256(), other, unfit]).unwrap();
    assert!(mixed.key("k", Algorithm::ES256).is_ok());
    assert!(mixed.key("k", Algorithm::RS256).is_ok());

    let twice = set(&[p256(), p256(), changed(p256(), json!({"kid": "other"}))]).unwrap();
    assert_eq!(
        twice.key("k", Algorithm::ES256).unwrap_err(),
        KeyFault::Ambiguous
    );
    assert!(twice.key("other", Algorithm::ES256).is_ok());
}

#[test]
fn the_same_key_twice_is_one_key() {
    let (ec, rsa) = (p256(), rsa());
    let same = set(&[
        ec.clone(),
        changed(
            ec.clone(),
            json!({"use": "sig", "alg": "ES256", "x5t": "x"}),
        ),
        rsa.clone(),
        rsa,
    ])
    .unwrap();
    for algorithm in [Algorithm::ES256, Algorithm::RS256, Algorithm::PS512] {
        assert!(same.key("k", algorithm).is_ok(), "{algorithm}");
    }
    let third = set(&[ec.clone(), ec, p256()]).unwrap();
    assert_eq!(
        third.key("k", Algorithm::ES256).unwrap_err(),
        KeyFault::Ambiguous
    );
}

#[test]
fn a_fingerprint_follows_material_and_algorithm_not_the_name() {
    let (key, renamed, other) = (
        p256(),
        |key: &Value| changed(key.clone(), json!({"kid": "new"})),
        p256(),
    );
    let fingerprint = |jwk: &Value| VerificationKey::from_jwk(jwk).unwrap()[0].fingerprint();
    assert_eq!(fingerprint(&key), fingerprint(&renamed(&key)));
    assert_ne!(fingerprint(&key), fingerprint(&other));
    let rsa: Vec<_> = VerificationKey::from_jwk(&rsa()).unwrap();
    assert_ne!(rsa[0].fingerprint(), rsa[1].fingerprint());
    let set = set(std::slice::from_ref(&key)).unwrap();
    assert!(set.has(fingerprint(&key)) && !set.has(fingerprint(&other)));
}

#[test]
fn embedded_certificates_and_private_parts_change_nothing() {
    let jwk = changed(
        p256(),
        json!({"x5c": ["not a certificate"], "x5u": "http://127.0.0.1:9/", "d": 7, "iss": {}}),
    );
    algorithms(&jwk, &[Algorithm::ES256]);
}
