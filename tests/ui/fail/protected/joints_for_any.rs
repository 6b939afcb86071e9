#[keycloak::protected(roles = ["a"] | groups = ["/ops"])]
async fn h1() {}

#[keycloak::protected(roles = ["a"] or groups = ["/ops"])]
async fn h2() {}

#[keycloak::protected(roles = "admin" | "ops")]
async fn h3() {}

#[keycloak::protected(roles = "admin" or "ops")]
async fn h4() {}

#[keycloak::protected(roles = ["admin" | "ops"])]
async fn h5() {}

#[keycloak::protected(policy = A || B)]
async fn h6() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> = axum::Router::new()
        .route("/1", axum::routing::get(h1))
        .route("/2", axum::routing::get(h2))
        .route("/3", axum::routing::get(h3))
        .route("/4", axum::routing::get(h4))
        .route("/5", axum::routing::get(h5))
        .route("/6", axum::routing::get(h6));
}
