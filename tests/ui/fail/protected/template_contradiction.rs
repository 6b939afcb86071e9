#[keycloak::protected(groups = ["/p/{x}"], not(groups = ["/p/{x}"]))]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
