//! axum-jwt-auth: an extractor that verifies, over a decoder that fetches the keys.

use std::{str::FromStr, sync::Arc, time::Duration};

use axum::{Router, http::StatusCode, routing::get};
use axum_jwt_auth::{Claims as Verified, Decoder, RemoteJwksDecoder, RemoteJwksDecoderConfig};
use jsonwebtoken10::{Algorithm, Validation, crypto::aws_lc};

use super::{
    App, LEEWAY, Roles, Server, Settings,
    claims::{Claims, Subject},
};

pub(super) const SERVER: Server = Server {
    name: "axum-jwt-auth",
    package: "axum-jwt-auth",
    roles: Roles::Handler,
    settings: "JWKS URL, algorithm, issuer, audience, leeway 10 s, `exp` `iss` `aud` `sub` required, \
               `nbf` checked; keys read again every 60 s (default: 1 h); aws-lc-rs, installed by \
               the application (default: rust_crypto)",
    start: |settings| Box::pin(start(settings)),
};

#[derive(Clone, axum::extract::FromRef)]
struct State {
    me: Decoder<Subject>,
    admin: Decoder<Claims>,
}

async fn start(settings: Settings) -> Result<App, String> {
    // The faster of two; a process has one, so it is there already where this ran before.
    let _ = aws_lc::DEFAULT_PROVIDER.install_default();
    let algorithm = Algorithm::from_str(&settings.algorithm).map_err(|error| error.to_string())?;
    let mut validation = Validation::new(algorithm);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_issuer(&[settings.issuer()]);
    validation.set_audience(&[&settings.audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let config = RemoteJwksDecoderConfig::builder()
        .cache_duration(Duration::from_mins(1))
        .build();
    let decoder = RemoteJwksDecoder::builder()
        .jwks_url(settings.jwks_url())
        .config(config)
        .validation(validation)
        .build()
        .map_err(|error| error.to_string())?;
    // The refresh goes on until the token that is returned here is cancelled: never.
    decoder
        .initialize()
        .await
        .map_err(|error| error.to_string())?;
    let decoder = Arc::new(decoder);
    let state = State {
        me: Arc::clone(&decoder) as Decoder<Subject>,
        admin: decoder,
    };
    let router = Router::new()
        .route("/me", get(me))
        .route("/admin", get(admin))
        .with_state(state);
    Ok(App::Axum08(router))
}

async fn me(_: Verified<Subject>) -> &'static str {
    "ok"
}

async fn admin(verified: Verified<Claims>) -> Result<&'static str, StatusCode> {
    if verified.claims.is_admin() {
        Ok("ok")
    } else {
        Err(StatusCode::FORBIDDEN)
    }
}
