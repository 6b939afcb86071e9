//! The report on realms that are as they should be, down, slow, or set up wrong.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::to_bytes,
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use keycloak::{
    Algorithm, KeycloakBuilder,
    diagnostics::{Classic, DiagnosticReport, DiagnosticStatus},
};
use serde_json::{Value, json};
use support::{
    issuer::{Issuer, REALM, jwks},
    mint::SigningKey,
    world::builder,
};
use tokio::{net::TcpListener, sync::Barrier};

const SECRET: &str = "the-secret-of-the-client";

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::ES256, "key")
}

async fn diagnose(builder: KeycloakBuilder) -> DiagnosticReport {
    let keycloak = builder.build().expect("settings");
    let report = keycloak.run_diagnostics().await;
    keycloak.close().await;
    report
}

fn classics(report: &DiagnosticReport) -> Vec<Classic> {
    report.hints.iter().map(|hint| hint.code).collect()
}

/// A realm with nothing but token and introspection endpoints, which answer as told.
async fn realm(token: (u16, Value), introspection: (u16, Value)) -> Issuer {
    let issuer = Issuer::start(&[&key()]).await;
    let mut document = issuer.discovery_document();
    let members = document.as_object_mut().expect("an object");
    let used = [
        "issuer",
        "token_endpoint",
        "introspection_endpoint",
        "jwks_uri",
    ];
    members.retain(|name, _| used.contains(&name.as_str()));
    issuer.discover(&document);
    for (endpoint, (status, body)) in [("token", token), ("token/introspect", introspection)] {
        let status = StatusCode::from_u16(status).expect("a status");
        issuer.answer(endpoint, status, body.to_string());
    }
    issuer
}

fn asking(realm: &Issuer) -> KeycloakBuilder {
    builder(realm.server_url())
        .client_secret(SECRET)
        .use_token_introspection()
        .enable_token_refresh()
}

#[tokio::test]
async fn a_good_realm_is_ok() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    // A realm has more keys than ours: one for encryption at least.
    let mut keys = jwks(&[&key]);
    let other = SigningKey::generate(Algorithm::EdDSA, "other").jwk();
    keys["keys"].as_array_mut().expect("keys").push(other);
    issuer.publish_text(keys.to_string());

    let report = diagnose(builder(issuer.server_url())).await;
    assert_eq!(report.oidc_discovery.status, DiagnosticStatus::Ok);
    assert_eq!(report.jwks_uri.status, DiagnosticStatus::Ok);
    assert_eq!(report.introspection.status, DiagnosticStatus::Disabled);
    assert_eq!(report.token.status, DiagnosticStatus::Disabled);
    assert_eq!(report.issuer.matches, Some(true));
    assert_eq!(report.issuer.announced, Some(issuer.issuer()));
    assert_eq!(report.clock_skew_seconds, Some(0));
    let found = report.keys.expect("keys");
    assert_eq!((found.published, found.usable), (2, 1));
    assert_eq!(classics(&report), []);
    assert_eq!(report.status, DiagnosticStatus::Ok);
    assert!(report.oidc_discovery.latency_ms.expect("latency") > 0.0);
    assert_eq!(report.oidc_discovery.cert_valid, None);
}

#[tokio::test]
async fn a_logout_endpoint_that_is_gone_is_told_and_not_needed() {
    let issuer = Issuer::start(&[&key()]).await;
    let mut document = issuer.discovery_document();
    document["end_session_endpoint"] = json!(format!("{}/gone", issuer.issuer()));
    issuer.discover(&document);
    let report = diagnose(builder(issuer.server_url())).await;
    assert_eq!(report.end_session.status, DiagnosticStatus::Error);
    assert_eq!(report.end_session.http_status, Some(404));
    assert_eq!(report.status, DiagnosticStatus::Ok);
}

