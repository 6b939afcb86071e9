//! The authorization endpoint (RFC 6749 section 4.1, RFC 7636) and the login page behind it.
//!
//! Unlike Keycloak, a browser that is signed in sees the page again, so that a developer can
//! become somebody else; with `prompt=none` it is answered from the session as usual.

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};

use super::{Realm, browser, error::OAuthError, form::Form, page, token};
use crate::dev::{
    export::model::{ClientModel, UserModel},
    ids,
    issuer::Issuer,
    mapper::SignIn,
    origins,
    session::{Challenge, ClientSession, Code, PendingLogin, Session},
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
        return silently(&issuer, &request, current.as_deref());
    }
    let signed_in = current.and_then(|sid| {
        let state = issuer.state();
        let session = state.sessions.sessions.get(&sid);
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

/// The login page's form.
pub(crate) async fn authenticate(
    State(issuer): Realm,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query = Form::query(query.as_deref()).unwrap_or_default();
    let form = match Form::posted(&headers, &body) {
        Ok(form) => form,
        Err(error) => return fatal(&issuer, &error),
    };
    let id = query.get("session_code").unwrap_or_default();
    let now = issuer.now();
    let pending = issuer.state().sessions.logins.get(id).cloned();
    let Some(pending) = pending.filter(|pending| pending.expires > now) else {
        let text = "This sign-in is no longer valid. Go back to the application and start again.";
        return page::error(&issuer, StatusCode::BAD_REQUEST, text);
    };
    let Some(client) = issuer.model.client(&pending.client_id) else {
        return page::error(&issuer, StatusCode::BAD_REQUEST, "Client not found.");
    };
    let user = match who(&issuer, &form) {
        Ok(user) => user,
        Err(message) => {
            let name = form.get("username");
            return page::login(&issuer, client, id, name, Some(message));
        }
    };
    issuer.state().sessions.logins.remove(id);
    let sid = issuer.state().sessions.start(Session {
        username: user.username.clone(),
        started: now,
        last_refresh: now,
        auth_time: Some(now),
        offline: false,
        clients: std::collections::HashMap::new(),
    });
    let response = grant_code(&issuer, client, user, &pending, &sid, "1");
    browser::remember(&issuer, &sid, response)
}

/// One of the personas by its button, or anyone with name and password.
fn who<'i>(issuer: &'i Issuer, form: &Form) -> Result<&'i UserModel, &'static str> {
    if let Some(persona) = form.get("persona") {
        let user = issuer.model.user(persona);
        return user
            .filter(|user| {
                user.enabled && user.service_account_of.is_none() && issuer.model.is_set_up(user)
            })
            .ok_or("This persona cannot sign in.");
    }
    let username = form.get("username").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    token::check_password(issuer, username, password).map_err(|error| {
        match error.description.as_deref() {
            Some("Account disabled") => "Account is disabled, contact your administrator.",
            Some("Account is not fully set up") => {
                "This account is not fully set up: e-mail, first or last name is missing, or an \
                 action is required."
            }
            _ => "Invalid username or password.",
        }
    })
}

/// `prompt=none` (OpenID Connect Core section 3.1.2.1).
fn silently(issuer: &Issuer, request: &PendingLogin, sid: Option<&str>) -> Response {
    let state = request.state.as_deref();
    let session = sid.and_then(|sid| issuer.state().sessions.sessions.get(sid).cloned());
    let user = session.and_then(|session| issuer.model.user(&session.username));
    let client = issuer.model.client(&request.client_id);
    let (Some(sid), Some(user), Some(client)) = (sid, user, client) else {
        let mut error = OAuthError::bad_request("login_required", "");
        error.description = None;
        return refuse(
            issuer,
            &request.redirect_uri,
            request.fragment,
            state,
            &error,
        );
    };
    grant_code(issuer, client, user, request, sid, "0")
}

/// Back to the client with a code.
fn grant_code(
    issuer: &Issuer,
    client: &ClientModel,
    user: &UserModel,
    request: &PendingLogin,
    sid: &str,
    acr: &'static str,
) -> Response {
    let scopes = token::scopes_for(issuer, client, request.scope.as_deref())
        .and_then(|scopes| token::permitted(issuer, scopes, user));
    let scopes = match scopes {
        Ok(scopes) => scopes,
        Err(error) => {
            let state = request.state.as_deref();
            return refuse(
                issuer,
                &request.redirect_uri,
                request.fragment,
                state,
                &error,
            );
        }
    };
    let code = format!("{}.{sid}.{}", ids::random_uuid(), ids::random_uuid());
    let now = issuer.now();
    let mut state = issuer.state();
    let auth_time = state.sessions.sessions.get_mut(sid).and_then(|session| {
        session.offline |= scopes.has("offline_access");
        let held = ClientSession::new(scopes.clone(), acr);
        session.clients.insert(client.client_id.clone(), held);
        session.auth_time
    });
    state.sessions.codes.insert(
        code.clone(),
        Code {
            client_id: client.client_id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            sid: sid.to_owned(),
            scopes,
            sign_in: SignIn {
                sid: Some(sid.to_owned()),
                auth_time,
                acr,
                nonce: request.nonce.clone(),
                client_credentials: false,
            },
            username: user.username.clone(),
            expires: now.saturating_add(issuer.model.settings.code_lifespan),
        },
    );
    drop(state);
    let parameters = [
        request.state.as_deref().map(|state| ("state", state)),
        Some(("session_state", sid)),
        Some(("iss", issuer.issuer_url.as_str())),
        Some(("code", code.as_str())),
    ];
    browser::redirect(
        &request.redirect_uri,
        request.fragment,
        parameters.into_iter().flatten(),
    )
}

/// Back to the client with an error (RFC 6749 section 4.1.2.1).
fn refuse(
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
        Some(("iss", issuer.issuer_url.as_str())),
    ];
    browser::redirect(redirect_uri, fragment, parameters.into_iter().flatten())
}

fn fatal(issuer: &Issuer, error: &OAuthError) -> Response {
    let text = error.description.as_deref().unwrap_or(error.error);
    page::error(issuer, error.status, text).into_response()
}
