//! One load for all: good, bad and hostile requests to the example's routes.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use http_body_util::BodyExt as _;
use keycloak::{
    Algorithm,
    dev::{Realm, RunningRealm},
};
use support::mint::{SigningKey, claims};
use tokio::sync::{Mutex, MutexGuard};
use tower::ServiceExt as _;

/// One load at a time: `tracing` remembers what a thread without subscriber is not interested in,
/// and would keep it from another thread's log.
pub async fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

/// The realm of the quickstart.
pub async fn realm() -> RunningRealm {
    let export = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../examples/quickstart-realm.json"
    );
    let realm = Realm::from_export(export).expect("the export");
    realm.start().await.expect("the realm")
}

/// A `GET` with these `Authorization` lines.
pub fn get(path: &str, authorization: &[&str]) -> Request<Body> {
    let mut request = Request::get(path);
    for line in authorization {
        request = request.header(header::AUTHORIZATION, *line);
    }
    request.body(Body::empty()).expect("a request")
}

/// A `POST /token/refresh`.
pub fn refresh(refresh_token: &str) -> Request<Body> {
    let body = serde_json::json!({ "refresh_token": refresh_token });
    Request::post("/token/refresh")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request")
}

/// Status and body of the answer.
pub async fn send(app: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = app.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body");
    let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    (status, body)
}

/// `Bearer`, and the token.
pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// A token of a key that the realm does not have; everything else about it is good.
pub fn foreign_token(realm: &RunningRealm, kid: &str) -> String {
    let key = SigningKey::generate(Algorithm::RS256, kid);
    key.token(&claims(realm.issuer_url(), "demo-api", "mallory"))
}
