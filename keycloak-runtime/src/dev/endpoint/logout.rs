//! Logout: with a refresh token by the client, or in the browser (OpenID Connect RP-Initiated
//! Logout section 2).

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{Realm, browser, client_auth, cors, error::OAuthError, form::Form, page};
use crate::dev::{export::model::ClientModel, issuer::Issuer, origins};

pub(crate) async fn logout(
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
        Err(error) => return error.into_response(),
    };
    if method == Method::POST && form.get("refresh_token").is_some() {
        let mut response = match by_refresh_token(&issuer, &headers, &form) {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(error) => error.into_response(),
        };
        cors::allow_any(headers.get(header::ORIGIN), response.headers_mut());
        return response;
    }
    in_browser(&issuer, &headers, &form, method == Method::POST)
}

fn by_refresh_token(issuer: &Issuer, headers: &HeaderMap, form: &Form) -> Result<(), OAuthError> {
    let client = client_auth::client(issuer, headers, form)?;
    let token = form.get("refresh_token").unwrap_or_default();
    let mut state = issuer.state();
    let invalid = || OAuthError::bad_request("invalid_grant", "Invalid refresh token");
    let claims = state.keys.verify_refresh(token).ok_or_else(invalid)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("azp") != Some(client.client_id.as_str()) {
        return Err(OAuthError::bad_request(
            "invalid_grant",
            "Invalid refresh token. Token client and authorized client don't match",
        ));
    }
    state.sessions.open.remove(text("sid").unwrap_or_default());
    Ok(())
}

/// With a hint the session of that ID token ends at once; without one the user is asked, so that
/// no page elsewhere can sign people out.
fn in_browser(issuer: &Issuer, headers: &HeaderMap, form: &Form, posted: bool) -> Response {
    let hint = form.get("id_token_hint");
    // An expired ID token is as good a hint as a fresh one.
    let hinted = hint.and_then(|token| issuer.state().keys.verify(token));
    if hint.is_some() && hinted.is_none() {
        return page::error(
            issuer,
            StatusCode::BAD_REQUEST,
            "Invalid parameter: id_token_hint",
        );
    }
    let text = |name: &str| {
        hinted
            .as_ref()
            .and_then(|claims| claims.get(name)?.as_str())
    };
    let client = text("azp").or(form.get("client_id"));
    let client = client.and_then(|client_id| issuer.model.client(client_id));
    let target = match form.get("post_logout_redirect_uri") {
        None => None,
        Some(uri) if client.is_some_and(|client| is_registered(uri, client)) => Some(uri),
        Some(_) => return page::error(issuer, StatusCode::BAD_REQUEST, "Invalid redirect uri"),
    };
    let cookie = browser::session(issuer, headers);
    let confirmed = posted && form.get("confirm") == cookie.as_deref() && cookie.is_some();
    let sid = match text("sid") {
        Some(sid) => Some(sid.to_owned()),
        None if confirmed => cookie,
        None => {
            return match cookie {
                Some(sid) => page::confirm_logout(issuer, &sid),
                None => browser::forget(issuer, page::signed_out(issuer)),
            };
        }
    };
    if let Some(sid) = sid {
        issuer.state().sessions.open.remove(&sid);
    }
    let response = match target {
        Some(uri) => {
            let state = form.get("state").map(|state| ("state", state));
            browser::redirect(uri, false, state)
        }
        None => page::signed_out(issuer),
    };
    browser::forget(issuer, response)
}

/// Addresses after logout: a list of their own, where `+` stands for the redirect addresses.
fn is_registered(uri: &str, client: &ClientModel) -> bool {
    let own = client.attribute("post.logout.redirect.uris").unwrap_or("+");
    own.split("##").any(|pattern| {
        if pattern == "+" {
            origins::redirect_is_registered(uri, &client.redirect_uris)
        } else {
            origins::redirect_is_registered(uri, &[pattern.to_owned()])
        }
    })
}
