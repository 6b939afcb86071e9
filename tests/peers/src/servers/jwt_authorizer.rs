//! jwt-authorizer: a layer with a check over the claims, on axum 0.7.

use std::{str::FromStr, time::Duration};

use axum07::{Router, routing::get};
use jsonwebtoken09::Algorithm;
use jwt_authorizer::{Authorizer, IntoLayer, JwtAuthorizer, Refresh, RefreshStrategy, Validation};

use serde::de::DeserializeOwned;

use super::{
    App, LEEWAY, Roles, Server, Settings,
    claims::{Claims, Subject},
};

pub(super) const SERVER: Server = Server {
    name: "jwt-authorizer",
    package: "jwt-authorizer",
    roles: Roles::Closure,
    settings: "JWKS URL, issuer, audience, algorithm, leeway 10 s, `nbf` checked; keys read again for an \
               unknown `kid`, every 10 s at most (default: 600 s); axum 0.7",
    start: |settings| Box::pin(start(settings)),
};

async fn start(settings: Settings) -> Result<App, String> {
    let me = authorizer(&settings)?.build().await;
    let me: Authorizer<Subject> = me.map_err(|error| error.to_string())?;
    let admin = authorizer(&settings)?.check(Claims::is_admin).build().await;
    let admin = admin.map_err(|error| error.to_string())?;
    let me = Router::new()
        .route("/me", get(|| async { "ok" }))
        .route_layer(me.into_layer());
    let admin = Router::new()
        .route("/admin", get(|| async { "ok" }))
        .route_layer(admin.into_layer());
    Ok(App::Axum07(me.merge(admin)))
}

fn authorizer<C: DeserializeOwned + Clone + Send + Sync>(
    settings: &Settings,
) -> Result<JwtAuthorizer<C>, String> {
    let algorithm = Algorithm::from_str(&settings.algorithm).map_err(|error| error.to_string())?;
    let validation = Validation::new()
        .iss(&[settings.issuer()])
        .aud(&[&settings.audience])
        .algs(vec![algorithm])
        .nbf(true)
        .leeway(LEEWAY);
    let refresh = Refresh {
        strategy: RefreshStrategy::KeyNotFound,
        refresh_interval: Duration::from_secs(10),
        retry_interval: Duration::from_secs(10),
    };
    Ok(JwtAuthorizer::from_jwks_url(&settings.jwks_url())
        .validation(validation)
        .refresh(refresh))
}
