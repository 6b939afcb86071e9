#[keycloak::protected(roles = ["admin"])]
async extern "C" fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
