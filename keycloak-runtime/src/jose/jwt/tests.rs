use std::{sync::LazyLock, time::Duration};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    error::{ClaimError, Part, TokenError},
    *,
};
use crate::{
    base::fault::Fault,
    base::{
        clock::Timestamp,
        json::{JsonError, Object},
        restriction::{NonEmpty, Restriction},
    },
    jose::{
        algorithm::Algorithm,
        jwk::{KeySet, VerificationKey},
    },
};

const ISSUER: &str = "https://id.example/realms/demo";
const NOW: i64 = 1_700_000_000;

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

struct Realm {
    pair: Ed25519KeyPair,
    keys: KeySet,
}

static REALM: LazyLock<Realm> = LazyLock::new(|| {
    let pair = Ed25519KeyPair::generate().unwrap();
    let jwk =
        |kid| json!({"kid": kid, "kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key())});
    let set = json!({ "keys": [jwk("k"), jwk("other")] }).to_string();
    Realm {
        keys: KeySet::parse(set.as_bytes()).unwrap(),
        pair,
    }
});

fn key() -> &'static VerificationKey {
    REALM.keys.key("k", Algorithm::EdDSA).unwrap()
}

fn sign(header: &str, payload: &str) -> String {
    let input = format!("{header}.{payload}");
    format!("{input}.{}", b64(REALM.pair.sign(input.as_bytes())))
}

fn these(texts: &[&str]) -> Restriction<String> {
    Restriction::These(NonEmpty::new(texts.iter().map(|text| (*text).to_owned())).unwrap())
}

fn policy() -> ValidationPolicy {
    ValidationPolicy {
        issuers: vec!["https://other.example".to_owned(), ISSUER.to_owned()],
        audiences: these(&["api", "api2"]),
        authorized_parties: Restriction::Any,
        algorithms: vec![Algorithm::EdDSA],
        leeway: Duration::from_secs(10),
    }
}

fn good_claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "api", "sub": "alice", "typ": "Bearer", "azp": "web",
        "exp": NOW + 60, "iat": NOW, "nbf": NOW,
    })
}

/// The good claims with one member changed; `None` takes it out.
fn claims_with(name: &str, value: Option<Value>) -> String {
    let mut claims = good_claims();
    match value {
        Some(value) => claims[name] = value,
        None => {
            claims.as_object_mut().unwrap().remove(name);
        }
    }
    claims.to_string()
}

fn check(payload: &str, policy: &ValidationPolicy) -> Result<VerifiedToken, ClaimError> {
    let object = Object::parse(payload.as_bytes()).map_err(ClaimError::Json)?;
    validate::claims(object, policy, Timestamp::from_secs(NOW)).map_err(|refused| refused.error())
}

#[track_caller]
fn accepts(name: &str, value: impl Into<Option<Value>>) {
    let payload = claims_with(name, value.into());
    if let Err(error) = check(&payload, &policy()) {
        panic!("{payload}: {error}");
    }
}

#[track_caller]
fn refuses(name: &'static str, value: impl Into<Option<Value>>, expected: ClaimError) {
    let payload = claims_with(name, value.into());
    assert_eq!(
        check(&payload, &policy()).unwrap_err(),
        expected,
        "{payload}"
    );
}

/// `good_claims` with `name` set to this JSON text.
fn with_text(name: &str, text: &str) -> String {
    claims_with(name, Some(json!("@"))).replacen("\"@\"", text, 1)
}

fn parse(compact: &str) -> Result<UnverifiedToken<'_>, TokenError> {
    UnverifiedToken::parse(compact, &[Algorithm::EdDSA])
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "calls read better")]
fn header_is(header: &str, expected: Result<(), TokenError>) {
    let compact = sign(&b64(header), &b64("{}"));
    assert_eq!(parse(&compact).map(|_| ()), expected, "{header}");
}

