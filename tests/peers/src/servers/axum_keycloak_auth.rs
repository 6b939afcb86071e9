//! axum-keycloak-auth: a layer for Keycloak, with roles.

use std::sync::Arc;

use axum::{Router, routing::get};
use axum_keycloak_auth::{
    PassthroughMode, Url,
    instance::{KeycloakAuthInstance, KeycloakConfig},
    layer::KeycloakAuthLayer,
};
use serde::Deserialize;

use super::{App, ROLE, Roles, Server, Settings};

pub(super) const SERVER: Server = Server {
    name: "axum-keycloak-auth",
    package: "axum-keycloak-auth",
    roles: Roles::Library,
    settings: "server URL, realm, audience, required role, mode `Block`, no profile claims asked for; \
               it has no setting for issuer, algorithm and leeway",
    start: |settings| Box::pin(async move { start(&settings) }),
};

/// No claims beside those that the library reads itself.
#[derive(Clone, Debug, Deserialize)]
struct NoMore {}

fn start(settings: &Settings) -> Result<App, String> {
    let server = Url::parse(&settings.server_url).map_err(|error| error.to_string())?;
    let config = KeycloakConfig::builder()
        .server(server)
        .realm(settings.realm.clone())
        .build();
    let instance = Arc::new(KeycloakAuthInstance::new(config));
    let layer = |roles: Vec<String>| {
        KeycloakAuthLayer::<String, NoMore>::builder()
            .instance(Arc::clone(&instance))
            .passthrough_mode(PassthroughMode::Block)
            .expected_audiences(vec![settings.audience.clone()])
            .required_roles(roles)
            .build()
    };
    let me = Router::new()
        .route("/me", get(async || "ok"))
        .route_layer(layer(Vec::new()));
    let admin = Router::new()
        .route("/admin", get(async || "ok"))
        .route_layer(layer(vec![ROLE.to_owned()]));
    Ok(App::Axum08(me.merge(admin)))
}
