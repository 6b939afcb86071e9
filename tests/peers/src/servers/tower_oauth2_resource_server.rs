//! tower-oauth2-resource-server: a layer that puts the claims into the request's extensions.

use std::str::FromStr;

use axum::{Extension, Router, body::Body, http::StatusCode, routing::get};
use jsonwebtoken::Algorithm;
use serde::de::DeserializeOwned;
use tower_oauth2_resource_server::{
    layer::OAuth2ResourceServerLayer, server::OAuth2ResourceServer, tenant::TenantConfiguration,
    validation::ClaimsValidationSpec,
};

use super::{
    App, Roles, Server, Settings,
    claims::{Claims, Subject},
};

pub(super) const SERVER: Server = Server {
    name: "tower-oauth2-resource-server",
    package: "tower-oauth2-resource-server",
    roles: Roles::Handler,
    settings: "JWKS URL, algorithm, issuer, audience, `exp`; keys read again every 60 s (its default); aws-lc-rs (default: rust_crypto); it has no setting for leeway, \
               and `nbf` can only be checked where every token has one",
    start: |settings| Box::pin(start(settings)),
};

async fn start(settings: Settings) -> Result<App, String> {
    let me: OAuth2ResourceServerLayer<Body, Subject> = layer(&settings).await?;
    let admins: OAuth2ResourceServerLayer<Body, Claims> = layer(&settings).await?;
    let me = Router::new()
        .route("/me", get(async || "ok"))
        .route_layer(me);
    let admins = Router::new()
        .route("/admin", get(admin))
        .route_layer(admins);
    Ok(App::Axum08(me.merge(admins)))
}

async fn layer<C>(settings: &Settings) -> Result<OAuth2ResourceServerLayer<Body, C>, String>
where
    C: DeserializeOwned + Clone + Send + Sync + 'static,
{
    let algorithm = Algorithm::from_str(&settings.algorithm).map_err(|error| error.to_string())?;
    let claims = ClaimsValidationSpec::new()
        .exp(true)
        .iss(&settings.issuer())
        .aud(&vec![settings.audience.clone()]);
    let tenant = TenantConfiguration::builder(settings.issuer())
        .jwks_url(settings.jwks_url())
        .audiences(&[&settings.audience])
        .claims_validation(claims)
        .allowed_algorithms(&[algorithm])
        .build()
        .await
        .map_err(|error| error.to_string())?;
    let server = OAuth2ResourceServer::<C>::builder()
        .add_tenant(tenant)
        .build()
        .await
        .map_err(|error| error.to_string())?;
    Ok(server.into_layer())
}

async fn admin(Extension(claims): Extension<Claims>) -> Result<&'static str, StatusCode> {
    if claims.is_admin() {
        Ok("ok")
    } else {
        Err(StatusCode::FORBIDDEN)
    }
}
