struct User(keycloak::User);

impl std::ops::Deref for User {
    type Target = keycloak::User;

    fn deref(&self) -> &keycloak::User {
        &self.0
    }
}

impl axum::extract::FromRequestParts<keycloak::Keycloak> for User {
    type Rejection = keycloak::Rejection;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        keycloak: &keycloak::Keycloak,
    ) -> Result<Self, Self::Rejection> {
        keycloak::User::from_request_parts(parts, keycloak).await.map(Self)
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
