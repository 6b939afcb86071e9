//! Metrics: the thirteen `fc_kc_*` metrics through the `metrics` facade, scraped by Prometheus.
//!
//! `cargo run --example metrics` starts the embedded realm and a small service, prints `curl`
//! lines for good and bad requests, and shows the numbers at `/metrics`. Runs offline; `ADDR`
//! chooses the address (default `127.0.0.1:8001`).

use std::{env, error::Error};

use axum::{
    Json, Router,
    extract::{FromRef, State},
    routing::{get, post},
};
use keycloak::{AuthError, Keycloak, TokenResponse, User, dev::Realm, telemetry::MetricsFacade};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use serde::Deserialize;

/// Upper bounds of the latency buckets, in milliseconds: from the token cache to the timeouts.
const LATENCY_MS: [f64; 12] = [
    0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1_000.0, 5_000.0,
];

#[derive(Clone, FromRef)]
struct App {
    keycloak: Keycloak,
    prometheus: PrometheusHandle,
}

/// Makes Prometheus the recorder of this process. The collector that is given to the builder
/// describes its metrics to the recorder, so this comes first.
pub fn install_prometheus() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets(&LATENCY_MS)?
        .install_recorder()
}

/// The collector for `KeycloakBuilder::metrics_collector`.
pub fn collector() -> MetricsFacade {
    MetricsFacade::new()
}

/// The service. Its own routes need tokens; `/metrics` is for the scraper.
pub fn router(keycloak: Keycloak, prometheus: PrometheusHandle) -> Router {
    Router::new()
        .route("/users/me", get(me))
        .route("/admin", get(admin))
        .route("/token/refresh", post(refresh))
        .route("/metrics", get(metrics))
        .with_state(App {
            keycloak,
            prometheus,
        })
}

#[keycloak::protected]
async fn me(user: User) -> Json<User> {
    Json(user)
}

#[keycloak::protected(roles = ["admin"])]
async fn admin() -> &'static str {
    "welcome, admin"
}

#[derive(Deserialize)]
struct RefreshRequest {
    refresh_token: String,
}

#[keycloak::public]
async fn refresh(
    State(keycloak): State<Keycloak>,
    Json(request): Json<RefreshRequest>,
) -> Result<TokenResponse, AuthError> {
    keycloak.refresh_token(&request.refresh_token).await
}

/// In production this is better served on a port of its own, which only the scraper reaches.
#[keycloak::public]
async fn metrics(State(prometheus): State<PrometheusHandle>) -> String {
    prometheus.run_upkeep();
    prometheus.render()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt::init();
    let prometheus = install_prometheus()?;

    let export = concat!(env!("CARGO_MANIFEST_DIR"), "/quickstart-realm.json");
    let realm = Realm::from_export(export)?.start().await?;
    let keycloak = realm
        .keycloak("demo-api")
        .enable_token_refresh()
        .metrics_collector(collector())
        .build()?;

    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:8001".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    let base = format!("http://{}", listener.local_addr()?);
    let alice = realm.token("alice").await?;
    let bob = realm.token("bob").await?;
    println!("good:    curl -H 'Authorization: Bearer {alice}' {base}/admin");
    println!("403:     curl -H 'Authorization: Bearer {bob}' {base}/admin");
    println!("401:     curl {base}/admin");
    println!("numbers: curl {base}/metrics");

    let served = axum::serve(listener, router(keycloak.clone(), prometheus))
        .with_graceful_shutdown(async {
            // Without a signal handler Ctrl-C ends the process, which is the point of it anyway.
            let _ = tokio::signal::ctrl_c().await;
        });
    served.await?;
    keycloak.close().await;
    Ok(())
}
