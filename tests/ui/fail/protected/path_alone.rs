#[allow(dead_code)]
const ADMINS: keycloak::Policy = keycloak::policy!(roles = ["admin"]);

#[allow(dead_code)]
mod checks {
    pub(super) fn on_call(_: &keycloak::User) -> bool {
        true
    }
}

#[keycloak::protected(ADMINS)]
async fn h1() {}

#[keycloak::protected(self::ADMINS)]
async fn h2() {}

#[keycloak::protected(checks::on_call)]
async fn h3() {}

#[keycloak::protected(admin)]
async fn h4() {}

fn main() {
    let _: axum::Router<keycloak::Keycloak> = axum::Router::new()
        .route("/1", axum::routing::get(h1))
        .route("/2", axum::routing::get(h2))
        .route("/3", axum::routing::get(h3))
        .route("/4", axum::routing::get(h4));
}
