const fn admins() -> keycloak::Policy {
    keycloak::policy!(roles = ["admin"])
}

#[keycloak::protected(policy = admins())]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
