#[keycloak::protected(service_account = true, any(service_account = false, not(service_account = true)))]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
