//! The authorization endpoint (RFC 6749 section 4.1, RFC 7636) and its login page.
//!
//! Unlike Keycloak, a browser that is signed in sees the page again, so that a developer can
//! become another user; with `prompt=none` it is answered from the session as usual.

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};

use super::{Realm, browser, error::OAuthError, form::Form, login, page, token};
use crate::dev::{
    export::model::ClientModel,
    ids,
    issuer::Issuer,
    origins,
    session::{Challenge, PendingLogin},
};

pub(crate) async fn authorize(
    State(issuer): Realm,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = if method == Method::POST {
        Form::posted(&headers, &body)
    } else {
        Form::query(query.as_deref())
    };
    let form = match form {
        Ok(form) => form,
        Err(error) => return fatal(&issuer, &error),
    };
    // Until client and address are known to belong together, nothing may be redirected there.
    let (client, redirect_uri) = match party(&issuer, &form) {
        Ok(party) => party,
        Err(message) => return page::error(&issuer, StatusCode::BAD_REQUEST, message),
    };
    let request = match request(&issuer, client, redirect_uri, &form) {
        Ok(request) => request,
        Err((fragment, error)) => {
            let state = form.get("state");
            return refuse(&issuer, redirect_uri, fragment, state, &error);
        }
    };
    let current = browser::session(&issuer, &headers);
    if form.get("prompt") == Some("none") {
        return login::silently(&issuer, &request, current.as_deref());
    }
    let signed_in = current.and_then(|sid| {
        let state = issuer.state();
        let session = state.sessions.open.get(&sid);
        session.map(|session| session.username.clone())
    });
    let id = ids::session_id();
    issuer.state().sessions.logins.insert(id.clone(), request);
    let hint = form.get("login_hint").map(str::to_owned).or(signed_in);
    page::login(&issuer, client, &id, hint.as_deref(), None)
}

/// The client and its address.
fn party<'i, 'f>(
    issuer: &'i Issuer,
    form: &'f Form,
) -> Result<(&'i ClientModel, &'f str), &'static str> {
    let client_id = form
        .get("client_id")
        .ok_or("Missing parameter: client_id")?;
    let client = issuer.model.client(client_id);
    let client = client
        .filter(|client| client.openid && !client.bearer_only)
        .ok_or("Client not found.")?;
    if !client.enabled {
        return Err("Client disabled.");
    }
    let uri = form.get("redirect_uri");
    let uri = uri.filter(|uri| origins::redirect_is_registered(uri, &client.redirect_uris));
    Ok((client, uri.ok_or("Invalid parameter: redirect_uri")?))
}

/// What is asked for; with an error, whether its answer goes into the fragment.
fn request(
    issuer: &Issuer,
    client: &ClientModel,
    redirect_uri: &str,
    form: &Form,
) -> Result<PendingLogin, (bool, OAuthError)> {
    let bad = OAuthError::bad_request;
    let response_type = form.get("response_type");
    let implicit = response_type.is_some_and(|kinds| {
        kinds
            .split(' ')
            .any(|kind| kind == "token" || kind == "id_token")
    });
    let fragment = match form.get("response_mode") {
        None => implicit,
        Some("query") => false,
        Some("fragment") => true,
        Some(_) => {
            let text = "Invalid parameter: response_mode";
            return Err((implicit, bad("invalid_request", text)));
        }
    };
    let refuse = |error| Err((fragment, error));
    match response_type {
        Some("code") => {}
        None => {
            let text = "Missing parameter: response_type";
            return refuse(bad("invalid_request", text));
        }
        Some(_) if implicit => {
            let text = "Client is not allowed to initiate browser login with given \
                        response_type. Implicit flow is disabled for the client.";
            return refuse(bad("unauthorized_client", text));
        }
        Some(_) => {
            let mut error = bad("unsupported_response_type", "");
            error.description = None;
            return refuse(error);
        }
    }
    if !client.standard_flow {
        let text = "Client is not allowed to initiate browser login with given response_type. \
                    Standard flow is disabled for the client.";
        return refuse(bad("unauthorized_client", text));
    }
    let challenge = match challenge(client, form) {
        Ok(challenge) => challenge,
        Err(text) => return refuse(bad("invalid_request", text)),
    };
    if let Err(error) = token::scopes_for(issuer, client, form.get("scope")) {
        return refuse(error);
    }
    let own = |name: &str| form.get(name).map(str::to_owned);
    Ok(PendingLogin {
        client_id: client.client_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        fragment,
        state: own("state"),
        nonce: own("nonce"),
        scope: own("scope"),
        challenge,
        expires: issuer
            .now()
            .saturating_add(issuer.model.settings.login_lifespan),
    })
}

/// PKCE: the method that the client's settings ask for, or any.
fn challenge(client: &ClientModel, form: &Form) -> Result<Option<Challenge>, &'static str> {
    let required = client
        .attribute("pkce.code.challenge.method")
        .filter(|method| !method.is_empty());
    let method = form.get("code_challenge_method");
    let Some(challenge) = form.get("code_challenge") else {
        return match (required, method) {
            (Some(_), None) => Err("Missing parameter: code_challenge_method"),
            (Some(_), Some(_)) => Err("Missing parameter: code_challenge"),
            (None, _) => Ok(None),
        };
    };
    let method = match (required, method) {
        (Some(_), None) => return Err("Missing parameter: code_challenge_method"),
        (Some(required), Some(method)) if required != method => {
            return Err(
                "Invalid parameter: code challenge method is not matching the configured one",
            );
        }
        (_, method) => method.unwrap_or("plain"),
    };
    // RFC 7636 section 4.2.
    let fits = (43..=128).contains(&challenge.len())
        && challenge
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    if !fits {
        return Err("Invalid parameter: code_challenge");
    }
    match method {
        "S256" => Ok(Some(Challenge::S256(challenge.to_owned()))),
        "plain" => Ok(Some(Challenge::Plain(challenge.to_owned()))),
        _ => Err("Invalid parameter: invalid code_challenge_method"),
    }
}

/// Back to the client with an error (RFC 6749 section 4.1.2.1).
pub(super) fn refuse(
    issuer: &Issuer,
    redirect_uri: &str,
    fragment: bool,
    state: Option<&str>,
    error: &OAuthError,
) -> Response {
    let description = error.description.as_deref();
    let parameters = [
        Some(("error", error.error)),
        description.map(|text| ("error_description", text)),
        state.map(|state| ("state", state)),
        Some(("iss", issuer.url.as_str())),
    ];
    browser::redirect(redirect_uri, fragment, parameters.into_iter().flatten())
}

pub(super) fn fatal(issuer: &Issuer, error: &OAuthError) -> Response {
    let text = error.description.as_deref().unwrap_or(error.error);
    page::error(issuer, error.status, text).into_response()
}
