//! Discovery (OpenID Connect Discovery section 4), the key set, the realm's own page.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::Realm;
use crate::jose::algorithm::Algorithm;

pub(crate) async fn metadata(State(issuer): Realm) -> Response {
    let realm = &issuer.url;
    let protocol = format!("{realm}/protocol/openid-connect");
    let algorithms = Algorithm::ALL.map(Algorithm::name);
    let client_authentication = ["client_secret_basic", "client_secret_post"];
    let mut scopes: Vec<&str> = vec!["openid"];
    scopes.extend(issuer.model.scopes.keys().map(String::as_str));
    let body = json!({
        "issuer": realm,
        "authorization_endpoint": format!("{protocol}/auth"),
        "token_endpoint": format!("{protocol}/token"),
        "introspection_endpoint": format!("{protocol}/token/introspect"),
        "userinfo_endpoint": format!("{protocol}/userinfo"),
        "end_session_endpoint": format!("{protocol}/logout"),
        "jwks_uri": format!("{protocol}/certs"),
        "revocation_endpoint": format!("{protocol}/revoke"),
        "grant_types_supported":
            ["authorization_code", "client_credentials", "password", "refresh_token"],
        "acr_values_supported": ["0", "1"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment"],
        "subject_types_supported": ["public"],
        "prompt_values_supported": ["none", "login"],
        "id_token_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": client_authentication,
        "introspection_endpoint_auth_methods_supported": client_authentication,
        "revocation_endpoint_auth_methods_supported": client_authentication,
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "name", "given_name", "family_name",
            "preferred_username", "email", "acr", "azp", "nonce"
        ],
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": false,
        "scopes_supported": scopes,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "code_challenge_methods_supported": ["plain", "S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    let cache = "no-cache, must-revalidate, no-transform, no-store";
    ([(header::CACHE_CONTROL, cache)], Json(body)).into_response()
}

pub(crate) async fn certs(State(issuer): Realm) -> Response {
    let keys = issuer.state().keys.jwk_set();
    ([(header::CACHE_CONTROL, "no-cache")], Json(keys)).into_response()
}

pub(crate) async fn realm(State(issuer): Realm) -> Response {
    let realm = &issuer.url;
    Json(json!({
        "realm": issuer.model.name,
        "token-service": format!("{realm}/protocol/openid-connect"),
        "account-service": format!("{realm}/account"),
        "tokens-not-before": 0,
    }))
    .into_response()
}
