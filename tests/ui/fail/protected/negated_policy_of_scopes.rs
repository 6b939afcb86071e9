const NAMED: keycloak::Policy = keycloak::policy!(any(scopes = ["reports"], roles = ["x"]));

#[keycloak::protected(not(policy = NAMED))]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
