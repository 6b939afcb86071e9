#[keycloak::protected(role = ["x"], groups = ["/ops/"], roles = [], scopes = ["a b"], not(client_roles = ["a", "b"]), claim("x") = "y", realm_roles = ["q"], realm_roles = none["q"])]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
