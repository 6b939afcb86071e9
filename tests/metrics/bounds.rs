//! Whatever callers send, the number of series stays what it is.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use axum::{Router, routing::get};
use keycloak::{Algorithm, Keycloak, MetricsCollector, User, telemetry::Tags};
use serde_json::json;
use support::{
    issuer::{Issuer, REALM},
    mint::{SigningKey, claims, with},
};

use super::load::{self, bearer, send};

/// Every series that was ever touched.
#[derive(Default)]
struct Series(Mutex<BTreeSet<String>>);

impl Series {
    fn touch(&self, name: &str, tags: Tags<'_>) {
        self.0
            .lock()
            .expect("series")
            .insert(format!("{name} {tags:?}"));
    }

    fn snapshot(&self) -> BTreeSet<String> {
        self.0.lock().expect("series").clone()
    }
}

impl MetricsCollector for Series {
    fn increment_counter(&self, name: &'static str, tags: Tags<'_>, _: u64) {
        self.touch(name, tags);
    }
    fn observe_histogram(&self, name: &'static str, tags: Tags<'_>, _: f64) {
        self.touch(name, tags);
    }
}

/// The caller chooses everything that it can choose, each time anew.
async fn hostile_round(app: &Router, issuer: &Issuer, key: &SigningKey, round: usize) {
    let mark = format!("mark-{round}");
    let good = claims(&issuer.issuer(), "api", &mark);
    let changes = [
        json!({"iss": mark}),
        json!({"aud": mark}),
        json!({"azp": mark, "realm_access": {"roles": [mark]}, "groups": [mark]}),
        json!({"typ": mark}),
        json!({"exp": round}),
        json!({"sub": null}),
        json!({"scope": mark, "preferred_username": mark}),
    ];
    for changes in changes {
        let token = key.token(&with(&good, changes));
        for path in ["/", "/admin"] {
            send(app, load::get(path, &[&bearer(&token)])).await;
        }
    }
    let foreign = SigningKey::generate(Algorithm::ES256, &mark);
    let header = json!({"alg": mark, "kid": mark, "typ": mark}).to_string();
    for token in [
        foreign.token(&good),
        key.compact(&header, b"{}"),
        mark.clone(),
        format!("{mark}.{mark}.{mark}"),
    ] {
        send(app, load::get("/admin", &[&bearer(&token)])).await;
    }
    send(
        app,
        load::get(&format!("/{mark}"), &[&format!("{mark} {mark}")]),
    )
    .await;
    send(app, load::get("/admin", &[&mark, &mark])).await;
}

#[keycloak::protected]
async fn anybody(user: User) -> String {
    user.subject().to_owned()
}

#[keycloak::protected(roles = ["admin"])]
async fn admin() {}

#[tokio::test]
async fn a_hostile_load_makes_no_new_series() {
    let _turn = load::turn().await;
    let key = SigningKey::generate(Algorithm::ES256, "key");
    let issuer = Issuer::start(&[&key]).await;
    let series = Arc::new(Series::default());
    let keycloak = Keycloak::builder()
        .server_url(issuer.server_url())
        .realm(REALM)
        .client_id("api")
        .algorithms([Algorithm::ES256])
        .metrics_collector(Arc::clone(&series))
        .build()
        .expect("settings");
    let app = Router::new()
        .route("/", get(anybody))
        .route("/admin", get(admin))
        .with_state(keycloak.clone());

    // Two rounds: the first token of all is the one that fetches.
    hostile_round(&app, &issuer, &key, 0).await;
    hostile_round(&app, &issuer, &key, 1).await;
    let before = series.snapshot();
    for round in 2..60 {
        hostile_round(&app, &issuer, &key, round).await;
    }
    let after = series.snapshot();
    keycloak.close().await;

    let new: Vec<_> = after.difference(&before).collect();
    assert!(new.is_empty(), "{new:#?}");
    let marked: Vec<_> = after
        .iter()
        .filter(|series| series.contains("mark"))
        .collect();
    assert!(marked.is_empty(), "{marked:#?}");
    for code in [
        "invalid_claims",
        "missing_claim",
        "token_expired",
        "unknown_kid",
    ] {
        assert!(after.iter().any(|series| series.contains(code)), "{code}");
    }
}
