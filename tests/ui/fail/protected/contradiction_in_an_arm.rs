#[keycloak::protected(any(groups = ["ops"], all(roles = ["admin"], not(roles = any["admin", "root"]))))]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
