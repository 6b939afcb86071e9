//! Token introspection (RFC 7662) as Keycloak 26.7.3 answers it: only to clients in the token's
//! audience, never about refresh tokens.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{Realm, client_auth, error::OAuthError, form::Form};
use crate::dev::{
    export::model::ClientModel,
    issuer::Issuer,
    mapper::{Place, texts},
};

pub(crate) async fn introspect(State(issuer): Realm, headers: HeaderMap, body: Bytes) -> Response {
    match answer(&issuer, &headers, &body) {
        Ok(body) => ([(header::CACHE_CONTROL, "no-cache")], Json(body)).into_response(),
        Err(error) => error.into_response(),
    }
}

fn answer(issuer: &Issuer, headers: &HeaderMap, body: &[u8]) -> Result<Value, OAuthError> {
    let form = Form::posted(headers, body)?;
    let client = client_auth::client(issuer, headers, &form).map_err(|error| {
        // This endpoint words a wrong secret differently than the token endpoint.
        if error.error == "unauthorized_client" {
            OAuthError::unauthorized("invalid_client", "Client authentication failed.")
        } else {
            error
        }
    })?;
    if client.public {
        let text = "Client not allowed.";
        return Err(OAuthError::new(
            StatusCode::FORBIDDEN,
            "invalid_request",
            text,
        ));
    }
    let token = form
        .get("token")
        .ok_or_else(|| OAuthError::bad_request("invalid_request", "Token not provided."))?;
    let active = active(issuer, client, token);
    Ok(active.map_or_else(|| json!({ "active": false }), Value::Object))
}

fn active(issuer: &Issuer, client: &ClientModel, token: &str) -> Option<Map<String, Value>> {
    let mut claims = issuer.active_claims(token).ok()?;
    if !texts(claims.get("aud")?).contains(&client.client_id) {
        return None;
    }
    let order = issuer.order_of(&claims)?;
    if !order.user.enabled {
        return None;
    }
    // Lightweight tokens get here what they do not carry themselves.
    let audience = texts(claims.get("aud").unwrap_or(&Value::Null));
    claims = issuer.map(&order, Place::Introspection, claims, audience);
    let typ = claims.get("typ").cloned().unwrap_or_default();
    claims.insert(
        "client_id".to_owned(),
        order.client.client_id.as_str().into(),
    );
    claims.insert("username".to_owned(), order.user.username.as_str().into());
    claims.insert("token_type".to_owned(), typ);
    claims.insert("active".to_owned(), true.into());
    Some(claims)
}
