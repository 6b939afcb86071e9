//! What strangers can cause: calls to Keycloak are bounded by the buckets of the outbound door,
//! whatever is sent, and honest callers are not harmed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{FutureExt as _, future::join_all};
use keycloak::{Algorithm, Keycloak};
use serde_json::{Value, json};
use support::{
    eventually,
    issuer::{Issuer, REALM},
    mint::{SigningKey, b64, with},
};
use tokio::sync::Notify;

use super::{
    load::{Keys, builder, lasting},
    scripted::{Behaviour, Document, Scripted},
};

/// What a bucket gives in the time that a test took.
fn allowed(capacity: usize, every: f64, since: Instant) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few seconds"
    )]
    let refilled = (since.elapsed().as_secs_f64() / every) as usize;
    capacity + refilled
}

/// Asks about every token that is not remembered.
fn asking(server: &Scripted) -> Keycloak {
    builder(server)
        .client_secret("s3cret")
        .use_token_introspection()
        .build()
        .expect("settings")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_of_a_health_route_who_hang_up_cause_no_calls_of_their_own() {
    let keys = Keys::generate();
    let server = Scripted::start(&[&keys.old]).await;
    let keycloak = builder(&server).build().expect("settings");
    let began = Instant::now();
    for _ in 0..478 {
        let _ = keycloak.health().now_or_never();
        tokio::task::yield_now().await;
    }
    assert!(keycloak.health().await.is_ok());
    let rounds = server.asked(Document::Discovery);
    assert!(rounds <= allowed(2, 5.0, began), "{rounds} rounds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_health_route_asks_about_our_client_once() {
    let keys = Keys::generate();
    let server = Scripted::start(&[&keys.old]).await;
    let keycloak = asking(&server);
    for _ in 0..3 {
        assert!(keycloak.health().await.is_ok());
    }
    assert_eq!(server.asked(Document::Introspection), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn junk_in_introspection_mode_asks_nobody_and_starves_nobody() {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    server.introspect(&lasting(&server.issuer(), "alice"));
    let keycloak = asking(&server);
    let good = |number: usize| {
        let claims = lasting(&server.issuer(), "alice");
        keys.old.token(&with(&claims, json!({ "number": number })))
    };
    let status = |token: String| {
        let keycloak = keycloak.clone();
        async move {
            match keycloak.authenticate_token(&token).await {
                Ok(_) => 200,
                Err(error) => error.status().as_u16(),
            }
        }
    };
    assert_eq!(status(good(0)).await, 200);
    let stranger = SigningKey::generate(Algorithm::ES256, "of-nobody");
    for round in 0..20 {
        let claims = |n: usize| lasting(&server.issuer(), &format!("junk-{round}-{n}"));
        let forged = (0..50).map(|n| keys.forger.token(&claims(n)));
        let unknown = (0..50).map(|n| stranger.token(&claims(n)));
        let junk: Vec<String> = forged.chain(unknown).collect();
        let answers = join_all(junk.into_iter().map(status)).await;
        assert!(answers.iter().all(|status| *status == 401), "{answers:?}");
        assert_eq!(status(good(round + 1)).await, 200);
    }
    assert_eq!(server.asked(Document::Introspection), 21, "the honest ones");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_keys_a_bucket_bounds_what_junk_asks() {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    server.behave(Document::Keys, Behaviour::Status(500));
    let keycloak = asking(&server);
    let began = Instant::now();
    for n in 0..1_000 {
        let junk = keys
            .forger
            .token(&lasting(&server.issuer(), &n.to_string()));
        assert!(keycloak.authenticate_token(&junk).await.is_err());
    }
    let asked = server.asked(Document::Introspection);
    assert!(asked <= allowed(64, 0.1, began), "{asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_token_sent_again_and_again_asks_a_few_times() {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    let keycloak = asking(&server);
    let revoked = keys.old.token(&lasting(&server.issuer(), "revoked"));
    let began = Instant::now();
    for _ in 0..1_000 {
        let error = keycloak.authenticate_token(&revoked).await.unwrap_err();
        assert_eq!(error.code(), "token_inactive");
    }
    let asked = server.asked(Document::Introspection);
    assert!(asked <= allowed(8, 1.0, began), "{asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_session_with_many_revoked_tokens_asks_a_few_times() {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    let keycloak = asking(&server);
    let of = |session: &str, number: usize| {
        let claims = lasting(&server.issuer(), "alice");
        let changes = json!({ "sid": session, "jti": number });
        keys.old.token(&with(&claims, changes))
    };
    let began = Instant::now();
    for number in 0..1_000 {
        let revoked = of("ended", number);
        assert!(keycloak.authenticate_token(&revoked).await.is_err());
    }
    let asked = server.asked(Document::Introspection);
    assert!(asked <= allowed(8, 1.0, began), "{asked}");
    let changes = json!({ "sid": "another session of the same subject" });
    let other = with(&lasting(&server.issuer(), "alice"), changes);
    server.introspect(&other);
    let admitted = keycloak.authenticate_token(&keys.old.token(&other)).await;
    assert!(admitted.is_ok(), "{admitted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_active_token_that_is_not_for_us_asks_a_few_times() {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    let keycloak = asking(&server);
    let claims = lasting(&server.issuer(), "alice");
    let for_another = with(&claims, json!({ "aud": "another" }));
    server.introspect(&for_another);
    let token = keys.old.token(&for_another);
    let began = Instant::now();
    let first = keycloak.authenticate_token(&token).await.unwrap_err();
    for _ in 0..1_000 {
        let error = keycloak.authenticate_token(&token).await.unwrap_err();
        assert_eq!(error.code(), first.code());
    }
    assert_eq!(first.status(), 401);
    let asked = server.asked(Document::Introspection);
    assert!(asked <= allowed(8, 1.0, began), "{asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_keys_that_introspection_does_not_need() {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    server.behave(Document::Keys, Behaviour::Status(500));
    server.introspect(&lasting(&server.issuer(), "alice"));
    let keycloak = asking(&server);
    let ask = |number: usize| {
        let claims = lasting(&server.issuer(), "alice");
        let token = keys.old.token(&with(&claims, json!({ "number": number })));
        let keycloak = keycloak.clone();
        async move { keycloak.authenticate_token(&token).await }
    };
    assert!(ask(0).await.is_ok());
    let go = Arc::new(Notify::new());
    server.behave(Document::Keys, Behaviour::Held(Arc::clone(&go)));
    let before = server.asked(Document::Keys);
    eventually("the question arrives", async || {
        server.asked(Document::Keys) > before
    })
    .await;
    assert!(ask(1).await.is_ok());
    // That attempt still runs: it brings the keys.
    go.notify_one();
    assert!(keycloak.ready().await.is_ok());
    assert_eq!(server.asked(Document::Keys), before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn junk_that_waits_is_in_nobodys_way() {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    server.introspect(&lasting(&server.issuer(), "alice"));
    let keycloak = asking(&server);
    let good = |number: usize| {
        let claims = lasting(&server.issuer(), "alice");
        keys.old.token(&with(&claims, json!({ "number": number })))
    };
    assert!(keycloak.authenticate_token(&good(0)).await.is_ok());
    // There may be a new key, so junk of an unknown one may be good.
    server.behave(Document::Keys, Behaviour::Status(500));
    server.behave(Document::Introspection, Behaviour::Hang);
    let stranger = SigningKey::generate(Algorithm::ES256, "of-nobody");
    let ended = Arc::new(AtomicUsize::new(0));
    for number in 0..1_500 {
        let junk = stranger.token(&lasting(&server.issuer(), &number.to_string()));
        let (keycloak, ended) = (keycloak.clone(), Arc::clone(&ended));
        tokio::spawn(async move {
            assert!(keycloak.authenticate_token(&junk).await.is_err());
            ended.fetch_add(1, Ordering::SeqCst);
        });
    }
    // Those for which there was no room.
    eventually("some are turned away", async || {
        ended.load(Ordering::SeqCst) >= 1_500 - (1_024 + 64)
    })
    .await;
    server.behave(Document::Introspection, Behaviour::Good);
    let honest = keycloak.authenticate_token(&good(1)).await;
    assert!(honest.is_ok(), "{honest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_was_never_sent_costs_nothing() {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    server.behave(Document::Discovery, Behaviour::Status(500));
    let keycloak = asking(&server);
    let mut codes = Vec::new();
    for number in 0..500 {
        let token = keys
            .old
            .token(&lasting(&server.issuer(), &number.to_string()));
        let error = keycloak.authenticate_token(&token).await.unwrap_err();
        codes.push(error.code());
    }
    assert_eq!(server.asked(Document::Introspection), 0);
    codes.dedup();
    assert_eq!(codes.len(), 1, "{codes:?}");
}

/// `(r, s)` and `(r, n - s)` are both good: whoever has a token can write it in two ways.
fn with_the_other_signature(token: &str) -> String {
    const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut borrow = 0;
    for (at, byte) in signature[32..].iter_mut().enumerate().rev() {
        let order = i16::from(u8::from_str_radix(&ORDER[2 * at..2 * at + 2], 16).unwrap());
        let difference = order - i16::from(*byte) - borrow;
        borrow = i16::from(difference < 0);
        *byte = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    format!("{signed}.{}", b64(signature))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_token_in_two_spellings_asks_no_more_often() {
    let keys = Arc::new(Keys::generate());
    let server = Scripted::start(&[&keys.old]).await;
    let keycloak = asking(&server);
    let revoked = keys.old.token(&lasting(&server.issuer(), "revoked"));
    let other = with_the_other_signature(&revoked);
    assert_ne!(revoked, other);
    let began = Instant::now();
    for _ in 0..100 {
        for token in [&revoked, &other] {
            let error = keycloak.authenticate_token(token).await.unwrap_err();
            // Its signature is good, or it would be refused for that.
            assert_eq!(error.code(), "token_inactive");
        }
    }
    let asked = server.asked(Document::Introspection);
    assert!(asked <= allowed(8, 1.0, began), "{asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn discovery_while_keycloak_errs_is_asked_with_a_back_off() {
    let server = Scripted::start(&[]).await;
    server.behave(Document::Discovery, Behaviour::Status(500));
    let keycloak = builder(&server).build().expect("settings");
    let began = Instant::now();
    for _ in 0..3_000 {
        let error = keycloak.provider_metadata().await.unwrap_err();
        assert_eq!(error.status(), 503);
    }
    let asked = server.asked(Document::Discovery);
    assert!(asked <= allowed(6, 0.5, began), "{asked}");
    server.be_good();
    eventually("it recovers", async || {
        keycloak.provider_metadata().await.is_ok()
    })
    .await;
}

fn refreshing(issuer: &Issuer) -> Keycloak {
    Keycloak::builder()
        .server_url(issuer.server_url())
        .realm(REALM)
        .client_id("api")
        .client_secret("s3cret")
        .enable_token_refresh()
        .build()
        .expect("settings")
}

/// A refresh token as Keycloak makes it, without a signature of its.
fn refresh_token(issuer: &Issuer, client: &str, number: usize) -> String {
    refresh_token_with(issuer, json!({ "azp": client, "jti": number }))
}

fn refresh_token_with(issuer: &Issuer, changes: Value) -> String {
    let header = b64(r#"{"alg":"HS512","typ":"JWT","kid":"k"}"#);
    let payload = json!({
        "iss": issuer.issuer(), "azp": "api", "typ": "Refresh", "exp": 4_000_000_000_u64,
    });
    let payload = with(&payload, changes).to_string();
    format!("{header}.{}.{}", b64(payload), b64("signature"))
}

const REFUSED: &str = r#"{"error":"invalid_grant"}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn junk_refreshes_are_bounded_and_sessions_go_on() {
    let issuer = Issuer::start(&[]).await;
    let keycloak = refreshing(&issuer);
    let next = refresh_token(&issuer, "api", 1_000_000);
    let tokens = json!({ "access_token": "a", "token_type": "Bearer", "refresh_token": next });
    issuer.answer("token", StatusCode::OK, tokens.to_string());
    let first = refresh_token(&issuer, "api", 1_000_001);
    assert!(keycloak.refresh_token(&first).await.is_ok());
    issuer.answer("token", StatusCode::BAD_REQUEST, REFUSED);

    let began = Instant::now();
    let before = issuer.posts().len();
    for number in 0..1_000 {
        let of_others = refresh_token(&issuer, "another", number);
        let error = keycloak.refresh_token(&of_others).await.unwrap_err();
        assert_eq!(error.code(), "invalid_grant");
    }
    assert_eq!(issuer.posts().len(), before, "what it says refuses it");
    for number in 0..1_000 {
        let forged = refresh_token(&issuer, "api", number);
        assert!(keycloak.refresh_token(&forged).await.is_err());
        assert!(
            keycloak
                .refresh_token(&format!("junk-{number}"))
                .await
                .is_err()
        );
    }
    let asked = issuer.posts().len() - before;
    assert!(asked <= 2 * allowed(32, 0.5, began), "{asked}");

    // A session that goes through us goes on, with the buckets empty.
    issuer.answer("token", StatusCode::OK, tokens.to_string());
    assert!(keycloak.refresh_token(&next).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_has_refreshes_of_its_own_and_only_those() {
    let issuer = Issuer::start(&[]).await;
    let keycloak = refreshing(&issuer);
    let of = |session: &str, number: usize| {
        refresh_token_with(&issuer, json!({ "sid": session, "jti": number }))
    };
    let answer = |next: &str| {
        let tokens = json!({ "access_token": "a", "token_type": "Bearer", "refresh_token": next });
        issuer.answer("token", StatusCode::OK, tokens.to_string());
    };
    let next = [of("ended", 1), of("good", 1)];
    for (session, next) in ["ended", "good"].into_iter().zip(&next) {
        answer(next);
        let refreshed = keycloak.refresh_token(&of(session, 0)).await;
        assert!(refreshed.is_ok(), "{refreshed:?}");
    }
    issuer.answer("token", StatusCode::BAD_REQUEST, REFUSED);
    let asked = async |session: &str, count: usize| {
        let before = issuer.posts().len();
        for number in 0..count {
            let token = of(session, 1 + number);
            assert!(keycloak.refresh_token(&token).await.is_err());
        }
        issuer.posts().len() - before
    };
    let began = Instant::now();
    // From the last one on, which counts as well.
    let refused = asked("ended", 500).await;
    assert!(refused <= allowed(8, 10.0, began), "{refused}");
    let strangers = asked("of nobody", 500).await;
    assert!(strangers <= allowed(32, 0.5, began), "{strangers}");
    // Not the last one: of another tab of the same session.
    answer(&of("good", 3));
    let refreshed = keycloak.refresh_token(&of("good", 2)).await;
    assert!(refreshed.is_ok(), "{refreshed:?}");
}
