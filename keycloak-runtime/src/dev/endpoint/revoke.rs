//! Token revocation (RFC 7009): an access token alone, a refresh token with its session.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Realm, client_auth, cors, error::OAuthError, form::Form};
use crate::dev::issuer::Issuer;

pub(crate) async fn revoke(State(issuer): Realm, headers: HeaderMap, body: Bytes) -> Response {
    let mut response = match run(&issuer, &headers, &body) {
        Ok(true) => StatusCode::OK.into_response(),
        // A 200 in 26.7.3, in spite of its body.
        Ok(false) => {
            let body = json!({"error": "invalid_token", "error_description": "Invalid token"});
            Json(body).into_response()
        }
        Err(error) => error.into_response(),
    };
    cors::allow_any(headers.get(header::ORIGIN), response.headers_mut());
    response
}

fn run(issuer: &Issuer, headers: &HeaderMap, body: &[u8]) -> Result<bool, OAuthError> {
    let form = Form::posted(headers, body)?;
    let client = client_auth::client(issuer, headers, &form)?;
    let token = form
        .get("token")
        .ok_or_else(|| OAuthError::bad_request("invalid_request", "Token not provided"))?;
    let mut state = issuer.state();
    let refresh = state.keys.verify_refresh(token);
    let is_refresh = refresh.is_some();
    let Some(claims) = refresh.or_else(|| state.keys.verify(token)) else {
        return Ok(false);
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("azp") != Some(client.client_id.as_str()) {
        return Err(OAuthError::bad_request(
            "invalid_request",
            "Unmatching clients",
        ));
    }
    if is_refresh {
        let sid = text("sid").unwrap_or_default();
        let last = state.sessions.open.get_mut(sid).is_some_and(|session| {
            session.clients.remove(&client.client_id);
            session.clients.is_empty()
        });
        if last {
            state.sessions.open.remove(sid);
        }
    } else if let Some(jti) = text("jti") {
        state.sessions.revoked.insert(jti.to_owned(), ());
    }
    Ok(true)
}
