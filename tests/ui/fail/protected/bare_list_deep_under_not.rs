#[keycloak::protected(groups = ["ops"], not(any(roles = ["suspended", "banned"], groups = ["x"])))]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
