const ADMIN: u32 = 1;

#[keycloak::protected(roles = [ADMIN])]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
