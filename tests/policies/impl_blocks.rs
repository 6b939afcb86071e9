//! No function of a guarded `impl` block is open, however it came there.

use axum::{Router, routing::get};

use support::world::{World, get as ask};

macro_rules! api {
    ($name:ident, $body:block) => {
        struct $name;

        #[keycloak::protected(roles = ["admin"])]
        impl $name {
            async fn page() -> &'static str $body
        }
    };
}

api!(FromMacro, { "a page" });

#[tokio::test]
async fn a_body_that_a_macro_passed_on_is_guarded() {
    let world = World::start().await;
    let router: Router = Router::new()
        .route("/page", get(FromMacro::page))
        .with_state::<()>(world.app());
    assert_eq!(ask(&router, "/page", None).await.status, 401);
    let user = world.role("user");
    assert_eq!(ask(&router, "/page", Some(&user)).await.status, 403);
    let admin = world.role("admin");
    assert_eq!(ask(&router, "/page", Some(&admin)).await.status, 200);
}
