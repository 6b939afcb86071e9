//! Introspection (RFC 7662): what counts as a yes, what is remembered, who is to blame.

use std::time::{Duration, SystemTime};

use axum::http::StatusCode;
use futures_util::future::join_all;
use keycloak::{Algorithm, ClientAuth, Keycloak, KeycloakBuilder, ManualClock};
use serde_json::{Value, json};
use support::{
    issuer::{Issuer, REALM},
    mint::{SigningKey, claims, now, with},
};

pub(crate) const CLIENT: &str = "api";
pub(crate) const ENDPOINT: &str = "token/introspect";

pub(crate) fn builder(issuer: &Issuer) -> KeycloakBuilder {
    Keycloak::builder()
        .server_url(issuer.server_url())
        .realm(REALM)
        .client_id(CLIENT)
        .client_secret("s3cr:t/ä")
        .algorithms(["ES256"])
}

pub(crate) fn key() -> SigningKey {
    SigningKey::generate(Algorithm::ES256, "k1")
}

/// Keycloak's answer for a good token.
pub(crate) fn active(issuer: &Issuer) -> Value {
    let long = json!({ "active": true, "exp": now() + 100_000, "username": "alice" });
    with(&claims(&issuer.issuer(), CLIENT, "alice"), long)
}

/// The token that [`active`] is about.
pub(crate) fn token(key: &SigningKey, issuer: &Issuer) -> String {
    key.token(&claims(&issuer.issuer(), CLIENT, "alice"))
}

pub(crate) async fn outcome(keycloak: &Keycloak, token: &str) -> (u16, &'static str) {
    match keycloak.authenticate_token(token).await {
        Ok(_) => (200, ""),
        Err(error) => (error.status().as_u16(), error.code()),
    }
}

#[tokio::test]
async fn the_answer_decides_and_its_roles_count() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let token = token(&key, &issuer);
    issuer.answer(ENDPOINT, StatusCode::OK, active(&issuer).to_string());
    let keycloak = builder(&issuer).use_token_introspection().build().unwrap();
    let user = keycloak.authenticate_token(&token).await.unwrap();
    assert_eq!(user.subject(), "alice");
    assert!(user.has_role("user"), "{:?}", user.to_claims());
    assert_eq!(
        issuer.jwks_requests(),
        1,
        "made-up tokens are told from genuine ones"
    );
    let post = &issuer.posts()[0];
    assert_eq!(post.form["token"], token.as_str());
    assert_eq!(post.form.get("client_secret"), None);
    // api:s3cr%3At%2F%C3%A4, form-encoded first (RFC 6749 section 2.3.1).
    assert_eq!(
        post.authorization.as_deref(),
        Some("Basic YXBpOnMzY3IlM0F0JTJGJUMzJUE0")
    );
}

#[tokio::test]
async fn the_secret_can_go_in_the_form() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let token = token(&key, &issuer);
    issuer.answer(ENDPOINT, StatusCode::OK, active(&issuer).to_string());
    let keycloak = builder(&issuer)
        .client_auth(ClientAuth::Post)
        .use_token_introspection()
        .build()
        .unwrap();
    assert_eq!(outcome(&keycloak, &token).await.0, 200);
    let post = &issuer.posts()[0];
    assert_eq!(post.authorization, None);
    assert_eq!(post.form["client_id"], CLIENT);
    assert_eq!(post.form["client_secret"], "s3cr:t/ä");
}

