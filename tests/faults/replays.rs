//! A genuine token that Keycloak refuses, sent again and again, is not in the way of the good tokens of
//! the same session.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keycloak::{Algorithm, Keycloak, TokenCheck};
use serde_json::{Value, json};
use support::{
    eventually,
    issuer::{Issuer, REALM},
    mint::{SigningKey, with},
};

use super::load::{CLIENT, lasting};

/// A Keycloak that says "active" of every token but the refused ones, and keeps what it was asked.
struct Realm {
    issuer: Issuer,
    key: SigningKey,
    keycloak: Keycloak,
}

/// What a token says.
pub fn payload(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

impl Realm {
    async fn start(
        check: TokenCheck,
        refused: impl Fn(&Value) -> bool + Send + Sync + 'static,
    ) -> Self {
        let key = SigningKey::generate(Algorithm::ES256, "a key");
        let issuer = Issuer::start(&[&key]).await;
        issuer.answer_each("token/introspect", move |form| {
            let claims = payload(&form["token"]);
            let answer = if refused(&claims) {
                json!({ "active": false })
            } else {
                with(&claims, json!({ "active": true }))
            };
            (StatusCode::OK, answer.to_string())
        });
        let keycloak = Keycloak::builder()
            .server_url(issuer.server_url())
            .realm(REALM)
            .client_id(CLIENT)
            .client_secret("s3cret")
            .algorithms([Algorithm::ES256])
            .token_check(check)
            .introspection_ttl(Duration::ZERO)
            .build()
            .expect("settings");
        Self {
            issuer,
            key,
            keycloak,
        }
    }

    fn token(&self, changes: Value) -> String {
        self.key
            .token(&with(&lasting(&self.issuer.issuer(), "alice"), changes))
    }

    async fn status(&self, token: &str) -> u16 {
        match self.keycloak.authenticate_token(token).await {
            Ok(_) => 200,
            Err(error) => error.status().as_u16(),
        }
    }

    /// How often each token was asked about.
    fn asked(&self, token: &str) -> usize {
        let posts = self.issuer.posts();
        posts
            .iter()
            .filter(|post| post.form["token"] == token)
            .count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_token_is_not_in_the_way_of_the_good_ones_of_its_service_account() {
    for check in [TokenCheck::Introspect, TokenCheck::LocalThenIntrospect] {
        let realm = Realm::start(check, |claims| claims["jti"] == "revoked").await;
        // No `sid`: all of them count for the one `sub`.
        let of = |jti: &str| realm.token(json!({ "azp": "worker", "jti": jti }));
        let revoked = of("revoked");
        for number in 0..40 {
            for _ in 0..25 {
                assert_eq!(realm.status(&revoked).await, 401);
            }
            let good = of(&number.to_string());
            assert_eq!(realm.status(&good).await, 200, "{check:?}: {number}");
        }
        assert!(realm.asked(&revoked) < 12, "{}", realm.asked(&revoked));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_a_user_works_with_is_asked_about_whatever_else_is_refused() {
    let realm = Realm::start(TokenCheck::Introspect, |claims| claims["aud"] != CLIENT).await;
    let of = |changes: Value| realm.token(with(&json!({ "azp": "web", "sid": "one" }), changes));
    let good = of(json!({ "jti": "good" }));
    assert_eq!(realm.status(&good).await, 200);
    for number in 0..40 {
        // Another API that sends on what it gets, each time another token.
        let other = of(json!({ "jti": number, "aud": "other-api" }));
        assert_ne!(realm.status(&other).await, 200);
        assert_eq!(realm.status(&good).await, 200, "{number}");
    }
    let asked: HashSet<String> = realm
        .issuer
        .posts()
        .into_iter()
        .map(|post| post.form["token"].clone())
        .collect();
    assert!(asked.len() < 30, "{}", asked.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_session_does_not_take_all_places_to_wait() {
    let realm = Realm::start(TokenCheck::LocalThenIntrospect, |_| false).await;
    assert_eq!(
        realm.status(&realm.token(json!({ "sid": "warm" }))).await,
        200
    );
    realm.issuer.hold();
    let ended = Arc::new(AtomicUsize::new(0));
    let mut waiting = Vec::new();
    for number in 0..1_100 {
        let token = realm.token(json!({ "sid": "greedy", "jti": number }));
        let (keycloak, ended) = (realm.keycloak.clone(), Arc::clone(&ended));
        waiting.push(tokio::spawn(async move {
            let _ = keycloak.authenticate_token(&token).await;
            ended.fetch_add(1, Ordering::SeqCst);
        }));
    }
    eventually("some are turned away", async || {
        ended.load(Ordering::SeqCst) >= 1_100 - 512
    })
    .await;
    let other = realm.token(json!({ "sid": "another" }));
    let (status, ()) = tokio::join!(realm.status(&other), async { realm.issuer.release() });
    assert_eq!(status, 200);
    for waiting in waiting {
        waiting.await.expect("no panic");
    }
}
