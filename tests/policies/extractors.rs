//! `User` and `Option<User>` where no guard ran.

use axum::{Router, routing::get as route};
use keycloak::User;
use serde_json::json;

use support::world::{World, get};

async fn me(user: User) -> axum::Json<User> {
    axum::Json(user)
}

async fn maybe(user: Option<User>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.subject().to_owned())
}

fn router(world: &World) -> Router {
    Router::new()
        .route("/me", route(me))
        .route("/maybe", route(maybe))
        .with_state::<()>(world.keycloak.clone())
}

#[tokio::test]
async fn a_user_authenticates_itself() {
    let world = World::start().await;
    let router = router(&world);
    let token = world.token(json!({"preferred_username": "alice", "groups": ["/ops"]}));
    let answer = get(&router, "/me", Some(&token)).await;
    assert_eq!(answer.status, 200);
    let user = answer.json();
    assert_eq!(user["sub"], "alice");
    assert_eq!(user["username"], "alice");
    assert_eq!(user["groups"], json!(["/ops"]));
    let answer = get(&router, "/me", None).await;
    assert_eq!(
        (answer.status, answer.code()),
        (401, "missing_header".to_owned())
    );
    assert_eq!(answer.challenge.as_deref(), Some("Bearer realm=\"judged\""));
}

#[tokio::test]
async fn an_optional_user_is_none_without_credentials_only() {
    let world = World::start().await;
    let router = router(&world);
    assert_eq!(get(&router, "/maybe", None).await.text, "nobody");
    let good = world.token(json!({}));
    assert_eq!(get(&router, "/maybe", Some(&good)).await.text, "alice");
    for bad in ["x", "a.b.c", &world.token(json!({"aud": "other"}))] {
        assert_eq!(get(&router, "/maybe", Some(bad)).await.status, 401);
    }
}

#[tokio::test]
async fn a_keycloak_that_cannot_be_asked_is_503_and_not_nobody() {
    let mut world = World::start().await;
    let token = world.token(json!({}));
    let keycloak = keycloak::Keycloak::builder()
        .server_url("http://127.0.0.1:1")
        .realm("demo")
        .client_id("api")
        .algorithms([keycloak::Algorithm::ES256])
        .issuer(world.issuer.issuer())
        .build()
        .unwrap();
    world.keycloak = keycloak;
    let router = router(&world);
    for path in ["/me", "/maybe"] {
        let answer = get(&router, path, Some(&token)).await;
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.challenge, None);
    }
}
