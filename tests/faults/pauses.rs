//! While Keycloak errs, genuine tokens do not cause a call each: an endpoint that errs for several
//! sessions is left alone for a moment, and the first answer ends that.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use futures_util::future::join_all;
use keycloak::{Algorithm, Keycloak, TokenCheck};
use serde_json::{Value, json};
use support::{
    eventually,
    issuer::{Issuer, REALM},
    mint::{SigningKey, b64, with},
};

use super::{
    load::{CLIENT, lasting},
    replays::payload,
};

const INTROSPECTION: &str = "token/introspect";

struct Realm {
    issuer: Issuer,
    key: SigningKey,
    keycloak: Keycloak,
}

impl Realm {
    async fn start(check: TokenCheck) -> Self {
        let key = SigningKey::generate(Algorithm::ES256, "a key");
        let issuer = Issuer::start(&[&key]).await;
        let keycloak = Keycloak::builder()
            .server_url(issuer.server_url())
            .realm(REALM)
            .client_id(CLIENT)
            .client_secret("s3cret")
            .algorithms([Algorithm::ES256])
            .token_check(check)
            .introspection_ttl(Duration::ZERO)
            .enable_token_refresh()
            .build()
            .expect("settings");
        assert!(keycloak.ready().await.is_ok());
        Self {
            issuer,
            key,
            keycloak,
        }
    }

    fn token(&self, session: &str) -> String {
        let claims = lasting(&self.issuer.issuer(), "alice");
        self.key.token(&with(&claims, json!({ "sid": session })))
    }

    fn be_good(&self) {
        self.issuer.answer_each(INTROSPECTION, |form| {
            let active = with(&payload(&form["token"]), json!({ "active": true }));
            (StatusCode::OK, active.to_string())
        });
    }

    async fn outcome(&self, token: &str) -> (u16, Option<u64>) {
        match self.keycloak.authenticate_token(token).await {
            Ok(_) => (200, None),
            Err(error) => (
                error.status().as_u16(),
                error.retry_after().map(|after| after.as_secs()),
            ),
        }
    }

    fn calls(&self) -> usize {
        self.issuer.posts().len()
    }
}

const ERRORS: [(u16, &str); 6] = [
    (500, ""),
    (503, ""),
    (401, r#"{"error":"invalid_client"}"#),
    (400, r#"{"error":"unauthorized_client"}"#),
    (200, "<html>"),
    (204, ""),
];

/// What a bucket of eight, one a second, gives in the time that a test took.
fn of_one_session(since: Instant) -> usize {
    9 + usize::try_from(since.elapsed().as_secs()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_genuine_token_does_not_cause_a_call_per_request_while_keycloak_errs() {
    for check in [TokenCheck::Introspect, TokenCheck::LocalThenIntrospect] {
        for (status, body) in ERRORS {
            let realm = Realm::start(check).await;
            let status = StatusCode::from_u16(status).unwrap();
            realm.issuer.answer(INTROSPECTION, status, body);
            let token = realm.token("one");
            let began = Instant::now();
            for _ in 0..200 {
                assert_eq!(realm.outcome(&token).await, (503, Some(1)), "{status}");
            }
            let calls = realm.calls();
            assert!(calls <= of_one_session(began), "{status} {body}: {calls}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_genuine_tokens_do_not_either_and_all_are_good_again_at_the_first_answer() {
    for (status, body) in ERRORS {
        let realm = Realm::start(TokenCheck::LocalThenIntrospect).await;
        let status = StatusCode::from_u16(status).unwrap();
        realm.issuer.answer(INTROSPECTION, status, body);
        let began = Instant::now();
        for round in 0..40 {
            let tokens: Vec<_> = (0..5)
                .map(|n| realm.token(&format!("{round} {n}")))
                .collect();
            for token in &tokens {
                assert_eq!(realm.outcome(token).await, (503, Some(1)), "{status}");
            }
        }
        let calls = realm.calls();
        // Eight sessions; then, after 50 ms at least and twice as long each time, one.
        let elapsed = usize::try_from(began.elapsed().as_millis()).unwrap();
        let first = [50, 150, 350, 750].into_iter();
        let one_at_a_time = first.filter(|at| elapsed >= *at).count() + elapsed / 750;
        assert!(
            calls <= 8 + one_at_a_time,
            "{status} {body}: {calls} in {elapsed} ms"
        );
        realm.be_good();
        let patient = realm.token("patient");
        eventually("the first answer", async || {
            realm.outcome(&patient).await.0 == 200
        })
        .await;
        let tokens: Vec<_> = (0..100).map(|n| realm.token(&n.to_string())).collect();
        let outcomes = join_all(tokens.iter().map(|token| realm.outcome(token))).await;
        assert!(outcomes.iter().all(|outcome| outcome.0 == 200));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_keycloak_stumbles_over_pauses_nobody_else() {
    let realm = Realm::start(TokenCheck::LocalThenIntrospect).await;
    let stumbles = realm.token("one");
    for number in 0..50 {
        realm
            .issuer
            .answer(INTROSPECTION, StatusCode::INTERNAL_SERVER_ERROR, "");
        for _ in 0..5 {
            assert_eq!(realm.outcome(&stumbles).await.0, 503);
        }
        realm.be_good();
        let other = realm.token(&format!("another {number}"));
        assert_eq!(realm.outcome(&other).await.0, 200, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_refresh_tokens_of_a_known_session_are_counted_whatever_comes_of_them() {
    let mut errors = ERRORS.to_vec();
    errors.extend([
        (502, ""),
        (400, r#"{"error":"invalid_grant"}"#),
        (400, r#"{"error":"invalid_dpop_proof"}"#),
        (400, r#"{"error":"unknown_error"}"#),
        (403, r#"{"error":"access_denied"}"#),
    ]);
    for (status, body) in errors {
        let realm = Realm::start(TokenCheck::Introspect).await;
        let of = |number: usize| {
            let payload = json!({
                "iss": realm.issuer.issuer(), "azp": CLIENT, "typ": "Refresh",
                "exp": 4_000_000_000_u64, "sid": "one", "jti": number,
            });
            let header = b64(r#"{"alg":"HS512"}"#);
            format!("{header}.{}.{}", b64(payload.to_string()), b64("forged"))
        };
        let tokens = |next: usize| -> Value {
            json!({ "access_token": "a", "token_type": "Bearer", "refresh_token": of(next) })
        };
        let good = |next: usize| {
            realm
                .issuer
                .answer("token", StatusCode::OK, tokens(next).to_string());
        };
        good(1_001);
        assert!(realm.keycloak.refresh_token(&of(1_000)).await.is_ok());
        let status = StatusCode::from_u16(status).unwrap();
        realm.issuer.answer("token", status, body);
        let before = realm.calls();
        let began = Instant::now();
        for number in 0..100 {
            assert!(realm.keycloak.refresh_token(&of(number)).await.is_err());
        }
        let calls = realm.calls() - before;
        assert!(calls <= of_one_session(began), "{status} {body}: {calls}");
        // The owner goes on.
        good(1_002);
        let refreshed = realm.keycloak.refresh_token(&of(1_001)).await;
        assert!(refreshed.is_ok(), "{status} {body}: {refreshed:?}");
    }
}
