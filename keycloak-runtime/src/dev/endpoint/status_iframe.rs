//! What Keycloak's browser adapter (keycloak-js) puts into invisible frames: whether the browser is
//! still signed in, and whether a frame may use cookies at all.
//!
//! The session cookie stays unreadable for scripts: the frame asks the realm, which compares.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{Realm, browser, form::Form};
use crate::dev::{ids, issuer::Issuer, origins};

/// Marks an answer that pages of other origins show in a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Framed;

/// Answers the page around it: `"client session"` is asked, `unchanged`, `changed` or `error` said,
/// and only to an origin of that client.
const STATUS: &str = r#"
addEventListener("message", async (event) => {
  if (event.source !== parent || typeof event.data !== "string") return;
  const space = event.data.indexOf(" ");
  if (space < 0) return;
  const query = new URLSearchParams({
    client_id: event.data.slice(0, space),
    session_state: event.data.slice(space + 1),
    origin: event.origin,
  });
  let said = "error";
  try {
    const answer = await fetch("login-status-iframe.html/init?" + query);
    if (answer.status === 204) said = "unchanged";
    if (answer.status === 200) said = "changed";
  } catch { /* the realm is not there: an error */ }
  event.source.postMessage(said, event.origin);
});
"#;

pub(super) async fn page() -> Response {
    framed(STATUS)
}

/// `204`: still the session of `session_state`; `200`: another one, or none; `403`: not an origin
/// of the client. Without `session_state` it only tells whether the origin is one, as Keycloak's.
pub(super) async fn status(
    State(issuer): Realm,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = Form::query(query.as_deref()).unwrap_or_default();
    if !is_origin_of_client(&issuer, &query) {
        return not_stored(StatusCode::FORBIDDEN.into_response());
    }
    let current = browser::session(&issuer, &headers);
    let unchanged = query
        .get("session_state")
        .is_none_or(|known| known == current.as_deref().unwrap_or_default());
    let status = if unchanged {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::OK
    };
    not_stored(status.into_response())
}

fn is_origin_of_client(issuer: &Issuer, query: &Form) -> bool {
    let client = query
        .get("client_id")
        .and_then(|client_id| issuer.model.client(client_id));
    let (Some(client), Some(origin)) = (client, query.get("origin")) else {
        return false;
    };
    let allowed = origins::allowed(client);
    client.enabled && allowed.iter().any(|one| one == "*" || one == origin)
}

const PROBE: &str = "KEYCLOAK_DEV_3P_COOKIE";

/// Sets a cookie as the session's is set, and goes on to where it should come back.
pub(super) async fn set_cookie() -> Response {
    let cookie = format!("{PROBE}=1; Max-Age=60; HttpOnly; SameSite=Lax");
    let headers = [
        (header::LOCATION, "step2.html"),
        (header::SET_COOKIE, cookie.as_str()),
    ];
    not_stored((StatusCode::FOUND, headers).into_response())
}

/// Tells the page around it whether the cookie came back.
pub(super) async fn see_cookie(headers: HeaderMap) -> Response {
    let came = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .any(|pair| pair.trim().starts_with(PROBE));
    framed(if came {
        r#"parent.postMessage("supported", "*");"#
    } else {
        r#"parent.postMessage("unsupported", "*");"#
    })
}

/// A page of one script, for a frame of any origin: it holds nothing worth reading.
fn framed(script: &str) -> Response {
    let nonce = ids::session_id();
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>-</title>\
         <script nonce=\"{nonce}\">{script}</script></head><body></body></html>"
    );
    let mut response = Html(html).into_response();
    response.extensions_mut().insert(Framed);
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; connect-src 'self'; base-uri 'none'"
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    not_stored(response)
}

fn not_stored(mut response: Response) -> Response {
    let store = HeaderValue::from_static("no-store, must-revalidate, max-age=0");
    response.headers_mut().insert(header::CACHE_CONTROL, store);
    response
}
