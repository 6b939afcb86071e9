//! What one writes oneself: a middleware on jsonwebtoken, its keys fetched and parsed once.

use std::{collections::HashMap, str::FromStr, sync::Arc};

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{StatusCode, header::AUTHORIZATION},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::get,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde::de::DeserializeOwned;

use super::{
    App, LEEWAY, Roles, Server, Settings,
    claims::{Claims, Subject},
};

pub(super) const SERVER: Server = Server {
    name: "hand-written",
    package: "jsonwebtoken",
    roles: Roles::Handler,
    settings: "algorithm, issuer, audience, leeway 10 s, `exp` `iss` `aud` `sub` required, `nbf` checked; \
               aws-lc-rs; keys fetched once at start",
    start: |settings| Box::pin(start(settings)),
};

struct Verifier {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

async fn start(settings: Settings) -> Result<App, String> {
    let verifier = Arc::new(Verifier::new(&settings).await?);
    let me = from_fn_with_state(Arc::clone(&verifier), authenticate::<Subject>);
    let admins = from_fn_with_state(verifier, authenticate::<Claims>);
    let router = Router::new()
        .route("/me", get(async || "ok").route_layer(me))
        .route("/admin", get(admin).route_layer(admins));
    Ok(App::Axum08(router))
}

impl Verifier {
    async fn new(settings: &Settings) -> Result<Self, String> {
        let answer = reqwest::get(settings.jwks_url()).await;
        let set: JwkSet = match answer {
            Ok(answer) => answer.json().await.map_err(|error| error.to_string())?,
            Err(error) => return Err(error.to_string()),
        };
        let keys = set.keys.iter().filter_map(|key| {
            let kid = key.common.key_id.clone()?;
            Some((kid, DecodingKey::from_jwk(key).ok()?))
        });
        let algorithm =
            Algorithm::from_str(&settings.algorithm).map_err(|error| error.to_string())?;
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_issuer(&[settings.issuer()]);
        validation.set_audience(&[&settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Ok(Self {
            keys: keys.collect(),
            validation,
        })
    }

    fn verify<C: DeserializeOwned + Clone>(&self, request: &Request) -> Option<C> {
        let line = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
        let token = line.strip_prefix("Bearer ")?;
        let key = self.keys.get(&decode_header(token).ok()?.kid?)?;
        let verified = decode::<C>(token, key, &self.validation).ok()?;
        Some(verified.claims)
    }
}

async fn authenticate<C: DeserializeOwned + Clone + Send + Sync + 'static>(
    State(verifier): State<Arc<Verifier>>,
    mut request: Request,
    next: Next,
) -> Result<Response, StatusCode> {
    let claims: C = verifier.verify(&request).ok_or(StatusCode::UNAUTHORIZED)?;
    request.extensions_mut().insert(claims);
    Ok(next.run(request).await)
}

async fn admin(Extension(claims): Extension<Claims>) -> Result<&'static str, StatusCode> {
    if claims.is_admin() {
        Ok("ok")
    } else {
        Err(StatusCode::FORBIDDEN)
    }
}
