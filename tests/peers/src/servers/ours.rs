//! This repository's library.

use axum::{Router, extract::FromRef, routing::get};
use keycloak::Keycloak;

use super::{App, Roles, Server, Settings};

pub(super) const SERVER: Server = Server {
    name: "keycloak-runtime",
    package: "keycloak-runtime",
    roles: Roles::Library,
    settings: "server URL, realm, client id (the audience), algorithm; all else default",
    start: |settings| Box::pin(async move { start(&settings) }),
};

#[derive(Clone, FromRef)]
struct State {
    keycloak: Keycloak,
}

#[keycloak::protected]
async fn me() -> &'static str {
    "ok"
}

#[keycloak::protected(realm_roles = ["admin"])]
async fn admin() -> &'static str {
    "ok"
}

fn start(settings: &Settings) -> Result<App, String> {
    let algorithm = settings
        .algorithm
        .parse::<keycloak::Algorithm>()
        .map_err(|error| error.to_string())?;
    let keycloak = Keycloak::builder()
        .server_url(&settings.server_url)
        .realm(&settings.realm)
        .client_id(&settings.audience)
        .algorithms([algorithm])
        .build()
        .map_err(|error| error.to_string())?;
    let router = Router::new()
        .route("/me", get(me))
        .route("/admin", get(admin))
        .with_state(State { keycloak });
    Ok(App::Axum08(router))
}
