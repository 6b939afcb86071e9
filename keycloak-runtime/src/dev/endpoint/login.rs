//! Behind the login page: who signs in, the session, and the code that goes back to the client.

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{
    Realm,
    authorize::{fatal, refuse},
    browser,
    error::OAuthError,
    form::Form,
    page,
    token::{self, SignInRefused},
};
use crate::dev::{
    export::model::{ClientModel, UserModel},
    ids,
    issuer::Issuer,
    mapper::SignIn,
    session::{ClientSession, Code, PendingLogin, Session},
};

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
    token::check_password(issuer, username, password).map_err(|refused| match refused {
        SignInRefused::Disabled => "Account is disabled, contact your administrator.",
        SignInRefused::NotSetUp => {
            "This account is not fully set up: e-mail, first or last name is missing, or an action \
             is required."
        }
        SignInRefused::Credentials => "Invalid username or password.",
    })
}

/// `prompt=none` (OpenID Connect Core section 3.1.2.1).
pub(super) fn silently(issuer: &Issuer, request: &PendingLogin, sid: Option<&str>) -> Response {
    let state = request.state.as_deref();
    let session = sid.and_then(|sid| issuer.state().sessions.open.get(sid).cloned());
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
    let auth_time = state.sessions.open.get_mut(sid).and_then(|session| {
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
                actor: None,
            },
            username: user.username.clone(),
            expires: now.saturating_add(issuer.model.settings.code_lifespan),
        },
    );
    drop(state);
    let parameters = [
        request.state.as_deref().map(|state| ("state", state)),
        Some(("session_state", sid)),
        Some(("iss", issuer.url.as_str())),
        Some(("code", code.as_str())),
    ];
    browser::redirect(
        &request.redirect_uri,
        request.fragment,
        parameters.into_iter().flatten(),
    )
}
