//! Keys: fetched once, found after a rotation, kept through an outage, bounded under a flood.

use std::time::{Duration, SystemTime};

use axum::http::StatusCode;
use futures_util::future::join_all;
use keycloak::{Algorithm, Keycloak, ManualClock};
use serde_json::json;
use support::{
    eventually,
    issuer::Issuer,
    mint::{SigningKey, claims, with},
    world::{CLIENT, builder},
};

fn key(kid: &str) -> SigningKey {
    SigningKey::generate(Algorithm::ES256, kid)
}

/// A good token that outlives every test.
fn token(issuer: &Issuer, key: &SigningKey, subject: &str) -> String {
    let good = claims(&issuer.issuer(), CLIENT, subject);
    key.token(&with(
        &good,
        json!({ "exp": support::mint::now() + 100_000 }),
    ))
}

async fn status(keycloak: &Keycloak, token: &str) -> u16 {
    match keycloak.authenticate_token(token).await {
        Ok(_) => 200,
        Err(error) => error.status().as_u16(),
    }
}

#[tokio::test]
async fn a_herd_of_a_thousand_causes_one_fetch_of_each() {
    let key = key("k1");
    let issuer = Issuer::start(&[&key]).await;
    let keycloak = builder(issuer.server_url()).build().unwrap();
    let tokens: Vec<_> = (0..1_000)
        .map(|n| token(&issuer, &key, &n.to_string()))
        .collect();
    let answers = join_all(tokens.iter().map(|token| status(&keycloak, token))).await;
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    assert_eq!(
        (issuer.discovery_requests(), issuer.jwks_requests()),
        (1, 1)
    );
}

#[tokio::test]
async fn a_rotation_loses_no_request() {
    let (old, new) = (key("k1"), key("k2"));
    let issuer = Issuer::start(&[&old]).await;
    let keycloak = builder(issuer.server_url()).build().unwrap();
    assert_eq!(status(&keycloak, &token(&issuer, &old, "a")).await, 200);
    issuer.publish(&[&new, &old]);
    let tokens: Vec<_> = (0..200)
        .map(|n| {
            token(
                &issuer,
                if n % 2 == 0 { &new } else { &old },
                &n.to_string(),
            )
        })
        .collect();
    let answers = join_all(tokens.iter().map(|token| status(&keycloak, token))).await;
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    assert_eq!(issuer.jwks_requests(), 2);
}

#[tokio::test]
async fn junk_key_ids_cause_a_bounded_number_of_fetches() {
    let (good, junk) = (key("k1"), key("junk"));
    let issuer = Issuer::start(&[&good]).await;
    let clock = ManualClock::new(SystemTime::now());
    let keycloak = builder(issuer.server_url())
        .clock(clock.clone())
        .build()
        .unwrap();
    let good = token(&issuer, &good, "good");
    assert_eq!(status(&keycloak, &good).await, 200);
    let junk = token(&issuer, &junk, "junk");
    for _ in 0..500 {
        assert_eq!(status(&keycloak, &junk).await, 401);
        assert_eq!(status(&keycloak, &good).await, 200);
    }
    assert_eq!(issuer.jwks_requests(), 1 + 2);
    clock.advance(Duration::from_secs(10));
    for _ in 0..10 {
        assert_eq!(status(&keycloak, &junk).await, 401);
    }
    assert_eq!(issuer.jwks_requests(), 1 + 2 + 1, "refilled by one");
}

#[tokio::test]
async fn a_token_of_a_removed_key_is_refused_also_if_it_was_remembered() {
    let (old, new) = (key("k1"), key("k2"));
    let issuer = Issuer::start(&[&old]).await;
    let keycloak = builder(issuer.server_url()).build().unwrap();
    let remembered = token(&issuer, &old, "a");
    assert_eq!(status(&keycloak, &remembered).await, 200);
    issuer.publish(&[&new]);
    assert_eq!(status(&keycloak, &token(&issuer, &new, "b")).await, 200);
    assert_eq!(status(&keycloak, &remembered).await, 401);
}

#[tokio::test]
async fn starts_without_keycloak_and_recovers_by_itself() {
    let key = key("k1");
    let issuer = Issuer::start(&[&key]).await;
    issuer.fail_jwks(StatusCode::SERVICE_UNAVAILABLE);
    let keycloak = builder(issuer.server_url()).build().unwrap();
    let token = token(&issuer, &key, "a");
    assert_eq!(status(&keycloak, &token).await, 503);
    assert!(keycloak.ready().await.is_err());
    issuer.publish(&[&key]);
    // No request asks: the background does. It ends with the first success.
    eventually("it recovers", async || {
        status(&keycloak, &token).await == 200
    })
    .await;
    assert!(keycloak.ready().await.is_ok());
}

