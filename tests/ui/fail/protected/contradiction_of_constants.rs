const ADMIN: &str = "admin";

#[keycloak::protected(roles = [ADMIN], roles = none[ADMIN])]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
