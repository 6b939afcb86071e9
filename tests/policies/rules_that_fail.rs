//! Rules of the application that refuse in their own way, or fail.

use std::io;

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, request::Parts},
};
use keycloak::{Deny, User, routing};
use serde_json::{Value, json};
use support::world::World;

/// A database that may be down.
fn load(id: &str) -> Result<Option<String>, io::Error> {
    match id {
        "down" => Err(io::Error::other(
            "the pool is empty: secret-of-the-database",
        )),
        "missing" => Ok(None),
        id => Ok(Some(id.to_owned())),
    }
}

async fn is_owner(user: &User, id: &str) -> Result<bool, Deny> {
    let owner = load(id)?.ok_or(Deny::not_found())?;
    if owner == "limited" {
        return Err(Deny::code("limit_exceeded"));
    }
    Ok(owner == user.subject())
}

#[keycloak::protected(require = is_owner(user, &id).await)]
async fn owned(Path(id): Path<String>) -> String {
    id
}

/// `?` inside of the expression.
#[keycloak::protected(require = load(&id)?.is_some_and(|owner| owner == user.subject()))]
async fn asked(Path(id): Path<String>) -> String {
    id
}

#[keycloak::protected(any(roles = ["admin"], require = is_owner(user, &id).await))]
async fn admin_or_owner(Path(id): Path<String>) -> String {
    id
}

#[keycloak::protected(not(require = is_owner(user, &id).await))]
async fn not_owner(Path(id): Path<String>) -> String {
    id
}

async fn reachable(_: &User, parts: &Parts) -> Result<bool, io::Error> {
    load(parts.uri.path().rsplit('/').next().unwrap_or_default()).map(|owner| owner.is_some())
}

fn always(_: &User) -> Result<bool, Deny> {
    Err(Deny::forbidden())
}

#[keycloak::protected(check = reachable)]
async fn checked() {}

#[keycloak::protected(any(check = always, check = reachable))]
async fn one_check_will_do() {}

fn router(world: &World) -> Router {
    Router::new()
        .route("/owned/{id}", routing::get(owned))
        .route("/asked/{id}", routing::get(asked))
        .route("/admin-or-owner/{id}", routing::get(admin_or_owner))
        .route("/not-owner/{id}", routing::get(not_owner))
        .route("/checked/{id}", routing::get(checked))
        .route("/one/{id}", routing::get(one_check_will_do))
        .with_state::<()>(world.app())
}

/// Status and code.
async fn ask(router: &Router, path: &str, token: &str) -> (u16, Value) {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    let request = axum::http::Request::get(path)
        .header("authorization", format!("Bearer {token}"))
        .body(axum::body::Body::empty())
        .unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let retries = answer.headers().contains_key("retry-after");
    assert_eq!(retries, status == StatusCode::SERVICE_UNAVAILABLE, "{path}");
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&body).into_owned();
    assert!(!text.contains("secret-of-the-database"), "{text}");
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    (status.as_u16(), body["error"]["code"].clone())
}

#[tokio::test]
async fn a_rule_refuses_in_its_own_way() {
    let world = World::start().await;
    let router = router(&world);
    let alice = world.token(json!({"sub": "alice"}));
    let admin = world.role("admin");
    for (path, token, expected) in [
        ("/owned/alice", &alice, (200, Value::Null)),
        ("/owned/bob", &alice, (403, json!("forbidden"))),
        ("/owned/missing", &alice, (404, json!("not_found"))),
        ("/owned/limited", &alice, (403, json!("limit_exceeded"))),
        ("/owned/down", &alice, (503, json!("rule_unavailable"))),
        ("/asked/alice", &alice, (200, Value::Null)),
        ("/asked/bob", &alice, (403, json!("forbidden"))),
        ("/asked/down", &alice, (503, json!("rule_unavailable"))),
        // Who needs no rule does not meet its failure.
        ("/admin-or-owner/down", &admin, (200, Value::Null)),
        (
            "/admin-or-owner/down",
            &alice,
            (503, json!("rule_unavailable")),
        ),
        ("/admin-or-owner/missing", &alice, (404, json!("not_found"))),
        // A failure is not a "no", which a negation would turn into a "yes".
        ("/not-owner/bob", &alice, (200, Value::Null)),
        ("/not-owner/alice", &alice, (403, json!("forbidden"))),
        ("/not-owner/down", &alice, (503, json!("rule_unavailable"))),
        ("/not-owner/limited", &alice, (403, json!("limit_exceeded"))),
        ("/checked/alice", &alice, (200, Value::Null)),
        ("/checked/missing", &alice, (403, json!("forbidden"))),
        ("/checked/down", &alice, (503, json!("rule_unavailable"))),
        ("/one/alice", &alice, (200, Value::Null)),
        // The first failure says how.
        ("/one/down", &alice, (403, json!("forbidden"))),
    ] {
        assert_eq!(ask(&router, path, token).await, expected, "{path}");
    }
    assert_eq!(ask(&router, "/owned/missing", "no-token").await.0, 401);
}
