//! The HTTP side: Keycloak's paths, one module per endpoint.

mod authorize;
mod browser;
mod client_auth;
mod code;
mod cors;
mod discovery;
mod error;
mod form;
mod introspect;
mod login;
mod logout;
mod page;
mod refresh;
mod revoke;
mod status_iframe;
mod token;
mod userinfo;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use percent_encoding::percent_decode_str;
use serde_json::json;

use tower_service::Service as _;

use super::{
    issuer::{HOSTS, Issuer},
    request_counts::Endpoint,
};

pub(crate) type Realm = State<Arc<Issuer>>;

/// No form of these endpoints is longer.
const MAX_BODY: usize = 128 * 1024;

/// The realm under each of its names.
pub(crate) fn router(issuer: &Issuer) -> Router {
    let named = HOSTS.map(|host| (host, under_one_name(Arc::new(issuer.called(host)))));
    Router::new().fallback(async move |request: Request| {
        let called = host(&request);
        let realm = named.iter().find(|(name, _)| Some(*name) == called);
        if let Some((_, realm)) = realm {
            return realm.clone().call(request).await.into_response();
        }
        let body = json!({ "error": "the embedded realm answers on loopback names only" });
        (StatusCode::FORBIDDEN, Json(body)).into_response()
    })
}

fn under_one_name(issuer: Arc<Issuer>) -> Router {
    let realm = Router::new()
        .route("/", get(discovery::realm))
        .route(
            "/.well-known/openid-configuration",
            get(discovery::metadata),
        )
        .route("/protocol/openid-connect/certs", get(discovery::certs))
        .route("/protocol/openid-connect/token", post(token::token))
        .route(
            "/protocol/openid-connect/token/introspect",
            post(introspect::introspect),
        )
        .route(
            "/protocol/openid-connect/userinfo",
            get(userinfo::userinfo).post(userinfo::userinfo),
        )
        .route("/protocol/openid-connect/revoke", post(revoke::revoke))
        .route(
            "/protocol/openid-connect/logout",
            get(logout::logout).post(logout::logout),
        )
        .route(
            "/protocol/openid-connect/auth",
            get(authorize::authorize).post(authorize::authorize),
        )
        .route("/login-actions/authenticate", post(login::authenticate))
        .route(
            "/protocol/openid-connect/login-status-iframe.html",
            get(status_iframe::page),
        )
        .route(
            "/protocol/openid-connect/login-status-iframe.html/init",
            get(status_iframe::status),
        )
        .route(
            "/protocol/openid-connect/3p-cookies/step1.html",
            get(status_iframe::set_cookie),
        )
        .route(
            "/protocol/openid-connect/3p-cookies/step2.html",
            get(status_iframe::see_cookie),
        )
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed);
    Router::new()
        .nest("/realms/{realm}", realm)
        .fallback(not_found)
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(&issuer), guard))
        .with_state(issuer)
}

/// What holds for every request: our realm, a count, Keycloak's security headers.
async fn guard(State(issuer): Realm, request: Request, next: Next) -> Response {
    let mut response = match refuse(&issuer, &request) {
        Some(refusal) => refusal,
        None if request.method() == axum::http::Method::OPTIONS => cors::preflight(&request),
        None => {
            let origin = request.headers().get(header::ORIGIN).cloned();
            let endpoint =
                below_realm(request.uri().path()).and_then(|(_, rest)| Endpoint::of(rest));
            if let Some(endpoint) = endpoint {
                issuer.request_counts.count(endpoint);
            }
            let mut response = next.run(request).await;
            if matches!(endpoint, Some(Endpoint::Discovery | Endpoint::Jwks)) {
                cors::allow_any(origin.as_ref(), response.headers_mut());
            }
            response
        }
    };
    let framed = response
        .extensions()
        .get::<status_iframe::Framed>()
        .is_some();
    let headers = response.headers_mut();
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "SAMEORIGIN"),
        ("x-robots-tag", "none"),
    ] {
        if framed && name == "x-frame-options" {
            continue;
        }
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The name that the realm is called by, where it is one of ours; its own one for a request that
/// does not say (HTTP/1.0).
fn host(request: &Request) -> Option<&'static str> {
    let Some(host) = request.headers().get(header::HOST) else {
        return HOSTS.first().copied();
    };
    let host = host.to_str().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    HOSTS
        .into_iter()
        .find(|ours| ours.eq_ignore_ascii_case(name))
}

fn refuse(issuer: &Issuer, request: &Request) -> Option<Response> {
    let (realm, _) = below_realm(request.uri().path())?;
    let ours = issuer.url.rsplit('/').next().unwrap_or_default();
    let decoded = percent_decode_str(realm).decode_utf8_lossy();
    (realm != ours && decoded != issuer.model.name).then(|| {
        let body = json!({ "error": "Realm does not exist" });
        (StatusCode::NOT_FOUND, Json(body)).into_response()
    })
}

/// The realm and the rest of a path `/realms/{realm}/rest`.
fn below_realm(path: &str) -> Option<(&str, &str)> {
    let below = path.strip_prefix("/realms/")?;
    Some(below.split_once('/').unwrap_or((below, "")))
}

async fn not_found() -> Response {
    let body = json!({ "error": "HTTP 404 Not Found" });
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

async fn method_not_allowed() -> Response {
    let body = json!({ "error": "HTTP 405 Method Not Allowed" });
    (StatusCode::METHOD_NOT_ALLOWED, Json(body)).into_response()
}
