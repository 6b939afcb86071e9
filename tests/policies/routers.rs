//! `Keycloak::guard`: policies for what has no handler to annotate.

use axum::{Router, routing::get as route};
use keycloak::{Policy, User, policy};
use serde_json::json;

use support::world::{World, get};

const ADMINS: Policy = policy!(roles = ["admin"]);

async fn asks_nothing(user: Option<User>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.subject().to_owned())
}

fn router(world: &World) -> Router {
    let guarded = Router::new()
        .route("/closure", route(|| async { "from a closure" }))
        .route("/who", route(asks_nothing))
        .route_layer(world.keycloak.guard(ADMINS));
    let service = Router::new().fallback(|| async { "a file" }).layer(
        world
            .keycloak
            .guard(policy!(policy = ADMINS, scopes = ["files"])),
    );
    Router::new()
        .nest("/guarded", guarded)
        .nest("/files", service)
        .route("/open", route(|| async { "open" }))
        .with_state::<()>(world.keycloak.clone())
}

#[tokio::test]
async fn a_guarded_router_asks_for_its_policy() {
    let world = World::start().await;
    let router = router(&world);
    let (admin, user) = (world.role("admin"), world.role("user"));
    for path in ["/guarded/closure", "/guarded/who"] {
        assert_eq!(get(&router, path, None).await.status, 401, "{path}");
        assert_eq!(get(&router, path, Some(&user)).await.status, 403, "{path}");
        assert_eq!(get(&router, path, Some(&admin)).await.status, 200, "{path}");
    }
    assert_eq!(
        get(&router, "/guarded/who", Some(&admin)).await.text,
        "alice"
    );
    assert_eq!(get(&router, "/open", None).await.status, 200);
    // `route_layer` leaves unknown paths alone.
    assert_eq!(get(&router, "/guarded/unknown", None).await.status, 404);
}

#[tokio::test]
async fn named_policies_and_services_are_guarded_alike() {
    let world = World::start().await;
    let router = router(&world);
    let admin = world.role("admin");
    let answer = get(&router, "/files/any/path", Some(&admin)).await;
    assert_eq!(answer.status, 403);
    assert!(answer.challenge.unwrap().contains("scope=\"files\""));
    let both = world.token(json!({"realm_access": {"roles": ["admin"]}, "scope": "files"}));
    assert_eq!(
        get(&router, "/files/any/path", Some(&both)).await.text,
        "a file"
    );
    assert_eq!(get(&router, "/files/x", None).await.status, 401);
}

#[tokio::test]
async fn guards_of_routers_are_in_the_manifest() {
    let world = World::start().await;
    let _ = router(&world);
    let _ = router(&world);
    let manifest = keycloak::policies();
    let here = |text: &str| {
        let routers = manifest.entries().iter().filter(|entry| {
            entry.kind() == keycloak::manifest::Kind::Router
                && entry.file().ends_with("routers.rs")
                && entry
                    .policy()
                    .is_some_and(|policy| format!("{policy:#}") == text)
        });
        routers.count()
    };
    assert_eq!(here("roles = [\"admin\"]"), 1);
    assert_eq!(
        here("policy = ADMINS (roles = [\"admin\"]), scopes = [\"files\"]"),
        1
    );
}
