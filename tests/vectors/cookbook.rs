//! The IETF JOSE cookbook (RFC 7520) and the Ed25519 example of RFC 8037.

use keycloak::{__fuzz::Keys, Algorithm};
use serde_json::{Value, json};
use support::mint::b64;

/// The example's key as a realm would publish it, under the `kid` of the example's header.
fn keys(example: &Value) -> Result<Keys, String> {
    let mut key = example["input"]["key"].clone();
    for private in ["d", "p", "q", "dp", "dq", "qi"] {
        key.as_object_mut().expect("a key").remove(private);
    }
    Keys::parse(json!({ "keys": [key] }).to_string().as_bytes())
}

fn example(file: &str) -> Option<Value> {
    let text = super::vectors(&format!("cookbook/{file}"))?;
    Some(serde_json::from_str(&text).expect("an example"))
}

#[track_caller]
fn verifies(file: &str) {
    let Some(example) = example(file) else {
        return;
    };
    let compact = example["output"]["compact"].as_str().expect("a JWS");
    let payload = keys(&example)
        .and_then(|keys| keys.verify_jws(compact, &Algorithm::ALL))
        .expect(file);
    assert_eq!(
        Some(payload.as_slice()),
        example["input"]["payload"].as_str().map(str::as_bytes)
    );
    // Positive control of the refusals: one changed character of the signature.
    let (head, signature) = compact.rsplit_once('.').expect("a signature");
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("{head}.{other}{}", &signature[1..]);
    assert!(
        keys(&example)
            .expect(file)
            .verify_jws(&forged, &Algorithm::ALL)
            .is_err()
    );
}

#[track_caller]
fn is_refused(file: &str, because: &str) {
    let Some(example) = example(file) else {
        return;
    };
    let Some(compact) = example["output"]["compact"].as_str() else {
        panic!("{file} has no compact form");
    };
    let refusal = keys(&example)
        .and_then(|keys| keys.verify_jws(compact, &Algorithm::ALL))
        .expect_err(file);
    assert_eq!(refusal, because, "{file}");
}

#[test]
fn verifies_rsa_v15() {
    verifies("jws/4_1.rsa_v15_signature.json");
}

#[test]
fn verifies_rsa_pss() {
    verifies("jws/4_2.rsa-pss_signature.json");
}

#[test]
fn verifies_ecdsa_p521() {
    verifies("jws/4_3.ecdsa_signature.json");
}

#[test]
fn refuses_every_hmac_example() {
    for file in [
        "jws/4_4.hmac-sha2_integrity_protection.json",
        "jws/4_5.signature_with_detached_content.json",
        "rfc7797/hmac-sha2_b64_false.json",
    ] {
        is_refused(file, "the key set has no usable signature key");
    }
}

#[test]
fn refuses_a_token_that_names_no_key() {
    // The example's header is {"alg":"EdDSA"}: without a `kid` a verifier would have to try keys.
    let Some(mut example) = example("curve25519/jws.json") else {
        return;
    };
    example["input"]["key"]["kid"] = json!("k");
    let compact = example["output"]["compact"].as_str().expect("a JWS");
    let refusal = keys(&example)
        .expect("keys")
        .verify_jws(compact, &Algorithm::ALL)
        .expect_err("no kid");
    assert_eq!(
        refusal,
        "the header parameter `kid` is missing or not acceptable"
    );
}

#[test]
fn a_signature_does_not_verify_under_another_header() {
    let Some(mut example) = example("curve25519/jws.json") else {
        return;
    };
    example["input"]["key"]["kid"] = json!("k");
    let keys = keys(&example).expect("keys");
    // The signature covers the example's own header, so under another one it must not verify.
    let parts: Vec<&str> = example["output"]["compact"]
        .as_str()
        .expect("a JWS")
        .split('.')
        .collect();
    let header = b64(r#"{"alg":"EdDSA","kid":"k"}"#);
    let moved = format!("{header}.{}.{}", parts[1], parts[2]);
    assert_eq!(
        keys.verify_jws(&moved, &Algorithm::ALL).expect_err("moved"),
        "the signature does not verify"
    );
}

/// RFC 8037 appendix A.1 and A.4, with a header of ours that has a `kid`: the private key of the
/// example signs, its public key verifies.
#[test]
fn ed25519_signatures_of_the_example_key_verify() {
    use aws_lc_rs::signature::Ed25519KeyPair;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let Some(mut example) = example("curve25519/jws.json") else {
        return;
    };
    let bytes = |name: &str| {
        let text = example["input"]["key"][name].as_str().expect("a parameter");
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    };
    let pair = Ed25519KeyPair::from_seed_and_public_key(&bytes("d"), &bytes("x")).expect("a pair");
    // Ed25519 is deterministic: this is the example's own signature.
    let input = example["signing"]["sig-input"].as_str().expect("an input");
    assert_eq!(
        json!(b64(pair.sign(input.as_bytes()))),
        example["signing"]["sig"]
    );

    let header = b64(r#"{"alg":"EdDSA","kid":"k"}"#);
    let payload = b64(example["input"]["payload"].as_str().expect("a payload"));
    let input = format!("{header}.{payload}");
    let compact = format!("{input}.{}", b64(pair.sign(input.as_bytes())));
    example["input"]["key"]["kid"] = json!("k");
    let keys = keys(&example).expect("keys");
    assert!(keys.verify_jws(&compact, &Algorithm::ALL).is_ok());
}
