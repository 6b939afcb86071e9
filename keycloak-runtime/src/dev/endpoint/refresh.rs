//! The refresh grant (RFC 6749 section 6), with rotation where the realm asks for it.

use serde_json::Value;

use super::{error::OAuthError, form::Form, token};
use crate::dev::{
    export::model::ClientModel,
    issuer::{Grant, Issued, Issuer, Order},
    mapper::SignIn,
};

pub(crate) fn refresh(
    issuer: &Issuer,
    client: &ClientModel,
    form: &Form,
) -> Result<Issued, OAuthError> {
    let refused = |text: &'static str| OAuthError::bad_request("invalid_grant", text);
    let token = form
        .get("refresh_token")
        .ok_or_else(|| OAuthError::bad_request("invalid_request", "No refresh token"))?;
    let settings = &issuer.model.settings;
    let now = issuer.now();
    let (sid, username, mut scopes, sign_in) = {
        let mut state = issuer.state();
        let claims = state
            .keys
            .verify_refresh(token)
            .ok_or_else(|| refused("Invalid refresh token"))?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let azp = text("azp").unwrap_or_default();
        if azp != client.client_id {
            return Err(refused(
                "Invalid refresh token. Token client and authorized client don't match",
            ));
        }
        let expires = claims.get("exp").and_then(Value::as_i64);
        if expires.is_some_and(|expires| expires <= now) {
            return Err(refused("Token is not active"));
        }
        let inactive = || refused("Session not active");
        let sid = text("sid").ok_or_else(inactive)?.to_owned();
        let jti = text("jti").unwrap_or_default();
        if state.sessions.active(&sid, settings, now).is_none() {
            return Err(inactive());
        }
        let session = state.sessions.open.get_mut(&sid).ok_or_else(inactive)?;
        let held = session
            .clients
            .get_mut(&client.client_id)
            .ok_or_else(|| refused("Session doesn't have required client"))?;
        if settings.revoke_refresh_token
            && let Err(text) = held.use_refresh_token(jti, settings.refresh_token_max_reuse)
        {
            // A token that is used again may be stolen: the client's part of the session ends.
            session.clients.remove(&client.client_id);
            return Err(refused(text));
        }
        session.last_refresh = now;
        let sign_in = SignIn {
            sid: Some(sid.clone()),
            auth_time: session.auth_time,
            acr: held.acr,
            nonce: None,
            client_credentials: false,
            actor: None,
        };
        (sid, session.username.clone(), held.scopes.clone(), sign_in)
    };
    if let Some(requested) = form.get("scope") {
        // A narrower scope may be asked for; what was not granted before is not granted now.
        let mut asked = token::scopes_for(issuer, client, Some(requested))?;
        asked.names.retain(|name| scopes.has(name));
        asked.openid &= scopes.openid;
        scopes = asked;
    }
    let user = issuer
        .model
        .user(&username)
        .filter(|user| user.enabled)
        .ok_or_else(|| refused("User disabled"))?;
    let order = Order {
        client,
        user,
        scopes,
        sign_in,
        grant: Grant::Refresh,
        lifespan: None,
        issued_ago: 0,
    };
    Ok(issuer.mint(&order, Some(&sid))?)
}
