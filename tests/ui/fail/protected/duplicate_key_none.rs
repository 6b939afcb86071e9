#[keycloak::protected(client_roles("api") = none["a"], client_roles("api") = none["b"])]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
