#[keycloak::protected(require = user.subject() == "x")]
async fn handler(axum::extract::Path(user): axum::extract::Path<String>) {
    drop(user);
}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
