struct User;

impl<S: Sync> axum::extract::FromRequestParts<S> for User {
    type Rejection = axum::http::StatusCode;

    async fn from_request_parts(_: &mut axum::http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self)
    }
}

#[keycloak::protected(require = user.subject() == "x")]
async fn handler(user: User) {
    drop(user);
}

fn main() {
    let _: axum::Router<keycloak::Keycloak> =
        axum::Router::new().route("/", axum::routing::get(handler));
}
