const ANYONE: keycloak::Policy = keycloak::policy!(optional);

#[keycloak::protected(policy = ANYONE)]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
