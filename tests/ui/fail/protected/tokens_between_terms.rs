#[keycloak::protected(roles = ["a"] - groups = ["/ops"])]
async fn h1() {}

#[keycloak::protected(roles = ["a"] ["b"])]
async fn h2() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> = axum::Router::new()
        .route("/1", axum::routing::get(h1))
        .route("/2", axum::routing::get(h2));
}
