#[keycloak::protected(roles = ["x"], realm_roles = none["x"], client_roles = none["x"])]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
