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
use serde_json::json;

use super::{hits::Endpoint, issuer::Issuer};

pub(crate) type Realm = State<Arc<Issuer>>;

/// No form of these endpoints is longer.
const MAX_BODY: usize = 128 * 1024;

pub(crate) fn router(issuer: Arc<Issuer>) -> Router {
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
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed);
    Router::new()
        .nest("/realms/{realm}", realm)
        .fallback(not_found)
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(&issuer), guard))
        .with_state(issuer)
}

/// What holds for every request: our host, our realm, a count, Keycloak's security headers.
async fn guard(State(issuer): Realm, request: Request, next: Next) -> Response {
    let mut response = match refuse(&issuer, &request) {
        Some(refusal) => refusal,
        None if request.method() == axum::http::Method::OPTIONS => cors::preflight(&request),
        None => {
            let origin = request.headers().get(header::ORIGIN).cloned();
            let endpoint =
                below_realm(request.uri().path()).and_then(|(_, rest)| Endpoint::of(rest));
            if let Some(endpoint) = endpoint {
                issuer.hits.count(endpoint);
            }
            let mut response = next.run(request).await;
            if matches!(endpoint, Some(Endpoint::Discovery | Endpoint::Jwks)) {
                cors::allow_any(origin.as_ref(), response.headers_mut());
            }
            response
        }
    };
    let headers = response.headers_mut();
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "SAMEORIGIN"),
        ("x-robots-tag", "none"),
    ] {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

fn refuse(issuer: &Issuer, request: &Request) -> Option<Response> {
    // A page elsewhere that makes its name resolve to this machine must not reach the realm.
    let host = request
        .headers()
        .get(header::HOST)?
        .to_str()
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    if !matches!(name, "127.0.0.1" | "localhost" | "[::1]") {
        let body = json!({ "error": "the embedded realm answers on loopback names only" });
        return Some((StatusCode::FORBIDDEN, Json(body)).into_response());
    }
    let (realm, _) = below_realm(request.uri().path())?;
    let ours = issuer.url.rsplit('/').next().unwrap_or_default();
    let decoded = percent_decoded(realm);
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

fn percent_decoded(text: &str) -> String {
    // `x=` makes it a form pair; a plus sign stands for itself in a path.
    let pair = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

async fn not_found() -> Response {
    let body = json!({ "error": "HTTP 404 Not Found" });
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

async fn method_not_allowed() -> Response {
    let body = json!({ "error": "HTTP 405 Method Not Allowed" });
    (StatusCode::METHOD_NOT_ALLOWED, Json(body)).into_response()
}
