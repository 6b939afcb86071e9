use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::{caller::ClaimRules, jose::algorithm::Algorithm};

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

fn user(subject: &str) -> User {
    user_of(&json!({ "sub": subject }))
}

fn user_of(claims: &serde_json::Value) -> User {
    let rules = Arc::new(ClaimRules {
        client_id: "api".to_owned(),
        groups_claim: "groups".to_owned(),
        complete_clients: Box::default(),
        name_only_groups: false,
    });
    User::from_claims(claims.as_object().unwrap(), &rules)
}

fn accepted(token: &str, user: &User) -> Accepted {
    Accepted {
        user: user.clone(),
        token: token.into(),
    }
}

fn until(seconds: i64) -> Validity {
    Validity {
        key: None,
        expires_at: at(seconds),
        not_before: None,
    }
}

/// So many seconds after `NOW`.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000_i64.saturating_add(seconds))
}

fn cache() -> TokenCache {
    TokenCache::new(16 * 1024 * 1024)
}

impl TokenCache {
    fn find(&self, token: &[u8], now: Timestamp) -> Option<Accepted> {
        self.get(&Credentials::given(str::from_utf8(token).unwrap()), now)
    }
}

fn put(cache: &TokenCache, token: &str, validity: Validity) {
    let accepted = accepted(token, &user("alice"));
    cache.insert(&accepted, validity, cache.epoch(), NOW);
}

#[test]
fn gives_back_what_was_put_in_under_the_whole_token_only() {
    let cache = cache();
    let tail = "s".repeat(64);
    put(&cache, &format!("a.b.{tail}"), until(60));
    let hit = cache.find(format!("a.b.{tail}").as_bytes(), NOW).unwrap();
    assert_eq!(*hit.token, *format!("a.b.{tail}"));
    let hit = hit.user;
    assert_eq!(hit.subject(), "alice");
    // The same end, so the same hash.
    assert!(cache.find(format!("a.c.{tail}").as_bytes(), NOW).is_none());
    assert!(cache.find(format!("xa.b.{tail}").as_bytes(), NOW).is_none());
    assert!(cache.find(tail.as_bytes(), NOW).is_none());
}

#[test]
fn serves_until_exp_and_not_a_moment_longer() {
    let cache = cache();
    put(&cache, "token", until(60));
    assert!(cache.find(b"token", at(59)).is_some());
    assert!(cache.find(b"token", at(60)).is_none());
    assert_eq!(cache.len(), 0, "an entry that is over is removed");
}

#[test]
fn serves_five_minutes_at_most() {
    let cache = cache();
    put(&cache, "token", until(86_400));
    assert!(cache.find(b"token", at(299)).is_some());
    assert!(cache.find(b"token", at(300)).is_none());
}

#[test]
fn does_not_serve_before_nbf() {
    let cache = cache();
    let validity = Validity {
        not_before: Some(at(-5)),
        ..until(60)
    };
    put(&cache, "token", validity);
    assert!(cache.find(b"token", NOW).is_some());
    let early = Validity {
        not_before: Some(at(5)),
        ..until(60)
    };
    put(&cache, "early", early);
    assert!(cache.find(b"early", NOW).is_none());
}

#[test]
fn a_clock_set_back_does_not_lengthen_an_entry() {
    let cache = cache();
    put(&cache, "token", until(60));
    assert!(cache.find(b"token", at(-1)).is_some());
    assert!(cache.find(b"token", at(-2)).is_none());
}

#[test]
fn a_token_over_its_exp_is_not_remembered() {
    let cache = cache();
    put(&cache, "token", until(0));
    assert_eq!(cache.len(), 0);
}

#[test]
fn size_zero_switches_it_off() {
    let cache = TokenCache::new(0);
    put(&cache, "token", until(60));
    assert!(cache.find(b"token", NOW).is_none());
    cache.sweep(|_| false);
    assert_eq!(cache.len(), 0);
}

