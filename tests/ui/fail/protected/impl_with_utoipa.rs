struct Api;

#[keycloak::protected(roles = ["admin"])]
impl Api {
    #[utoipa::path(get, path = "/")]
    async fn handler() {}
}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(Api::handler));
}
