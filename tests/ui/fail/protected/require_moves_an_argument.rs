use axum::extract::Path;

fn is_mine(_user: &keycloak::User, _id: String) -> bool {
    true
}

#[keycloak::protected(require = is_mine(user, id))]
async fn handler(Path(id): Path<String>) -> String {
    id
}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
