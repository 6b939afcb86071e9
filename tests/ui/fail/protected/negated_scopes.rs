#[keycloak::protected(roles = ["a"], not(any(groups = ["b"], scopes = ["limited"])), scopes = none["trial"])]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
