//! What talks to Keycloak beside the keys: introspection, refresh, diagnostics; and the layer and
//! the metrics around it (rows S7, S8, S14, S17 and S18 of the feature list).

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, routing::get};
use keycloak::{MetricsCollector, TokenCheck, User, telemetry::Tags};
use reqwest::Client;
use support::{
    real::{CLIENT, tokens::text},
    serve,
};

use super::{local::builder, server::live};

#[tokio::test]
async fn introspection_gives_the_same_user_and_sees_a_revoked_session() {
    let Some(live) = live().await else { return };
    for check in [TokenCheck::Introspect, TokenCheck::LocalThenIntrospect] {
        let keycloak = builder(&live)
            .token_check(check)
            .introspection_ttl(Duration::ZERO)
            .build()
            .expect("good settings");
        let token = live.tokens.access_token("grace").await;
        let grace = keycloak
            .authenticate_token(&token)
            .await
            .expect("an active token");
        assert!(grace.has_role("reports-reader") && grace.in_group("/eng"));
        let local = builder(&live).build().expect("good settings");
        let same = local
            .authenticate_token(&token)
            .await
            .expect("a good token");
        assert_eq!(grace.subject(), same.subject());
        assert_eq!(grace.realm_roles().to_vec(), same.realm_roles().to_vec());

        live.admin.log_out(grace.subject()).await;
        let error = keycloak
            .authenticate_token(&token)
            .await
            .expect_err("the session is over");
        assert_eq!(
            (error.code(), error.status().as_u16()),
            ("token_inactive", 401)
        );
        // That is what introspection is for: locally the token is good until it expires.
        local
            .authenticate_token(&token)
            .await
            .expect("a good token");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_our_fault_not_the_callers() {
    let Some(live) = live().await else { return };
    let keycloak = builder(&live)
        .client_secret("wrong")
        .use_token_introspection()
        .enable_token_refresh()
        .build()
        .expect("good settings");
    let answer = live.tokens.login(CLIENT, "bob", "openid").await;
    let token = text(&answer, "access_token");
    let error = keycloak
        .authenticate_token(&token)
        .await
        .expect_err("refused");
    assert_eq!(error.status(), 503, "{error}");
    let refresh = text(&answer, "refresh_token");
    let error = keycloak.refresh_token(&refresh).await.expect_err("refused");
    assert_eq!(error.status(), 503, "{error}");
}

#[tokio::test]
async fn refresh_exchanges_and_refuses() {
    let Some(live) = live().await else { return };
    let answer = live.tokens.login(CLIENT, "bob", "openid").await;
    let refresh = text(&answer, "refresh_token");

    let off = builder(&live).build().expect("good settings");
    let error = off.refresh_token(&refresh).await.expect_err("not enabled");
    assert_eq!(error.status(), 404);

    let keycloak = builder(&live)
        .enable_token_refresh()
        .build()
        .expect("good settings");
    let fresh = keycloak.refresh_token(&refresh).await.expect("new tokens");
    let bob = keycloak
        .authenticate_token(fresh.access_token())
        .await
        .expect("a good token");
    assert_eq!(bob.username(), Some("bob"));
    assert!(fresh.refresh_token().is_some() && fresh.expires_in().is_some());

    live.admin.log_out(bob.subject()).await;
    for bad in [refresh.as_str(), "nonsense", ""] {
        let error = keycloak.refresh_token(bad).await.expect_err("refused");
        assert_eq!(
            (error.code(), error.status().as_u16()),
            ("invalid_grant", 400),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn the_layer_closes_everything_but_its_public_paths() {
    let Some(live) = live().await else { return };
    let keycloak = builder(&live).build().expect("good settings");
    let router = Router::new()
        .route("/", get(|| async { "in" }))
        .route("/public/{*rest}", get(|| async { "in" }))
        .route(
            "/me",
            get(|user: User| async move { user.subject().to_owned() }),
        )
        .layer(keycloak.layer().public_paths(["/", "/public/**"]))
        .with_state(keycloak);
    let base = serve(router).await;
    let http = Client::new();
    let token = live.tokens.access_token("frank").await;
    for (path, anonymous, frank) in [
        ("/", 200, 200),
        ("/public/a/b", 200, 200),
        ("/me", 401, 200),
        ("/publicity", 401, 404),
        ("/nowhere", 401, 404),
    ] {
        let url = format!("{base}{path}");
        let answer = http.get(&url).send().await.expect("an answer");
        assert_eq!(answer.status(), anonymous, "{path}");
        let answer = http.get(&url).bearer_auth(&token).send().await;
        assert_eq!(answer.expect("an answer").status(), frank, "{path}");
    }
}

/// Remembers which metrics came, with which tags.
#[derive(Default)]
struct Seen(Mutex<BTreeSet<String>>);

impl Seen {
    fn note(&self, name: &str, tags: Tags<'_>) {
        let tags: Vec<String> = tags
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        self.0
            .lock()
            .expect("no panic while it is held")
            .insert(format!("{name}{{{}}}", tags.join(",")));
    }
}

impl MetricsCollector for Seen {
    fn increment_counter(&self, name: &'static str, tags: Tags<'_>, _value: u64) {
        self.note(name, tags);
    }

    fn observe_histogram(&self, name: &'static str, tags: Tags<'_>, value: f64) {
        assert!(value >= 0.0 && value.is_finite(), "{name}: {value}");
        self.note(name, tags);
    }
}

#[tokio::test]
async fn all_thirteen_metrics_come() {
    let Some(live) = live().await else { return };
    let seen = Arc::new(Seen::default());
    let keycloak = builder(&live)
        .enable_token_refresh()
        .metrics_collector(Arc::clone(&seen))
        .build()
        .expect("good settings");
    // The second one finds the keys; the third one is remembered and needs none.
    let answer = live.tokens.login(CLIENT, "bob", "openid").await;
    let bob = text(&answer, "access_token");
    let carol = live.tokens.access_token("carol").await;
    for token in [&bob, &carol, &carol] {
        keycloak
            .authenticate_token(token)
            .await
            .expect("a good token");
    }
    keycloak
        .authenticate_token("junk")
        .await
        .expect_err("refused");
    let refresh = text(&answer, "refresh_token");
    keycloak.refresh_token(&refresh).await.expect("new tokens");
    keycloak.refresh_token("junk").await.expect_err("refused");

    let seen = seen.0.lock().expect("no panic while it is held");
    for name in [
        "fc_kc_token_validation_latency_ms",
        "fc_kc_token_validation_total",
        "fc_kc_token_validation_success_total",
        "fc_kc_token_validation_failure_total",
        "fc_kc_token_refresh_latency_ms",
        "fc_kc_token_refresh_total",
        "fc_kc_token_refresh_success_total",
        "fc_kc_token_refresh_failure_total",
        "fc_kc_jwks_fetch_latency_ms",
        "fc_kc_oidc_fetch_latency_ms",
        "fc_kc_jwks_cache_hits_total",
        "fc_kc_jwks_cache_misses_total",
        "fc_kc_errors_total",
    ] {
        let found: Vec<_> = seen
            .iter()
            .filter(|entry| entry.starts_with(&format!("{name}{{")))
            .collect();
        assert!(!found.is_empty(), "{name} is not among {seen:#?}");
        for entry in found {
            assert!(
                entry.contains("client_id=demo-api") && entry.contains("realm=demo"),
                "{entry}"
            );
        }
    }
}

/// What was taken from or put on a user between token and request counts, where Keycloak is asked
/// whatever the token says.
#[tokio::test]
async fn a_user_suspended_after_the_token_was_issued_is_refused() {
    let Some(live) = live().await else { return };
    let not_suspended = keycloak::policy!(roles = none["suspended"]);
    for check in [TokenCheck::LocalThenIntrospect, TokenCheck::Introspect] {
        let keycloak = builder(&live)
            .token_check(check)
            .introspection_ttl(Duration::ZERO)
            .complete_tokens_from([CLIENT.0])
            .build()
            .expect("good settings");
        let clerk = keycloak.guard(keycloak::policy!(roles = ["night-clerk"]));
        let unsuspended = keycloak.guard(not_suspended);
        let app = Router::new()
            .route("/night", get(|| async { "in" }).route_layer(clerk))
            .route("/day", get(|| async { "in" }).route_layer(unsuspended));
        let base = serve(app).await;
        let http = Client::new();
        let subject = {
            let token = live.tokens.access_token("dave").await;
            let dave = keycloak.authenticate_token(&token).await;
            dave.expect("a good token").subject().to_owned()
        };
        let answers = |token: String| {
            let (http, base) = (http.clone(), base.clone());
            async move {
                let mut statuses = Vec::new();
                for path in ["/night", "/day"] {
                    let request = http.get(format!("{base}{path}")).bearer_auth(&token);
                    statuses.push(request.send().await.expect("an answer").status().as_u16());
                }
                statuses
            }
        };
        // Before: an ordinary user, with roles that stay: an answer without any would prove nothing.
        let before = live.tokens.access_token("dave").await;
        assert_eq!(answers(before.clone()).await, [403, 200], "{check:?}");
        // A role given counts for the token from before, and is gone for the one that has it.
        live.admin.grant_realm_role(&subject, "night-clerk").await;
        assert_eq!(answers(before.clone()).await, [200, 200], "{check:?}");
        let with_role = live.tokens.access_token("dave").await;
        live.admin.revoke_realm_role(&subject, "night-clerk").await;
        assert_eq!(answers(with_role).await, [403, 200], "{check:?}");
        // Suspended a moment ago: the token does not know it yet.
        live.admin.grant_realm_role(&subject, "suspended").await;
        assert_eq!(answers(before).await, [403, 403], "{check:?}");
        live.admin.revoke_realm_role(&subject, "suspended").await;
    }
}