#[tokio::test]
async fn anything_but_a_yes_refuses() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let alice = claims(&issuer.issuer(), CLIENT, "alice");
    let keycloak = builder(&issuer).use_token_introspection().build().unwrap();
    let good = with(&active(&issuer), json!({ "sid": null }));
    let changed = |change: Value| with(&good, change).to_string();
    for (status, body, expected) in [
        (
            200,
            changed(json!({ "active": false })),
            (401, "token_inactive"),
        ),
        (
            200,
            changed(json!({ "active": "true" })),
            (401, "token_inactive"),
        ),
        (
            200,
            changed(json!({ "active": 1 })),
            (401, "token_inactive"),
        ),
        (
            200,
            r#"{"active":false}"#.to_owned(),
            (401, "token_inactive"),
        ),
        (
            200,
            changed(json!({ "iss": "https://evil" })),
            (401, "invalid_claims"),
        ),
        (
            200,
            changed(json!({ "aud": "account" })),
            (401, "invalid_claims"),
        ),
        (
            200,
            changed(json!({ "typ": "Refresh" })),
            (401, "invalid_claims"),
        ),
        (200, changed(json!({ "typ": null })), (401, "missing_claim")),
        (200, changed(json!({ "exp": 1 })), (401, "token_expired")),
        (
            200,
            changed(json!({ "cnf": { "jkt": "x" } })),
            (401, "invalid_claims"),
        ),
        (200, "{}".to_owned(), (503, "introspection_service_error")),
        (
            200,
            "<html>".to_owned(),
            (503, "introspection_service_error"),
        ),
        (500, String::new(), (503, "introspection_service_error")),
        (302, String::new(), (503, "introspection_service_error")),
        (
            401,
            r#"{"error":"invalid_request"}"#.to_owned(),
            (503, "invalid_client_credentials"),
        ),
        (
            401,
            r#"{"error":"invalid_client"}"#.to_owned(),
            (503, "invalid_client"),
        ),
        (
            400,
            r#"{"error":"unauthorized_client"}"#.to_owned(),
            (503, "unauthorized_client"),
        ),
    ] {
        issuer.answer(ENDPOINT, StatusCode::from_u16(status).unwrap(), &body);
        // A session of its own: what is refused too often is not asked about.
        let token = key.token(&with(&alice, json!({ "sid": body })));
        // Nothing that failed is remembered, and nothing that did not.
        assert_eq!(outcome(&keycloak, &token).await, expected, "{body}");
    }
}

#[tokio::test]
async fn an_answer_is_remembered_briefly_and_a_failure_never() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let token = token(&key, &issuer);
    let clock = ManualClock::new(SystemTime::now());
    let keycloak = builder(&issuer)
        .use_token_introspection()
        .introspection_ttl(Duration::from_secs(10))
        .clock(clock.clone())
        .build()
        .unwrap();
    issuer.answer(ENDPOINT, StatusCode::OK, r#"{"active":false}"#);
    assert_eq!(outcome(&keycloak, &token).await.0, 401);
    issuer.answer(ENDPOINT, StatusCode::OK, active(&issuer).to_string());
    assert_eq!(
        outcome(&keycloak, &token).await.0,
        200,
        "the failure is not kept"
    );
    issuer.answer(ENDPOINT, StatusCode::OK, r#"{"active":false}"#);
    clock.advance(Duration::from_secs(9));
    assert_eq!(outcome(&keycloak, &token).await.0, 200, "remembered");
    clock.advance(Duration::from_secs(2));
    assert_eq!(outcome(&keycloak, &token).await.0, 401, "asked again");
}

#[tokio::test]
async fn an_answer_is_never_remembered_past_exp() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let token = token(&key, &issuer);
    let clock = ManualClock::new(SystemTime::now());
    let keycloak = builder(&issuer)
        .use_token_introspection()
        .introspection_ttl(Duration::from_secs(60))
        .clock(clock.clone())
        .build()
        .unwrap();
    let short = with(&active(&issuer), json!({ "exp": now() + 20 }));
    issuer.answer(ENDPOINT, StatusCode::OK, short.to_string());
    assert_eq!(outcome(&keycloak, &token).await.0, 200);
    clock.advance(Duration::from_secs(40));
    assert_eq!(outcome(&keycloak, &token).await, (401, "token_expired"));
}

#[tokio::test]
async fn parallel_questions_about_one_token_are_one_call() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let token = token(&key, &issuer);
    issuer.answer(ENDPOINT, StatusCode::OK, active(&issuer).to_string());
    let keycloak = builder(&issuer).use_token_introspection().build().unwrap();
    let answers = join_all((0..100).map(|_| outcome(&keycloak, &token))).await;
    assert!(answers.iter().all(|answer| answer.0 == 200));
    assert_eq!(issuer.posts().len(), 1);
}

#[test]
fn introspection_without_a_secret_is_a_mistake() {
    let error = Keycloak::builder()
        .server_url("http://127.0.0.1:1")
        .realm(REALM)
        .client_id(CLIENT)
        .use_token_introspection()
        .build()
        .unwrap_err();
    assert_eq!(error.mistakes().len(), 1);
    assert_eq!(error.mistakes()[0].name(), "client_secret");
}
