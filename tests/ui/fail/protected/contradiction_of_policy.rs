const ADMINS: keycloak::Policy = keycloak::policy!(roles = ["admin"]);

#[keycloak::protected(policy = ADMINS, not(policy = ADMINS))]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
