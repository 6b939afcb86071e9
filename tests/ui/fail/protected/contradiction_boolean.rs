#[keycloak::protected(claim("email_verified") = true, claim("email_verified") = false)]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
