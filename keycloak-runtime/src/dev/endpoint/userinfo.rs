//! Userinfo (OpenID Connect Core section 5.3).

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use super::{Realm, cors, form::Form};
use crate::dev::{
    issuer::{Inactive, Issuer},
    mapper::Place,
};

/// Status, `error` and `error_description` of a challenge (RFC 6750 section 3).
type Refusal = (StatusCode, &'static str, &'static str);

const UNVERIFIED: Refusal = (
    StatusCode::UNAUTHORIZED,
    "invalid_token",
    "Token verification failed",
);
const NO_SESSION: Refusal = (
    StatusCode::UNAUTHORIZED,
    "invalid_token",
    "user_session_not_found",
);
const NO_OPENID: Refusal = (
    StatusCode::FORBIDDEN,
    "insufficient_scope",
    "Missing openid scope",
);

pub(crate) async fn userinfo(State(issuer): Realm, headers: HeaderMap, body: Bytes) -> Response {
    let realm = issuer.model.name.replace(['"', '\\'], "");
    let challenge = |value: String| {
        let mut response = StatusCode::UNAUTHORIZED.into_response();
        if let Ok(value) = HeaderValue::try_from(value) {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, value);
        }
        response
    };
    let origin = headers.get(header::ORIGIN);
    let mut response = match bearer(&headers, &body) {
        None => challenge(format!("Bearer realm=\"{realm}\"")),
        Some(token) => match claims(&issuer, &token) {
            Ok(claims) => Json(claims).into_response(),
            Err((status, error, description)) => {
                let mut response = challenge(format!(
                    "Bearer realm=\"{realm}\", error=\"{error}\", \
                     error_description=\"{description}\""
                ));
                *response.status_mut() = status;
                response
            }
        },
    };
    let no_cache = HeaderValue::from_static("no-cache");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_cache);
    cors::allow_any(origin, response.headers_mut());
    response
}

/// From the header, or the form of RFC 6750 section 2.2.
fn bearer(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        return scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned());
    }
    let form = Form::posted(headers, body).ok()?;
    form.get("access_token").map(str::to_owned)
}

fn claims(issuer: &Issuer, token: &str) -> Result<Map<String, Value>, Refusal> {
    let claims = issuer
        .active_claims(token)
        .map_err(|inactive| match inactive {
            Inactive::Token => UNVERIFIED,
            Inactive::Session => NO_SESSION,
        })?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("typ") != "Bearer" {
        return Err(UNVERIFIED);
    }
    if !text("scope").split(' ').any(|scope| scope == "openid") {
        return Err(NO_OPENID);
    }
    let order = issuer.order_of(&claims).ok_or(NO_SESSION)?;
    let sub = Map::from_iter([("sub".to_owned(), order.user.id.as_str().into())]);
    Ok(issuer.map(&order, Place::UserInfo, sub, Vec::new()))
}
