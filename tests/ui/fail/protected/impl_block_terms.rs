struct Api;

#[keycloak::protected(role = ["admin"])]
impl Api {
    async fn handler() {}
}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(Api::handler));
}
