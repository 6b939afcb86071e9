const API: &str = "api";

#[keycloak::protected(client_roles(API) = ["reader"])]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
