#[keycloak::protected(roles = ["admin"], groups = ["ops"], roles = ["editor"])]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