#[tokio::test]
async fn a_realm_that_is_down_is_an_error_and_503() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let report = diagnose(builder(&base)).await;
    assert_eq!(report.status, DiagnosticStatus::Error);
    let message = &report.oidc_discovery.message;
    assert!(message.starts_with("TCP: no connection"), "{message}");
    assert_eq!(report.jwks_uri.status, DiagnosticStatus::Error);
    assert_eq!(report.jwks_uri.endpoint_url, None);
    assert_eq!(report.keys, None);
    assert_eq!(report.clock_skew_seconds, None);
    let response = report.into_response();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn an_unknown_realm_is_told_from_a_server_that_is_down() {
    let issuer = Issuer::start(&[&key()]).await;
    let keycloak = builder(issuer.server_url()).realm("no-such-realm");
    let report = diagnose(keycloak).await;
    let discovery = report.oidc_discovery;
    assert_eq!(discovery.http_status, Some(404));
    assert!(
        discovery.message.contains("no realm `no-such-realm` here"),
        "{}",
        discovery.message
    );
}

#[tokio::test]
async fn an_issuer_that_is_not_ours_is_named_and_not_followed() {
    let issuer = Issuer::start(&[&key()]).await;
    let mut document = issuer.discovery_document();
    document["issuer"] = json!(format!("https://sso.example/realms/{REALM}"));
    issuer.discover(&document);
    let report = diagnose(builder(issuer.server_url())).await;
    assert_eq!(report.status, DiagnosticStatus::Error);
    assert_eq!(report.oidc_discovery.status, DiagnosticStatus::Error);
    assert_eq!(report.issuer.matches, Some(false));
    assert_eq!(classics(&report), [Classic::IssuerHost]);
    let fix = &report.hints[0].fix;
    assert!(fix.contains(&issuer.issuer()), "{fix}");
    assert!(fix.contains("backchannel_url"), "{fix}");
    // The log gives the same advice: whoever follows it meets no next error.
    let keycloak = builder(issuer.server_url()).build().expect("settings");
    let error = keycloak
        .provider_metadata()
        .await
        .expect_err("not our issuer");
    let logged = std::error::Error::source(&error).expect("a cause");
    assert!(logged.to_string().ends_with(fix), "{logged}");
    assert_eq!(issuer.jwks_requests(), 0);
}

#[tokio::test]
async fn an_issuer_with_another_scheme_or_path_has_its_own_fix() {
    let issuer = Issuer::start(&[&key()]).await;
    let mut document = issuer.discovery_document();
    document["issuer"] = json!(issuer.issuer().replace("http://", "https://"));
    issuer.discover(&document);
    let report = diagnose(builder(issuer.server_url())).await;
    assert_eq!(classics(&report), [Classic::IssuerScheme]);
    document["issuer"] = json!(issuer.issuer().replace("/realms/", "/auth/realms/"));
    issuer.discover(&document);
    let report = diagnose(builder(issuer.server_url())).await;
    assert_eq!(classics(&report), [Classic::IssuerPath]);
}

