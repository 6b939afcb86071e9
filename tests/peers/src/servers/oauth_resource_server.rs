//! oauth-resource-server: a layer with an extractor for the verified token.

use std::sync::Arc;

use axum::{Router, http::StatusCode, routing::get};
use oauth_resource_server::{
    AuthorizedToken, KeyNaming, OAuthConfig, OAuthValidator, axum::AuthLayer, static_token_policy,
};

use super::{App, LEEWAY, ROLE, Roles, Server, Settings};

pub(super) const SERVER: Server = Server {
    name: "oauth-resource-server",
    package: "oauth-resource-server",
    roles: Roles::Handler,
    settings: "issuer (keys by discovery), audience, algorithm, leeway 10 s, the claim `typ` must be `Bearer`, \
               `iat` within a day",
    start: |settings| Box::pin(async move { start(&settings) }),
};

fn start(settings: &Settings) -> Result<App, String> {
    let resolved = OAuthConfig {
        enabled: true,
        issuer: settings.issuer(),
        audience: settings.audience.clone(),
        resource: "http://127.0.0.1/".to_owned(),
        algorithms: vec![settings.algorithm.clone()],
        leeway_secs: LEEWAY,
        // Keycloak's way to tell access tokens from others, instead of a scope.
        required_claims: [("typ".to_owned(), "Bearer".into())].into_iter().collect(),
        allow_unscoped_tokens: true,
        max_token_age_secs: Some(24 * 3600),
        ..OAuthConfig::default()
    }
    .resolve(KeyNaming::Dotted("oauth"))
    .map_err(|error| error.to_string())?
    .ok_or("it is enabled")?;
    let validator = OAuthValidator::new(&resolved).map_err(|error| error.to_string())?;
    let validator = Arc::new(validator);
    validator.spawn_background_refresh();
    let decision =
        static_token_policy(None, Some(&resolved), false).map_err(|error| error.to_string())?;
    let layer =
        AuthLayer::from_decision(decision, Some(validator)).map_err(|error| error.to_string())?;
    let router = Router::new()
        .route("/me", get(async || "ok"))
        .route("/admin", get(admin))
        .route_layer(layer);
    Ok(App::Axum08(router))
}

async fn admin(token: AuthorizedToken) -> Result<&'static str, StatusCode> {
    if token.has_claim_value_at(&["realm_access", "roles"], ROLE) {
        Ok("ok")
    } else {
        Err(StatusCode::FORBIDDEN)
    }
}
