#[keycloak::protected(not(all(roles = ["admin"], roles = none["admin"])))]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
