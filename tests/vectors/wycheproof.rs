//! Wycheproof's JOSE vectors, as far as they apply to a verifier of compact JWS with a JWK set.
//!
//! `applicable.jsonl` holds one case a line: a key set, a JWS, and what a verifier must do that
//! knows asymmetric keys only, wants a `kid` and never tries keys.

use keycloak::{__fuzz::Keys, Algorithm};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    file: String,
    #[serde(rename = "tcId")]
    id: u32,
    comment: String,
    jwks: Value,
    jws: String,
    expect: Expect,
    layer: Layer,
}

#[derive(Deserialize, PartialEq, Eq, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Accept,
    Reject,
    Either,
}

#[derive(Deserialize, PartialEq, Eq, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Layer {
    Jws,
    Jwks,
}

fn verify(case: &Case) -> Result<Vec<u8>, String> {
    Keys::parse(case.jwks.to_string().as_bytes())?.verify_jws(&case.jws, &Algorithm::ALL)
}

/// What we do with the cases that leave the choice to the verifier.
///
/// The key's own `alg` decides (RFC 8725 section 3.1), so a PS256 key does not verify PS384, and
/// `ES521` is not an algorithm. The ROCA fingerprint is not tested: it would look for one vendor's
/// defect of 2017 in the realm's own keys, which an attacker does not choose.
const EITHER: [(&str, u32, bool); 6] = [
    ("json_web_signature_test", 346, false),
    ("json_web_signature_test", 347, false),
    ("json_web_signature_test", 350, false),
    ("json_web_signature_test", 351, false),
    ("json_web_key_test", 7, true),
    ("json_web_crypto_test", 46, true),
];

#[test]
fn every_applicable_case_is_judged_as_it_must_be() {
    let Some(text) = super::vectors("wycheproof/applicable.jsonl") else {
        return;
    };
    let cases: Vec<Case> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a case"))
        .collect();
    let (mut accepted, mut rejected, mut sets) = (0, 0, 0);
    let mut either = Vec::new();
    let mut wrong = Vec::new();
    for case in &cases {
        let result = verify(case);
        match case.expect {
            Expect::Either => either.push((case.file.as_str(), case.id, result.is_ok())),
            Expect::Accept if result.is_ok() => accepted += 1,
            Expect::Reject if result.is_err() && case.layer == Layer::Jws => rejected += 1,
            Expect::Reject if result.is_err() => sets += 1,
            Expect::Accept | Expect::Reject => wrong.push(format!(
                "{} {} ({}): {result:?}",
                case.file, case.id, case.comment
            )),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((accepted, rejected, sets), (35, 411, 24));
    assert_eq!(either, EITHER);
}

#[test]
fn accepted_cases_give_the_payload_that_was_signed() {
    let Some(text) = super::vectors("wycheproof/applicable.jsonl") else {
        return;
    };
    for line in text.lines() {
        let case: Case = serde_json::from_str(line).expect("a case");
        if case.expect == Expect::Accept {
            let part = case.jws.split('.').nth(1).expect("a payload");
            let payload = verify(&case).expect("an accepted case");
            assert_eq!(support::mint::b64(payload), part, "{}", case.id);
        }
    }
}
