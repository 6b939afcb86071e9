#[keycloak::protected(client_roles.api = ["x"])]
async fn h1() {}

#[keycloak::protected(claim.x = true)]
async fn h2() {}

#[keycloak::protected(claim["x"] = ["y"])]
async fn h3() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> = axum::Router::new()
        .route("/1", axum::routing::get(h1))
        .route("/2", axum::routing::get(h2))
        .route("/3", axum::routing::get(h3));
}
