#[keycloak::protected(any = [roles = ["a"], roles = ["b"]])]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