#[tokio::test]
async fn an_outage_of_thirty_minutes_refuses_nobody_and_one_of_hours_everybody() {
    let key = key("k1");
    let issuer = Issuer::start(&[&key]).await;
    let clock = ManualClock::new(SystemTime::now());
    let keycloak = builder(issuer.server_url())
        .clock(clock.clone())
        .build()
        .unwrap();
    assert_eq!(status(&keycloak, &token(&issuer, &key, "first")).await, 200);
    issuer.fail_jwks(StatusCode::BAD_GATEWAY);
    for minute in 0..119 {
        clock.advance(Duration::from_secs(60));
        let fresh = token(&issuer, &key, &minute.to_string());
        assert_eq!(status(&keycloak, &fresh).await, 200, "minute {minute}");
    }
    clock.advance(Duration::from_secs(120));
    let late = token(&issuer, &key, "late");
    assert_eq!(status(&keycloak, &late).await, 503);
    assert_eq!(status(&keycloak, &token(&issuer, &key, "first")).await, 503);
}

#[tokio::test]
async fn an_empty_or_broken_set_does_not_replace_good_keys() {
    let key = key("k1");
    let issuer = Issuer::start(&[&key]).await;
    let keycloak = builder(issuer.server_url()).build().unwrap();
    assert_eq!(status(&keycloak, &token(&issuer, &key, "a")).await, 200);
    for bad in [r#"{"keys":[]}"#, "{}", "<html>", ""] {
        issuer.publish_text(bad);
        let unknown = token(&issuer, &SigningKey::generate(Algorithm::ES256, "x"), "x");
        // Could not be checked: Keycloak's answer is of no use.
        assert_eq!(status(&keycloak, &unknown).await, 503, "{bad}");
        assert_eq!(
            status(&keycloak, &token(&issuer, &key, "still good")).await,
            200
        );
    }
}

#[tokio::test]
async fn a_caller_that_leaves_changes_nothing_for_the_others() {
    let key = key("k1");
    let issuer = Issuer::start(&[&key]).await;
    let keycloak = builder(issuer.server_url()).build().unwrap();
    let token = token(&issuer, &key, "a");
    let leading = tokio::spawn({
        let (keycloak, token) = (keycloak.clone(), token.clone());
        async move { keycloak.authenticate_token(&token).await.is_ok() }
    });
    tokio::task::yield_now().await;
    let following = status(&keycloak, &token);
    leading.abort();
    assert_eq!(following.await, 200);
    assert_eq!(
        (issuer.discovery_requests(), issuer.jwks_requests()),
        (1, 1)
    );
}

#[tokio::test]
async fn discovery_that_names_another_issuer_is_a_503() {
    let key = key("k1");
    let issuer = Issuer::start(&[&key]).await;
    let mut document = issuer.discovery_document();
    document["issuer"] = json!("https://evil.example/realms/judged");
    issuer.discover(&document);
    let keycloak = builder(issuer.server_url()).build().unwrap();
    let error = keycloak
        .authenticate_token(&token(&issuer, &key, "a"))
        .await
        .unwrap_err();
    assert_eq!(error.status(), 503);
    assert_eq!(error.code(), "keycloak_config_error");
    assert_eq!(issuer.jwks_requests(), 0);
}

#[tokio::test]
async fn endpoints_on_another_host_are_never_asked() {
    let key = key("k1");
    let other = Issuer::start(&[&key]).await;
    let issuer = Issuer::start(&[&key]).await;
    for (member, value) in [
        (
            "jwks_uri",
            format!("{}/protocol/openid-connect/certs", other.issuer()),
        ),
        ("jwks_uri", issuer.issuer().replace("http:", "https:")),
        (
            "jwks_uri",
            issuer.issuer().replace("http://", "http://user@"),
        ),
        ("introspection_endpoint", "https://evil.example/".to_owned()),
        ("token_endpoint", "not a url".to_owned()),
    ] {
        let mut document = issuer.discovery_document();
        document[member] = json!(value);
        issuer.discover(&document);
        let keycloak = builder(issuer.server_url()).build().unwrap();
        assert_eq!(
            status(&keycloak, &token(&issuer, &key, "a")).await,
            503,
            "{value}"
        );
    }
    assert_eq!(other.jwks_requests() + issuer.jwks_requests(), 0);
}