#[test]
fn a_good_token_gives_its_claims() {
    let compact = sign(
        &b64(r#"{"alg":"EdDSA","kid":"k"}"#),
        &b64(good_claims().to_string()),
    );
    let token = parse(&compact).unwrap();
    assert_eq!((token.kid(), token.algorithm()), ("k", Algorithm::EdDSA));
    let token = token
        .verify(key(), &policy(), Timestamp::from_secs(NOW))
        .unwrap();
    assert_eq!(
        token
            .claims()
            .get("sub")
            .and_then(crate::base::json::View::as_str),
        Some("alice")
    );
    assert_eq!(token.expires_at(), Timestamp::from_secs(NOW + 60));
    assert_eq!(token.not_before(), Some(Timestamp::from_secs(NOW)));
    assert_eq!(token.key(), Some(key().fingerprint()));
    assert!(!format!("{token:?}").contains("alice"));
}

#[test]
fn shape_is_three_parts_with_header_and_signature() {
    for compact in [
        "", ".", "..", "a", "a.b", "a..", ".b.c", "..c", "a.b.", "a.b.c.d",
    ] {
        assert_eq!(
            parse(compact).unwrap_err(),
            TokenError::NotCompactJws,
            "{compact}"
        );
    }
    assert_eq!(parse("a.b.c.d.e").unwrap_err(), TokenError::Encrypted);
    assert_eq!(parse("a.b.c.d.e.f").unwrap_err(), TokenError::NotCompactJws);
    assert_eq!(parse(&".".repeat(30_000)).unwrap_err(), TokenError::TooLong);
    assert_eq!(
        parse(&".".repeat(16_000)).unwrap_err(),
        TokenError::NotCompactJws
    );
    let longest = "a".repeat(MAX_TOKEN_BYTES);
    assert_eq!(parse(&longest).unwrap_err(), TokenError::NotCompactJws);
    assert_eq!(
        parse(&format!("{longest}a")).unwrap_err(),
        TokenError::TooLong
    );
}

#[test]
fn the_header_is_strict() {
    header_is(r#"{"alg":"EdDSA","kid":"k"}"#, Ok(()));
    header_is(
        r#"{"alg":"EdDSA","kid":"k","jwk":{"kty":"oct"},"jku":"http://127.0.0.1:9/","x5c":[1],"x5u":7,"b64":false,"zip":"DEF"}"#,
        Ok(()),
    );
    for (text, error) in [
        ("[]", JsonError::NotAnObject),
        ("\"x\"", JsonError::NotAnObject),
        (r#"{"alg":"EdDSA","kid":"k"} "x""#, JsonError::TrailingData),
        (
            r#"{"alg":"EdDSA","kid":"k","alg":"EdDSA"}"#,
            JsonError::DuplicateMember,
        ),
        (
            r#"{"alg":"EdDSA","kid":"k","x":{"a":1,"a":1}}"#,
            JsonError::DuplicateMember,
        ),
    ] {
        header_is(text, Err(TokenError::HeaderJson(error)));
    }
    header_is(r#"{"kid":"k"}"#, Err(TokenError::Header("alg")));
    header_is(
        r#"{"alg":["EdDSA"],"kid":"k"}"#,
        Err(TokenError::Header("alg")),
    );
    for alg in ["none", "HS256", "RS256", "eddsa", "", "Ed25519"] {
        header_is(
            &json!({"alg": alg, "kid": "k"}).to_string(),
            Err(TokenError::AlgorithmNotAllowed),
        );
    }
    for kid in [
        json!(null),
        json!(1),
        json!(""),
        json!(["k"]),
        json!("k".repeat(257)),
    ] {
        header_is(
            &json!({"alg": "EdDSA", "kid": kid}).to_string(),
            Err(TokenError::Header("kid")),
        );
    }
    header_is(r#"{"alg":"EdDSA"}"#, Err(TokenError::Header("kid")));
    for crit in [json!([]), json!(["exp"]), json!(null), json!("b64")] {
        header_is(
            &json!({"alg": "EdDSA", "kid": "k", "crit": crit}).to_string(),
            Err(TokenError::Header("crit")),
        );
    }
}

#[test]
fn the_header_typ_is_one_of_an_access_token() {
    for typ in [
        "JWT",
        "jwt",
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/AT+jwt",
    ] {
        header_is(
            &json!({"alg": "EdDSA", "kid": "k", "typ": typ}).to_string(),
            Ok(()),
        );
    }
    for typ in [
        json!("logout+jwt"),
        json!("dpop+jwt"),
        json!("application/jwt"),
        json!("JOSE"),
        json!(""),
        json!(" JWT"),
        json!(null),
        json!(1),
        json!(["JWT"]),
        json!("secevent+jwt"),
    ] {
        header_is(
            &json!({"alg": "EdDSA", "kid": "k", "typ": typ}).to_string(),
            Err(TokenError::Header("typ")),
        );
    }
}

#[test]
fn parts_are_canonical_base64url() {
    let header = b64(r#"{"alg":"EdDSA","kid":"k"}"#);
    assert_eq!(
        parse(&sign(&format!("{header}="), "e30")).unwrap_err(),
        TokenError::Encoding(Part::Header)
    );
    // "e31" decodes to the same two bytes as "e30" where stray bits are let through.
    for payload in ["e30=", "e31", "e3+", "e3/", "e 0"] {
        assert_eq!(
            parse(&sign(&header, payload)).unwrap_err(),
            TokenError::Encoding(Part::Payload),
            "{payload}"
        );
    }
    let compact = sign(&header, "e30");
    assert!(parse(&compact).unwrap().verified_payload(key()).is_ok());
    for tail in ["=", "==", " ", "+", "~"] {
        assert_eq!(
            parse(&format!("{compact}{tail}")).unwrap_err(),
            TokenError::Encoding(Part::Signature),
            "{tail}"
        );
    }
    let longer = format!("{compact}AAAA");
    assert_eq!(
        parse(&longer).unwrap().verified_payload(key()),
        Err(TokenError::SignatureMismatch)
    );
    // A signature longer than any key of ours could make.
    let long = format!("{header}.e30.{}", "A".repeat(4_000));
    assert_eq!(
        parse(&long).unwrap_err(),
        TokenError::Encoding(Part::Signature)
    );
}

#[test]
fn the_signature_covers_header_and_payload() {
    let header = b64(r#"{"alg":"EdDSA","kid":"k"}"#);
    let other = b64(r#"{"kid":"k","alg":"EdDSA"}"#);
    let compact = sign(&header, "e30");
    let signature = compact.rsplit('.').next().unwrap();
    for forged in [
        format!("{other}.e30.{signature}"),
        format!("{header}.e30K.{signature}"),
        format!("{header}..{signature}"),
        format!("{header}.e30.{}", b64([0; 64])),
        format!("{header}.e30.{}", b64([0; 63])),
    ] {
        assert_eq!(
            parse(&forged).unwrap().verified_payload(key()),
            Err(TokenError::SignatureMismatch),
            "{forged}"
        );
    }
}

#[test]
fn a_key_of_another_name_is_not_used_even_if_it_would_verify() {
    let compact = sign(&b64(r#"{"alg":"EdDSA","kid":"k"}"#), "e30");
    let other = REALM.keys.key("other", Algorithm::EdDSA).unwrap();
    assert_eq!(
        parse(&compact).unwrap().verified_payload(other),
        Err(TokenError::KeyMismatch)
    );
}

#[test]
fn the_payload_is_one_strict_object() {
    for payload in [
        "",
        "[]",
        "null",
        "\"x\"",
        "{}{}",
        "{\"exp\":1,\"exp\":1}",
        "{\"a\":[{\"b\":1,\"b\":1}]}",
    ] {
        let compact = sign(&b64(r#"{"alg":"EdDSA","kid":"k"}"#), &b64(payload));
        let token = parse(&compact).unwrap();
        let error = token
            .verify(key(), &policy(), Timestamp::from_secs(NOW))
            .unwrap_err();
        assert!(
            matches!(&error, TokenError::Claims(refused)
                if matches!(refused.error(), ClaimError::Json(_)) && refused.claims().is_none()),
            "{payload}"
        );
    }
}

#[test]
fn issuer_is_one_string_byte_for_byte() {
    accepts("iss", json!("https://other.example"));
    refuses("iss", None, ClaimError::Missing("iss"));
    for wrong in [
        json!([ISSUER]),
        json!(null),
        json!(1),
        json!({ "iss": ISSUER }),
    ] {
        refuses("iss", wrong, ClaimError::Malformed("iss"));
    }
    for wrong in [
        format!("{ISSUER}/"),
        ISSUER.to_uppercase(),
        format!(" {ISSUER}"),
        ISSUER[..ISSUER.len() - 1].to_owned(),
        format!("{ISSUER}\u{0}"),
        String::new(),
    ] {
        refuses("iss", json!(wrong), ClaimError::IssuerMismatch);
    }
    let nobody = ValidationPolicy {
        issuers: Vec::new(),
        ..policy()
    };
    let error = check(&good_claims().to_string(), &nobody).unwrap_err();
    assert_eq!(error, ClaimError::IssuerMismatch);
}

#[test]
fn audience_is_a_string_or_an_array_of_strings_with_one_of_ours() {
    accepts("aud", json!("api2"));
    accepts("aud", json!(["account", "api"]));
    refuses("aud", None, ClaimError::Missing("aud"));
    for wrong in [
        json!("account"),
        json!([]),
        json!(["API"]),
        json!(["api "]),
        json!("api,api2"),
        json!(""),
    ] {
        refuses("aud", wrong, ClaimError::AudienceMismatch);
    }
    for wrong in [
        json!(["api", 1]),
        json!([["api"]]),
        json!({"api": true}),
        json!(null),
        json!(7),
    ] {
        refuses("aud", wrong, ClaimError::Malformed("aud"));
    }
    let any = ValidationPolicy {
        audiences: Restriction::Any,
        ..policy()
    };
    assert!(check(&claims_with("aud", None), &any).is_ok());
    assert!(check(&claims_with("aud", Some(json!("x"))), &any).is_ok());
    let error = check(&claims_with("aud", Some(json!(1))), &any).unwrap_err();
    assert_eq!(error, ClaimError::Malformed("aud"));
}

#[test]
fn typ_says_bearer() {
    accepts("typ", json!("bearer"));
    accepts("typ", json!("BEARER"));
    refuses("typ", None, ClaimError::Missing("typ"));
    for wrong in [
        "ID", "Refresh", "Offline", "Logout", "DPoP", "Bearer ", "JWT", "",
    ] {
        refuses("typ", json!(wrong), ClaimError::NotAnAccessToken);
    }
    for wrong in [json!(null), json!(["Bearer"]), json!(1)] {
        refuses("typ", wrong, ClaimError::Malformed("typ"));
    }
}

#[test]
fn sub_is_a_non_empty_string() {
    for wrong in [
        Some(json!("")),
        Some(json!(1)),
        Some(json!(null)),
        Some(json!(["alice"])),
        None,
    ] {
        refuses("sub", wrong, ClaimError::Missing("sub"));
    }
}

#[test]
fn azp_may_be_restricted() {
    accepts("azp", None);
    refuses("azp", json!(1), ClaimError::Malformed("azp"));
    let restricted = ValidationPolicy {
        authorized_parties: these(&["web"]),
        ..policy()
    };
    let check = |azp: Option<Value>| check(&claims_with("azp", azp), &restricted).map(|_| ());
    assert_eq!(check(Some(json!("web"))), Ok(()));
    assert_eq!(
        check(Some(json!("Web"))),
        Err(ClaimError::AuthorizedPartyMismatch)
    );
    assert_eq!(check(None), Err(ClaimError::Missing("azp")));
}

#[test]
fn bound_tokens_are_no_bearer_tokens() {
    for cnf in [
        json!({"jkt": "x"}),
        json!({"x5t#S256": "x"}),
        json!({}),
        json!(null),
        json!("x"),
    ] {
        refuses("cnf", cnf, ClaimError::SenderConstrained);
    }
}

#[test]
fn expiry_is_exact_with_leeway() {
    let verdict = |text: &str| check(&with_text("exp", text), &policy()).map(|_| ());
    let leeway_end = NOW - 10;
    assert!(matches!(
        verdict(&leeway_end.to_string()),
        Err(ClaimError::Expired { .. })
    ));
    assert_eq!(verdict(&(leeway_end + 1).to_string()), Ok(()));
    assert_eq!(verdict(&format!("{leeway_end}.000001")), Ok(()));
    // Finer than the clock's microseconds: rounded down, so it has expired.
    assert!(verdict(&format!("{leeway_end}.0000009")).is_err());
    assert_eq!(verdict("1.70000006e9"), Ok(()));
    assert_eq!(verdict("253402300799"), Ok(()));
    for text in [
        "253402300800",
        "-1",
        "1e400",
        "253402300799.5",
        "9e99",
        "\"1800000000\"",
        "true",
        "null",
        "[]",
        "{}",
    ] {
        assert!(verdict(text).is_err(), "{text}");
    }
    refuses("exp", None, ClaimError::Missing("exp"));
    refuses("exp", json!("1800000000"), ClaimError::Malformed("exp"));
    refuses("exp", json!(null), ClaimError::Malformed("exp"));
}

#[test]
fn nbf_and_iat_are_not_in_the_future() {
    for claim in ["nbf", "iat"] {
        let verdict = |text: &str| check(&with_text(claim, text), &policy()).map(|_| ());
        assert_eq!(verdict("0"), Ok(()));
        assert_eq!(verdict(&(NOW + 10).to_string()), Ok(()));
        assert_eq!(verdict(&format!("{}.5", NOW + 9)), Ok(()));
        // The smallest fraction later than the leeway is later.
        assert!(verdict(&format!("{}.00000000000000000001", NOW + 10)).is_err());
        assert!(verdict(&(NOW + 11).to_string()).is_err());
        for text in ["-1", "1e99", "\"1\"", "true", "null", "[1]"] {
            assert_eq!(verdict(text), Err(ClaimError::Malformed(claim)), "{text}");
        }
        let payload = claims_with(claim, None);
        assert!(check(&payload, &policy()).is_ok());
    }
}

#[test]
fn leeway_is_what_the_policy_says() {
    let strict = ValidationPolicy {
        leeway: Duration::ZERO,
        ..policy()
    };
    assert!(check(&claims_with("exp", Some(json!(NOW))), &strict).is_err());
    assert!(check(&claims_with("exp", Some(json!(NOW + 1))), &strict).is_ok());
    assert!(check(&claims_with("iat", Some(json!(NOW + 1))), &strict).is_err());
}

#[test]
fn an_answer_decides_within_the_bounds_of_our_own_verdict() {
    let ours = sign(
        &b64(r#"{"alg":"EdDSA","kid":"k"}"#),
        &b64(good_claims().to_string()),
    );
    let verdict = |exp: i64, nbf: i64| {
        let ours = parse(&ours).unwrap();
        let ours = ours
            .verify(key(), &policy(), Timestamp::from_secs(NOW))
            .unwrap();
        let mut answer = good_claims();
        answer["exp"] = json!(exp);
        answer["nbf"] = json!(nbf);
        answer["role"] = json!("suspended");
        ours.answered_by(check(&answer.to_string(), &policy()).unwrap())
    };
    let token = verdict(NOW + 600, NOW - 600);
    let role = token
        .claims()
        .get("role")
        .and_then(crate::base::json::View::as_str);
    assert_eq!(role, Some("suspended"));
    assert_eq!(token.expires_at(), Timestamp::from_secs(NOW + 60));
    assert_eq!(token.not_before(), Some(Timestamp::from_secs(NOW)));
    assert_eq!(token.key(), Some(key().fingerprint()));
    let token = verdict(NOW + 30, NOW + 5);
    assert_eq!(token.expires_at(), Timestamp::from_secs(NOW + 30));
    assert_eq!(token.not_before(), Some(Timestamp::from_secs(NOW + 5)));
}

#[test]
fn every_refusal_of_a_token_has_its_fault() {
    for (error, fault) in [
        (TokenError::TooLong, Fault::MalformedToken),
        (TokenError::Encrypted, Fault::MalformedToken),
        (TokenError::Header("crit"), Fault::MalformedToken),
        (TokenError::AlgorithmNotAllowed, Fault::InvalidAlgorithm),
        (TokenError::KeyMismatch, Fault::InvalidAlgorithm),
        (TokenError::SignatureMismatch, Fault::InvalidSignature),
        (
            ClaimError::Missing("sub").into(),
            Fault::MissingClaim { claim: "sub" },
        ),
        (
            ClaimError::IssuerMismatch.into(),
            Fault::InvalidClaims { claim: "iss" },
        ),
        (
            ClaimError::SenderConstrained.into(),
            Fault::InvalidClaims { claim: "cnf" },
        ),
    ] {
        assert_eq!(Fault::from(&error), fault);
    }
    let now = Timestamp::from_secs(NOW);
    let expired = ClaimError::Expired {
        expired_at: now,
        now,
    };
    assert_eq!(Fault::from(expired), Fault::TokenExpired);
}
