#[keycloak::protected(roles = vec!["a"])]
async fn h1() {}

#[keycloak::protected(roles = ("a", "b"))]
async fn h2() {}

#[keycloak::protected(roles = ['a'])]
async fn h3() {}

#[keycloak::protected(roles = any)]
async fn h4() {}

#[keycloak::protected(role: "a")]
async fn h5() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> = axum::Router::new()
        .route("/1", axum::routing::get(h1))
        .route("/2", axum::routing::get(h2))
        .route("/3", axum::routing::get(h3))
        .route("/4", axum::routing::get(h4))
        .route("/5", axum::routing::get(h5));
}
