//! The embedded realm under diagnosis: good, gone, and back.

use axum::{Router, body::Body, extract::State, http::Request, routing::get};
use keycloak::{
    Keycloak,
    dev::{Realm, RunningRealm},
    diagnostics::{DiagnosticStatus, Health},
};
use support::eventually;
use tower::ServiceExt as _;

async fn realm() -> RunningRealm {
    let export = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../examples/quickstart-realm.json"
    );
    let realm = Realm::from_export(export).expect("the export");
    realm.start().await.expect("the realm")
}

#[tokio::test]
async fn everything_that_the_service_uses_works() {
    let realm = realm().await;
    let keycloak = realm
        .keycloak("demo-api")
        .use_token_introspection()
        .enable_token_refresh()
        .build()
        .expect("settings");
    let report = keycloak.run_diagnostics().await;
    assert_eq!(report.status, DiagnosticStatus::Ok, "{report:#?}");
    for endpoint in [
        &report.oidc_discovery,
        &report.jwks_uri,
        &report.introspection,
        &report.token,
        &report.end_session,
    ] {
        assert_eq!(endpoint.status, DiagnosticStatus::Ok, "{endpoint:?}");
    }
    assert!(report.hints.is_empty(), "{:?}", report.hints);
    keycloak.close().await;
}

async fn health(State(keycloak): State<Keycloak>) -> Health {
    keycloak.health().await
}

#[tokio::test]
async fn a_health_route_follows_keycloak() {
    let realm = realm().await;
    let keycloak = realm.keycloak("demo-api").build().expect("settings");
    let app = Router::new()
        .route("/health/keycloak", get(health))
        .with_state(keycloak.clone());
    let probe = || async {
        let request = Request::get("/health/keycloak").body(Body::empty());
        let answer = app.clone().oneshot(request.expect("a request")).await;
        answer.expect("an answer").status().as_u16()
    };
    // A probe may be answered from the last second.
    let becomes = |status| {
        let probe = &probe;
        async move {
            let what = format!("the health route answers {status}");
            eventually(&what, async || probe().await == status).await;
        }
    };
    becomes(200).await;
    realm.stop();
    becomes(503).await;
    realm.restart().await.expect("the same port");
    becomes(200).await;
    keycloak.close().await;
}