#[tokio::test]
async fn keys_that_fit_no_allowed_algorithm_are_an_error() {
    let issuer = Issuer::start(&[&key()]).await;
    let report = diagnose(builder(issuer.server_url()).algorithms([Algorithm::RS256])).await;
    assert_eq!(report.jwks_uri.status, DiagnosticStatus::Error);
    assert_eq!(report.keys.expect("keys").usable, 0);
    assert_eq!(classics(&report), [Classic::AlgorithmNotAllowed]);
    issuer.publish_text(r#"{"keys": []}"#);
    let report = diagnose(builder(issuer.server_url())).await;
    assert_eq!(report.jwks_uri.status, DiagnosticStatus::Error);
    assert_eq!(report.keys, None);
    assert_eq!(report.status, DiagnosticStatus::Error);
}

#[tokio::test]
async fn a_clock_that_is_behind_keycloaks_is_an_error_and_one_ahead_a_hint() {
    let issuer = Issuer::start(&[&key()]).await;
    let now = std::time::SystemTime::now();
    let minutes = Duration::from_secs(600);

    let behind = keycloak::ManualClock::new(now - minutes);
    let report = diagnose(builder(issuer.server_url()).clock(behind)).await;
    let skew = report.clock_skew_seconds.expect("skew");
    assert!((598..=602).contains(&skew), "{skew}");
    assert_eq!(classics(&report), [Classic::ClockSkew]);
    assert_eq!(report.status, DiagnosticStatus::Error);

    let ahead = keycloak::ManualClock::new(now + minutes);
    let report = diagnose(builder(issuer.server_url()).clock(ahead)).await;
    let skew = report.clock_skew_seconds.expect("skew");
    assert!((-602..=-598).contains(&skew), "{skew}");
    assert_eq!(classics(&report), [Classic::ClockSkew]);
    assert_eq!(report.status, DiagnosticStatus::Ok);

    let allowed = keycloak::ManualClock::new(now - Duration::from_secs(200));
    let builder = builder(issuer.server_url()).clock(allowed);
    let report = diagnose(builder.leeway(Duration::from_secs(300))).await;
    assert_eq!(classics(&report), []);
}

#[tokio::test]
async fn our_client_is_tried_where_it_is_used() {
    let grant = json!({"error": "invalid_grant"});
    let realm = realm((400, grant), (200, json!({"active": false}))).await;
    let report = diagnose(asking(&realm)).await;
    assert_eq!(report.introspection.status, DiagnosticStatus::Ok);
    assert_eq!(report.token.status, DiagnosticStatus::Ok);
    assert_eq!(report.end_session.status, DiagnosticStatus::Disabled);
    assert_eq!(report.status, DiagnosticStatus::Ok);
}

#[tokio::test]
async fn a_wrong_secret_is_told_and_never_shown() {
    let invalid = json!({"error": "invalid_client", "error_description": SECRET});
    let realm = realm((401, invalid.clone()), (401, invalid)).await;
    let report = diagnose(asking(&realm)).await;
    assert_eq!(report.status, DiagnosticStatus::Error);
    for endpoint in [&report.introspection, &report.token] {
        assert_eq!(endpoint.status, DiagnosticStatus::Error);
        assert!(
            endpoint
                .message
                .contains("does not accept the client `api`"),
            "{endpoint:?}"
        );
    }
    assert_eq!(classics(&report), [Classic::OwnClientRefused]);
    assert!(
        report.hints[0]
            .fix
            .contains("Clients > api must be enabled")
    );
    assert!(!format!("{report:?}").contains(SECRET));
    let body = to_bytes(report.into_response().into_body(), usize::MAX).await;
    let body = String::from_utf8(body.expect("body").to_vec()).expect("text");
    assert!(!body.contains(SECRET));
}

#[tokio::test]
async fn the_endpoints_are_asked_side_by_side() {
    // None of the three answers before all of them were asked.
    let all_asked = Arc::new(Barrier::new(3));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let issuer = format!("{base}/realms/{REALM}");
    let discovery = json!({
        "issuer": issuer,
        "token_endpoint": format!("{base}/token"),
        "introspection_endpoint": format!("{base}/introspect"),
        "jwks_uri": format!("{base}/certs"),
    });
    let keys = jwks(&[&key()]);
    let answer = |status: StatusCode, body: Value| {
        let all_asked = Arc::clone(&all_asked);
        move || async move {
            all_asked.wait().await;
            (status, Json(body))
        }
    };
    let inactive = json!({"active": false});
    let grant = json!({"error": "invalid_grant"});
    let app = Router::new()
        .route(
            &format!("/realms/{REALM}/.well-known/openid-configuration"),
            get(|| async { Json(discovery) }),
        )
        .route("/certs", get(answer(StatusCode::OK, keys)))
        .route("/introspect", post(answer(StatusCode::OK, inactive)))
        .route("/token", post(answer(StatusCode::BAD_REQUEST, grant)));
    let server = tokio::spawn(async move {
        axum::serve(listener, app).await.expect("the realm");
    });
    let builder = builder(&base)
        .client_secret(SECRET)
        .use_token_introspection()
        .enable_token_refresh();
    let report = diagnose(builder).await;
    assert_eq!(report.status, DiagnosticStatus::Ok, "{report:#?}");
    server.abort();
}

#[tokio::test]
async fn a_server_that_sends_http_to_https_has_its_fix() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let app = Router::new().fallback(|uri: Uri| async move {
        Redirect::permanent(&format!("https://sso.example{}", uri.path()))
    });
    let server = tokio::spawn(async move {
        axum::serve(listener, app).await.expect("the proxy");
    });
    let report = diagnose(builder(&base)).await;
    assert_eq!(report.oidc_discovery.status, DiagnosticStatus::Error);
    assert!(
        report.oidc_discovery.message.contains("redirect"),
        "{report:?}"
    );
    assert_eq!(classics(&report), [Classic::IssuerScheme]);
    server.abort();
}