#[test]
fn what_was_verified_before_a_change_of_keys_does_not_get_in_after_it() {
    let cache = cache();
    let before = cache.epoch();
    cache.sweep(|_| false);
    cache.insert(&accepted("token", &user("alice")), until(60), before, NOW);
    assert!(cache.find(b"token", NOW).is_none());
}

/// A key set of one public key of RFC 7515 (appendix A.3) or RFC 8037 (appendix A.2), and its key.
fn key_set(jwk: &serde_json::Value, algorithm: Algorithm) -> (KeySet, KeyFingerprint) {
    let text = json!({ "keys": [jwk] }).to_string();
    let keys = KeySet::parse(text.as_bytes()).unwrap();
    let fingerprint = keys.key("k", algorithm).unwrap().fingerprint();
    (keys, fingerprint)
}

#[test]
fn an_entry_goes_with_its_key_and_no_other_does() {
    let (old_keys, old) = key_set(
        &json!({
            "kid": "k", "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }),
        Algorithm::ES256,
    );
    let (new_keys, new) = key_set(
        &json!({
            "kid": "k", "kty": "OKP", "crv": "Ed25519",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        }),
        Algorithm::EdDSA,
    );
    let cache = cache();
    let signed_by = |key| Validity { key, ..until(60) };
    put(&cache, "of the old key", signed_by(Some(old)));
    put(&cache, "of the new key", signed_by(Some(new)));
    put(&cache, "of an introspection", signed_by(None));
    let left = |cache: &TokenCache| {
        ["of the old key", "of the new key", "of an introspection"]
            .map(|token| cache.find(token.as_bytes(), NOW).is_some())
    };
    assert_eq!(left(&cache), [true, true, true]);
    cache.retain_keys(&new_keys);
    assert_eq!(left(&cache), [false, true, true]);
    cache.retain_keys(&old_keys);
    assert_eq!(left(&cache), [false, false, true]);
}

#[test]
fn memory_stays_bounded_and_the_working_set_survives_a_flood() {
    let bytes = 4 * 1024 * 1024;
    let cache = TokenCache::new(bytes);
    let alice = user("alice");
    let long = "x".repeat(1_000);
    let insert = |token: &str| {
        cache.insert(&accepted(token, &alice), until(200), cache.epoch(), NOW);
    };
    let working: Vec<String> = (0..200).map(|n| format!("{long}.good.{n:032}")).collect();
    for token in &working {
        insert(token);
        cache.find(token.as_bytes(), NOW);
    }
    // Fifty times what the cache can hold, while the working set is in use.
    let mut hits = 0;
    for n in 0..50_000 {
        insert(&format!("{long}.once.{n:032}"));
        if n % 10 == 0 {
            let token = &working[(n / 10) % working.len()];
            if cache.find(token.as_bytes(), NOW).is_some() {
                hits += 1;
            } else {
                insert(token);
            }
        }
    }
    let capacity = bytes / usize::try_from(weight(&working[0], &alice)).unwrap();
    assert!(cache.len() <= capacity, "{} of {capacity}", cache.len());
    assert!(hits >= 4_900, "only {hits} of 5000 lookups hit");
}

/// Verification lets none through; were one here by whatever way, a thief could not use it.
#[test]
fn a_bound_token_is_no_bearer_token_here_either() {
    let cache = cache();
    for (token, claims) in [
        ("bound", json!({ "sub": "alice", "cnf": { "jkt": "x" } })),
        ("odd", json!({ "sub": "alice", "cnf": null })),
        ("free", json!({ "sub": "alice" })),
    ] {
        let accepted = accepted(token, &user_of(&claims));
        cache.insert(&accepted, until(60), cache.epoch(), NOW);
    }
    assert!(cache.find(b"bound", NOW).is_none());
    assert!(cache.find(b"odd", NOW).is_none());
    assert!(cache.find(b"free", NOW).is_some());
}

#[test]
fn debug_shows_no_token() {
    let cache = cache();
    put(&cache, "secret-token", until(60));
    assert_eq!(format!("{cache:?}"), "TokenCache { len: 1, .. }");
}
