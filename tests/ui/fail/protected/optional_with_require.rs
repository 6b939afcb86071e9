#[keycloak::protected(optional, require = user.subject() == id)]
async fn handler(axum::extract::Path(id): axum::extract::Path<String>) {
    drop(id);
}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