#[tokio::test]
async fn what_is_configured_needs_no_discovery() {
    let issuer = Issuer::start(&[&key()]).await;
    let certs = format!("{}/protocol/openid-connect/certs", issuer.issuer());
    issuer.discover(&json!("not a discovery document"));
    let report = diagnose(builder(issuer.server_url()).jwks_uri(certs)).await;
    assert_eq!(report.oidc_discovery.status, DiagnosticStatus::Error);
    assert_eq!(report.jwks_uri.status, DiagnosticStatus::Ok);
    assert_eq!(report.status, DiagnosticStatus::Ok);
    let report = diagnose(builder(issuer.server_url())).await;
    assert_eq!(report.status, DiagnosticStatus::Error);
}

#[tokio::test]
async fn a_document_that_points_elsewhere_is_not_followed() {
    let elsewhere = Issuer::start(&[&key()]).await;
    let issuer = Issuer::start(&[&key()]).await;
    let mut document = issuer.discovery_document();
    let certs = format!("{}/protocol/openid-connect/certs", elsewhere.issuer());
    document["jwks_uri"] = json!(certs.replace(REALM, "other"));
    issuer.discover(&document);
    let report = diagnose(builder(issuer.server_url())).await;
    assert_eq!(report.oidc_discovery.status, DiagnosticStatus::Error);
    assert!(report.oidc_discovery.message.contains("jwks_uri"));
    assert_eq!(elsewhere.jwks_requests(), 0);
    assert_eq!(report.status, DiagnosticStatus::Error);
}

#[tokio::test]
async fn a_realm_that_hangs_is_reported_within_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let hanging = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    let report = diagnose(builder(&base)).await;
    assert_eq!(report.status, DiagnosticStatus::Error);
    assert!(
        report.oidc_discovery.message.contains("no answer within")
            || report.oidc_discovery.message.contains("no complete answer"),
        "{}",
        report.oidc_discovery.message
    );
    hanging.abort();
}

#[tokio::test]
async fn keys_that_hang_do_not_keep_the_rest_from_the_report() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let discovery = json!({
        "issuer": format!("{base}/realms/{REALM}"),
        "jwks_uri": format!("{base}/certs"),
        "end_session_endpoint": format!("{base}/logout"),
    });
    let app = Router::new()
        .route(
            &format!("/realms/{REALM}/.well-known/openid-configuration"),
            get(|| async { Json(discovery) }),
        )
        .route("/certs", get(std::future::pending::<()>))
        .route("/logout", get(|| async {}));
    let server = tokio::spawn(async move {
        axum::serve(listener, app).await.expect("the realm");
    });
    let report = diagnose(builder(&base)).await;
    assert_eq!(report.oidc_discovery.status, DiagnosticStatus::Ok);
    assert_eq!(report.end_session.status, DiagnosticStatus::Ok);
    assert_eq!(report.jwks_uri.status, DiagnosticStatus::Error);
    assert_eq!(report.status, DiagnosticStatus::Error);
    server.abort();
}

#[tokio::test]
async fn a_closed_client_asks_nobody() {
    let issuer = Issuer::start(&[&key()]).await;
    let keycloak = builder(issuer.server_url()).build().expect("settings");
    keycloak.close().await;
    let report = keycloak.run_diagnostics().await;
    assert_eq!(report.status, DiagnosticStatus::Error);
    assert_eq!(issuer.discovery_requests(), 0);
}

#[tokio::test]
async fn the_json_names_every_part() {
    let issuer = Issuer::start(&[&key()]).await;
    let report = diagnose(builder(issuer.server_url())).await;
    let body = to_bytes(report.into_response().into_body(), usize::MAX).await;
    let json: Value = serde_json::from_slice(&body.expect("body")).expect("JSON");
    assert_eq!(json["status"], "OK");
    assert_eq!(json["server_url"], issuer.server_url());
    assert_eq!(json["realm"], REALM);
    assert_eq!(json["ssl_verification_enabled"], true);
    assert_eq!(json["oidc_discovery"]["status"], "OK");
    assert_eq!(json["introspection"]["status"], "DISABLED");
    assert_eq!(json["keys"]["usable"], 1);
    assert_eq!(json["issuer"]["matches"], true);
}
