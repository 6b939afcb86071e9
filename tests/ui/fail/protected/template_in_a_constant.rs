const BAD: &str = "/wards/{ward";

#[keycloak::protected(groups = [BAD])]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
