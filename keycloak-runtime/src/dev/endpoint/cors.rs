//! Cross-origin rules (Fetch standard): browsers of a client's web origins may read its answers.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::dev::{export::model::ClientModel, origins};

/// Whether a page of `origin` may read answers for `client`; requests without origin are not a
/// browser's.
pub(crate) fn permits(origin: Option<&HeaderValue>, client: &ClientModel) -> bool {
    origin.is_none_or(|origin| {
        let allowed = origins::allowed(client);
        allowed
            .iter()
            .any(|allowed| allowed == "*" || allowed.as_bytes() == origin.as_bytes())
    })
}

/// Lets the page of `origin` read this answer.
pub(crate) fn allow_any(origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    let Some(origin) = origin else {
        return;
    };
    let yes = HeaderValue::from_static("true");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
}

/// As Keycloak: any origin may ask, the answer to the request itself is what is withheld.
pub(crate) fn preflight(request: &Request) -> Response {
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    allow_any(request.headers().get(header::ORIGIN), headers);
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Origin, Accept, X-Requested-With, Content-Type, Authorization, DPoP",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "3600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
