//! The introspection endpoint misbehaves: 503, never a yes and never a no, and no secret leaves.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::future::join_all;
use keycloak::{Keycloak, ManualClock};
use support::eventually;
use tokio::sync::Notify;

use super::{
    load::{Keys, builder, lasting},
    scripted::{Behaviour, Document, Scripted},
};

/// An application that asks Keycloak about every token, one good answer, and a maker of tokens that
/// it is about, each another one.
async fn realm() -> (Scripted, Keycloak, impl Fn() -> String) {
    let keys = Keys::generate();
    let server = Scripted::start(&[&keys.old]).await;
    server.introspect(&lasting(&server.issuer(), "alice"));
    let keycloak = builder(&server)
        .client_secret("s3cret")
        .use_token_introspection()
        .introspection_ttl(Duration::ZERO)
        .build()
        .expect("settings");
    let claims = lasting(&server.issuer(), "alice");
    // No two signatures of ES256 are equal.
    (server, keycloak, move || keys.old.token(&claims))
}

async fn outcome(keycloak: &Keycloak, token: &str) -> (u16, &'static str) {
    match keycloak.authenticate_token(token).await {
        Ok(_) => (200, ""),
        Err(error) => (error.status().as_u16(), error.code()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_a_503_and_passes() {
    let attacker = Arc::new(Scripted::start(&[]).await);
    let redirect = format!(
        "{}/protocol/openid-connect/token/introspect",
        attacker.issuer()
    );
    let service_error = "introspection_service_error";
    let cases = [
        (Behaviour::Hang, "introspection_timeout"),
        (Behaviour::Drip, "introspection_timeout"),
        (Behaviour::Reset, service_error),
        (Behaviour::Truncate, service_error),
        (Behaviour::Endless, service_error),
        (Behaviour::GzipBomb, service_error),
        (Behaviour::Status(500), service_error),
        (Behaviour::Status(204), service_error),
        (Behaviour::RedirectTo(redirect), service_error),
        (Behaviour::Garbage, service_error),
        (Behaviour::Body("<html>".to_owned()), service_error),
        (Behaviour::Body("[".repeat(100_000)), service_error),
        (Behaviour::Body(String::new()), service_error),
    ];
    let attacker = &attacker;
    let check = |(behaviour, expected): (Behaviour, &'static str)| async move {
        let (server, keycloak, token) = realm().await;
        assert_eq!(outcome(&keycloak, &token()).await.0, 200);
        server.behave(Document::Introspection, behaviour.clone());
        let during = outcome(&keycloak, &token()).await;
        assert_eq!(during, (503, expected), "{behaviour:?}");
        server.be_good();
        assert_eq!(outcome(&keycloak, &token()).await.0, 200, "{behaviour:?}");
    };
    join_all(cases.map(check)).await;
    assert_eq!(
        attacker.asked(Document::Introspection),
        0,
        "the secret was sent on"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_left_ends_what_it_proved() {
    let keys = Keys::generate();
    let server = Scripted::start(&[&keys.old]).await;
    let keycloak = builder(&server)
        .client_secret("s3cret")
        .use_token_introspection()
        .introspection_ttl(Duration::from_secs(60))
        .build()
        .expect("settings");
    let claims = lasting(&server.issuer(), "alice");
    server.introspect(&claims);
    let of_old = keys.old.token(&claims);
    assert_eq!(outcome(&keycloak, &of_old).await.0, 200);
    assert_eq!(outcome(&keycloak, &of_old).await.0, 200);
    assert_eq!(server.asked(Document::Introspection), 1, "remembered");
    server.publish(&[&keys.new]);
    assert_eq!(outcome(&keycloak, &keys.new.token(&claims)).await.0, 200);
    assert_eq!(outcome(&keycloak, &of_old).await.0, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_answer_is_as_old_as_the_question() {
    let keys = Keys::generate();
    let server = Scripted::start(&[&keys.old]).await;
    let clock = ManualClock::new(SystemTime::now());
    let keycloak = builder(&server)
        .client_secret("s3cret")
        .use_token_introspection()
        .introspection_ttl(Duration::from_secs(10))
        .clock(clock.clone())
        .build()
        .expect("settings");
    let claims = lasting(&server.issuer(), "alice");
    server.introspect(&claims);
    let token = keys.old.token(&claims);
    let go = Arc::new(Notify::new());
    server.behave(Document::Introspection, Behaviour::Held(Arc::clone(&go)));
    let late = async {
        eventually("the question arrives", async || {
            server.asked(Document::Introspection) > 0
        })
        .await;
        clock.advance(Duration::from_secs(8));
        go.notify_one();
    };
    let (first, ()) = tokio::join!(outcome(&keycloak, &token), late);
    assert_eq!(first.0, 200);
    server.be_good();
    assert_eq!(outcome(&keycloak, &token).await.0, 200);
    assert_eq!(server.asked(Document::Introspection), 1, "remembered");
    clock.advance(Duration::from_secs(3));
    assert_eq!(outcome(&keycloak, &token).await.0, 200);
    assert_eq!(server.asked(Document::Introspection), 2, "11 s after it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_has_a_connection_of_its_own() {
    let (server, _, token) = realm().await;
    let tokens = r#"{"access_token":"a","token_type":"Bearer"}"#;
    // The path of tokens, and that of keys, which introspection can do without.
    server.behave(Document::Keys, Behaviour::Body(tokens.to_owned()));
    let keycloak = builder(&server)
        .client_secret("s3cret")
        .use_token_introspection()
        .enable_token_refresh()
        .build()
        .expect("settings");
    for _ in 0..3 {
        assert_eq!(outcome(&keycloak, &token()).await.0, 200);
        let tokens = keycloak.refresh_token("a refresh token").await;
        assert!(tokens.is_ok(), "{tokens:?}");
    }
    assert!(server.reused(Document::Introspection) > 0, "some are kept");
    assert_eq!(server.reused(Document::Keys), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_at_once_are_bounded_and_everybody_gets_an_answer() {
    let (server, keycloak, token) = realm().await;
    let slowly = Behaviour::Delay(Duration::from_millis(50));
    server.behave(Document::Introspection, slowly);
    let tokens: Vec<String> = (0..500).map(|_| token()).collect();
    let answers = join_all(tokens.iter().map(|token| outcome(&keycloak, token))).await;
    assert!(answers.iter().all(|answer| answer.0 == 200), "{answers:?}");
    assert_eq!(server.asked(Document::Introspection), 500);
    let most = server.most_at_once(Document::Introspection);
    assert!(most <= 64, "{most} calls at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starts_without_keycloak_and_recovers_by_itself() {
    let (mut server, _, token) = realm().await;
    server.crash().await;
    let keycloak = builder(&server)
        .client_secret("s3cret")
        .use_token_introspection()
        .build()
        .expect("settings");
    assert_eq!(outcome(&keycloak, &token()).await.0, 503);
    server.revive().await;
    eventually("it recovers", async || {
        outcome(&keycloak, &token()).await.0 == 200
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_of_keycloak_costs_no_request() {
    let (mut server, keycloak, token) = realm().await;
    for round in 0..20 {
        assert_eq!(outcome(&keycloak, &token()).await.0, 200, "{round}");
        server.crash().await;
        server.revive().await;
    }
}
