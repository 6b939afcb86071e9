#[keycloak::protected(groups = any["/wards/{ward}", "/beds/{bed}"], roles = ["{clinic}-nurse"])]
#[utoipa::path(get, path = "/wards/{id}/{bed}", params(("clinic" = String, Path)))]
async fn handler() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
