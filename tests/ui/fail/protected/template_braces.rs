#[keycloak::protected(roles = any["{", "a}", "{}", "{*rest}", "{a b}", "{{x}"])]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
