//! The token endpoint (RFC 6749 section 3.2): password, client credentials, refresh, code.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    Realm, client_auth, cors,
    error::{OAuthError, not_stored},
    form::Form,
};
use crate::dev::{
    export::model::{ClientModel, UserModel},
    issuer::{Grant, Issued, Issuer, Order},
    mapper::SignIn,
    password,
    scopes::GrantedScopes,
};

pub(crate) async fn token(State(issuer): Realm, headers: HeaderMap, body: Bytes) -> Response {
    let form = match Form::posted(&headers, &body) {
        Ok(form) => form,
        Err(error) => return error.into_response(),
    };
    let Some(grant) = form.get("grant_type") else {
        let error = "Missing form parameter: grant_type";
        return OAuthError::bad_request("invalid_request", error).into_response();
    };
    let origin = headers.get(header::ORIGIN);
    let client = match client_auth::client(&issuer, &headers, &form) {
        Ok(client) => client,
        Err(error) => {
            let mut response = error.into_response();
            cors::allow_any(origin, response.headers_mut());
            return response;
        }
    };
    if !cors::permits(origin, client) {
        let body = json!({ "error": "Invalid origin" });
        return not_stored((StatusCode::FORBIDDEN, Json(body)).into_response());
    }
    let result = match grant {
        _ if client.bearer_only => Err(OAuthError::unauthorized(
            "unauthorized_client",
            "Bearer-only clients are not allowed to obtain tokens",
        )),
        "password" => password_grant(&issuer, client, &form),
        "client_credentials" => client_credentials(&issuer, client, &form),
        "authorization_code" => super::code::exchange(&issuer, client, &form),
        "refresh_token" => super::refresh::refresh(&issuer, client, &form),
        _ => Err(OAuthError::bad_request(
            "unsupported_grant_type",
            "Unsupported grant_type",
        )),
    };
    let mut response = match result {
        Ok(tokens) => not_stored(Json(answer(&tokens)).into_response()),
        Err(error) => error.into_response(),
    };
    cors::allow_any(origin, response.headers_mut());
    response
}

fn answer(issued: &Issued) -> Value {
    let mut body = json!({
        "access_token": issued.access_token,
        "expires_in": issued.expires_in,
        "refresh_expires_in": issued.refresh_expires_in,
        "token_type": "Bearer",
        "not-before-policy": 0,
        "scope": issued.scope,
    });
    if let Some(body) = body.as_object_mut() {
        let optional = [
            ("refresh_token", &issued.refresh_token),
            ("id_token", &issued.id_token),
            ("session_state", &issued.sid),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                body.insert(name.to_owned(), value.as_str().into());
            }
        }
    }
    body
}

pub(crate) fn scopes_for(
    issuer: &Issuer,
    client: &ClientModel,
    requested: Option<&str>,
) -> Result<GrantedScopes, OAuthError> {
    GrantedScopes::for_client(&issuer.model, client, requested).map_err(|_| {
        let requested = requested.unwrap_or_default();
        OAuthError::bad_request("invalid_scope", format!("Invalid scopes: {requested}"))
    })
}

/// Scopes once the user is known.
pub(crate) fn permitted(
    issuer: &Issuer,
    scopes: GrantedScopes,
    user: &UserModel,
) -> Result<GrantedScopes, OAuthError> {
    if scopes.has("offline_access") && !GrantedScopes::offline_allowed(&issuer.model, user) {
        return Err(OAuthError::bad_request(
            "not_allowed",
            "Offline tokens not allowed for the user or client",
        ));
    }
    Ok(scopes.permit(&issuer.model, user))
}

/// RFC 6749 section 4.3.
fn password_grant(
    issuer: &Issuer,
    client: &ClientModel,
    form: &Form,
) -> Result<Issued, OAuthError> {
    if !client.direct_access {
        return Err(OAuthError::bad_request(
            "unauthorized_client",
            "Client not allowed for direct access grants",
        ));
    }
    let scopes = scopes_for(issuer, client, form.get("scope"))?;
    let username = form.get("username").ok_or_else(|| {
        OAuthError::unauthorized("invalid_request", "Missing parameter: username")
    })?;
    let given = form.get("password").unwrap_or_default();
    let user = check_password(issuer, username, given)?;
    let scopes = permitted(issuer, scopes, user)?;
    let sign_in = SignIn {
        acr: "1",
        ..SignIn::default()
    };
    Ok(issuer.sign_in(Order {
        client,
        user,
        scopes,
        sign_in,
        grant: Grant::Password,
        lifespan: None,
        issued_ago: 0,
    })?)
}

/// The user of that name and password, ready to sign in.
pub(crate) fn check_password<'i>(
    issuer: &'i Issuer,
    username: &str,
    given: &str,
) -> Result<&'i UserModel, SignInRefused> {
    let invalid = SignInRefused::Credentials;
    let user = issuer.model.login(username).ok_or(invalid)?;
    if user.service_account_of.is_some() {
        return Err(invalid);
    }
    if !user.enabled {
        return Err(SignInRefused::Disabled);
    }
    if !password::matches(user, given) {
        return Err(invalid);
    }
    if !issuer.model.is_set_up(user) {
        return Err(SignInRefused::NotSetUp);
    }
    Ok(user)
}

/// Why name and password do not sign a user in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInRefused {
    Credentials,
    Disabled,
    NotSetUp,
}

impl From<SignInRefused> for OAuthError {
    fn from(refused: SignInRefused) -> Self {
        // Keycloak's own words.
        let description = match refused {
            SignInRefused::Credentials => "Invalid user credentials",
            SignInRefused::Disabled => "Account disabled",
            SignInRefused::NotSetUp => "Account is not fully set up",
        };
        Self::bad_request("invalid_grant", description)
    }
}

/// RFC 6749 section 4.4.
fn client_credentials(
    issuer: &Issuer,
    client: &ClientModel,
    form: &Form,
) -> Result<Issued, OAuthError> {
    let refused = |text: &'static str| Err(OAuthError::unauthorized("unauthorized_client", text));
    if client.public {
        return refused("Public client not allowed to retrieve service account");
    }
    if !client.service_account {
        return refused("Client not enabled to retrieve service account");
    }
    let scopes = scopes_for(issuer, client, form.get("scope"))?;
    let user = issuer.model.service_account(&client.client_id);
    let Some(user) = user.filter(|user| user.enabled) else {
        return Err(OAuthError::bad_request("invalid_request", "User disabled"));
    };
    let scopes = permitted(issuer, scopes, user)?;
    let sign_in = SignIn {
        acr: "1",
        client_credentials: true,
        ..SignIn::default()
    };
    Ok(issuer.sign_in(Order {
        client,
        user,
        scopes,
        sign_in,
        grant: Grant::ClientCredentials,
        lifespan: None,
        issued_ago: 0,
    })?)
}