#[test]
fn an_instance_outlives_the_runtime_that_it_was_first_used_on() {
    let key = key("k1");
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let serving = runtime();
    let issuer = serving.block_on(Issuer::start(&[&key]));
    issuer.fail_jwks(StatusCode::SERVICE_UNAVAILABLE);
    let keycloak = builder(issuer.server_url()).build().unwrap();
    let token = token(&issuer, &key, "a");
    let first = runtime();
    assert_eq!(first.block_on(status(&keycloak, &token)), 503);
    drop(first);
    issuer.publish(&[&key]);
    // The retry goes on, whatever became of the runtime of the first caller.
    while runtime().block_on(status(&keycloak, &token)) != 200 {
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn keys_are_refreshed_ahead_in_the_background() {
    let (old, new) = (key("k1"), key("k2"));
    let issuer = Issuer::start(&[&old]).await;
    let clock = ManualClock::new(SystemTime::now());
    let keycloak = builder(issuer.server_url())
        .clock(clock.clone())
        .build()
        .unwrap();
    let remembered = token(&issuer, &old, "a");
    assert_eq!(status(&keycloak, &remembered).await, 200);
    clock.advance(Duration::from_secs(47 * 60));
    assert_eq!(status(&keycloak, &token(&issuer, &old, "b")).await, 200);
    assert_eq!(issuer.jwks_requests(), 1, "not before 80 % of the hour");
    clock.advance(Duration::from_secs(2 * 60));
    issuer.publish(&[&new]);
    // No request waits: this one is still verified by the old keys.
    assert_eq!(status(&keycloak, &token(&issuer, &old, "c")).await, 200);
    eventually("they are refreshed", async || issuer.jwks_requests() == 2).await;
    assert_eq!(status(&keycloak, &token(&issuer, &new, "d")).await, 200);
    assert_eq!(status(&keycloak, &token(&issuer, &old, "e")).await, 401);
    assert_eq!(status(&keycloak, &remembered).await, 401);
    assert_eq!(issuer.discovery_requests(), 1, "kept for two hours");
}

#[tokio::test]
async fn a_remembered_token_alone_keeps_the_keys_fresh() {
    let key = key("k1");
    let issuer = Issuer::start(&[&key]).await;
    let clock = ManualClock::new(SystemTime::now());
    let keycloak = builder(issuer.server_url())
        .jwks_ttl(Duration::from_secs(60))
        .clock(clock.clone())
        .build()
        .unwrap();
    let token = token(&issuer, &key, "a");
    assert_eq!(status(&keycloak, &token).await, 200);
    clock.advance(Duration::from_secs(50));
    assert_eq!(status(&keycloak, &token).await, 200);
    eventually("they are refreshed", async || issuer.jwks_requests() == 2).await;
}

#[tokio::test]
async fn after_an_idle_night_the_first_request_meets_new_keys() {
    let (old, new) = (key("k1"), key("k2"));
    let issuer = Issuer::start(&[&old]).await;
    let clock = ManualClock::new(SystemTime::now());
    let keycloak = builder(issuer.server_url())
        .clock(clock.clone())
        .build()
        .unwrap();
    assert_eq!(status(&keycloak, &token(&issuer, &old, "a")).await, 200);
    issuer.publish(&[&new]);
    for (hours, expected) in [(1, 401), (12, 401)] {
        clock.advance(Duration::from_secs(hours * 60 * 60 + 60));
        let stale = token(&issuer, &old, &hours.to_string());
        assert_eq!(status(&keycloak, &stale).await, expected, "{hours} h");
    }
}

#[tokio::test]
async fn no_token_is_worth_less_than_a_bad_one() {
    let key = key("k1");
    let issuer = Issuer::start(&[&key]).await;
    let keycloak = builder(issuer.server_url()).build().unwrap();
    for junk in [
        "",
        ".",
        "..",
        "a.b.c",
        &".".repeat(30_000),
        &"a".repeat(16_385),
    ] {
        assert_eq!(status(&keycloak, junk).await, 401);
    }
    assert_eq!(
        (issuer.discovery_requests(), issuer.jwks_requests()),
        (0, 0),
        "nothing of it is worth a fetch"
    );
}
