//! The usual mistakes in a realm, made in the real Keycloak: its tokens are recognised for what
//! they are (rows S18 and B4 of the feature list).

use std::sync::{Arc, Mutex};

use axum::{Router, response::IntoResponse, routing::get};
use keycloak::diagnostics::{Classic, DiagnosticStatus};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    real::{CLIENT, TokenEndpoint, tokens::text},
    serve,
};

use super::{
    local::builder,
    server::{Live, live},
};

const SECRET: &str = "the-secret-of-a-classic";

/// A client that is set up wrong, and its token for a persona.
async fn token_of(live: &Live, client: &str, persona: &str, setup: Value) -> String {
    let mut representation = json!({
        "clientId": client,
        "secret": SECRET,
        "publicClient": false,
        "standardFlowEnabled": false,
        "directAccessGrantsEnabled": true,
        "fullScopeAllowed": true,
        "defaultClientScopes": ["basic", "roles", "profile", "demo-api-audience"],
    });
    for (member, value) in setup.as_object().expect("members") {
        representation[member] = value.clone();
    }
    live.admin.create_client(representation).await;
    let answer = live.tokens.login((client, SECRET), persona, "openid").await;
    text(&answer, "access_token")
}

async fn looks_like(live: &Live, token: &str) -> Option<Classic> {
    let keycloak = builder(live).build().expect("good settings");
    let error = keycloak.authenticate_token(token).await;
    error.expect_err("a classic").looks_like()
}

#[tokio::test]
async fn a_client_without_audience_mapper() {
    let Some(live) = live().await else { return };
    // Whoever registers gets the default roles, those of the client `account` among them.
    let newcomer = json!({
        "username": "newcomer",
        "enabled": true,
        "email": "newcomer@example.org",
        "emailVerified": true,
        "firstName": "New",
        "lastName": "Comer",
        "credentials": [{"type": "password", "value": "newcomer-password"}],
    });
    live.admin
        .call(Method::POST, "/users", Some(newcomer))
        .await;
    let scopes = json!({"defaultClientScopes": ["basic", "roles", "profile"]});
    let token = token_of(&live, "classic-audience", "newcomer", scopes).await;
    assert_eq!(
        looks_like(&live, &token).await,
        Some(Classic::AudienceAccount)
    );
}

#[tokio::test]
async fn a_client_without_the_scope_basic() {
    let Some(live) = live().await else { return };
    let scopes = json!({"defaultClientScopes": ["roles", "profile", "demo-api-audience"]});
    let token = token_of(&live, "classic-basic", "bob", scopes).await;
    assert_eq!(
        looks_like(&live, &token).await,
        Some(Classic::MissingBasicScope)
    );
}

#[tokio::test]
async fn a_client_with_lightweight_tokens() {
    let Some(live) = live().await else { return };
    let attributes = json!({
        "attributes": {"client.use.lightweight.access.token.enabled": "true"},
    });
    let token = token_of(&live, "classic-lightweight", "alice", attributes).await;
    assert_eq!(
        looks_like(&live, &token).await,
        Some(Classic::LightweightToken)
    );
}

#[tokio::test]
async fn another_host_name_and_another_kind_of_token() {
    let Some(live) = live().await else { return };
    let other_name = live.url.replace("127.0.0.1", "localhost");
    let tokens = TokenEndpoint::of(&format!("{other_name}/realms/demo"));
    let token = tokens.access_token("bob").await;
    assert_eq!(looks_like(&live, &token).await, Some(Classic::IssuerHost));

    let answer = live.tokens.login(CLIENT, "bob", "openid").await;
    let id_token = text(&answer, "id_token");
    assert_eq!(
        looks_like(&live, &id_token).await,
        Some(Classic::WrongTokenType)
    );
}

#[keycloak::protected(groups = ["ops"])]
async fn ops() -> &'static str {
    "in"
}

#[tokio::test]
async fn a_group_mapper_without_paths() {
    let Some(live) = live().await else { return };
    let mapper = json!({
        "protocolMappers": [{
            "name": "bare groups",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-group-membership-mapper",
            "config": {
                "full.path": "false",
                "access.token.claim": "true",
                "claim.name": "groups",
            },
        }],
    });
    let token = token_of(&live, "classic-groups", "carol", mapper).await;
    let seen = Arc::new(Mutex::new(None));
    let note = Arc::clone(&seen);
    let keycloak = builder(&live)
        .error_body(move |error| {
            *note.lock().expect("note") = error.looks_like();
            "no".into_response()
        })
        .build()
        .expect("good settings");
    let url = serve(Router::new().route("/ops", get(ops)).with_state(keycloak)).await;
    let answer = reqwest::Client::new()
        .get(format!("{url}/ops"))
        .bearer_auth(token)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 403);
    let seen = *seen.lock().expect("note");
    assert_eq!(seen, Some(Classic::NameOnlyGroups));
}

#[tokio::test]
async fn our_own_client_with_and_without_the_right_secret() {
    let Some(live) = live().await else { return };
    let right = builder(&live)
        .use_token_introspection()
        .enable_token_refresh();
    let right = right.build().expect("settings");
    let mut report = right.run_diagnostics().await;
    // The first logout page of a server's life can take it longer than a diagnosis waits.
    for _ in 0..5 {
        if report.end_session.status == DiagnosticStatus::Error {
            report = right.run_diagnostics().await;
        }
    }
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
    // Signature and encryption key; RS256 is the realm's and our default.
    let keys = report.keys.expect("keys");
    assert!(keys.usable >= 1 && keys.published > keys.usable, "{keys:?}");
    assert!(report.hints.is_empty(), "{:?}", report.hints);

    let wrong = builder(&live)
        .client_secret("not-the-secret")
        .use_token_introspection()
        .enable_token_refresh();
    let report = wrong.build().expect("settings").run_diagnostics().await;
    assert_eq!(report.status, DiagnosticStatus::Error);
    for endpoint in [&report.introspection, &report.token] {
        assert!(
            endpoint
                .message
                .contains("does not accept the client `demo-api`"),
            "{endpoint:?}"
        );
    }
}
