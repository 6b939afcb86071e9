use axum::Json;

#[derive(serde::Deserialize)]
struct Page {
    owner: String,
    #[allow(dead_code)]
    text: String,
}

#[keycloak::protected(require = user.subject() == owner)]
async fn handler(Json(Page { owner, .. }): Json<Page>) -> String {
    owner
}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::post(handler));
}
