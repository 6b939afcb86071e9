//! The authorization code grant (RFC 6749 section 4.1.3) with PKCE (RFC 7636 section 4.6).

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{error::OAuthError, form::Form};
use crate::dev::{
    export::model::ClientModel,
    issuer::{Grant, Issued, Issuer, Order},
    password,
    session::Challenge,
};

pub(crate) fn exchange(
    issuer: &Issuer,
    client: &ClientModel,
    form: &Form,
) -> Result<Issued, OAuthError> {
    let refused = |text: &'static str| OAuthError::bad_request("invalid_grant", text);
    let code = form.require("code")?;
    let now = issuer.now();
    let settings = &issuer.model.settings;
    let code = {
        let mut state = issuer.state();
        // A code is good once, even if the request is refused below.
        let code = state.sessions.codes.remove(code);
        let code = code
            .filter(|code| code.expires > now)
            .ok_or_else(|| refused("Code not valid"))?;
        if state.sessions.active(&code.sid, settings, now).is_none() {
            return Err(refused("Code not valid"));
        }
        code
    };
    if code.client_id != client.client_id {
        let text = "Auth error: Found different client_id in clientSession";
        return Err(refused(text));
    }
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(refused("Incorrect redirect_uri"));
    }
    proof(code.challenge.as_ref(), form.get("code_verifier")).map_err(refused)?;
    let user = issuer
        .model
        .user(&code.username)
        .filter(|user| user.enabled)
        .ok_or_else(|| refused("User disabled"))?;
    let order = Order {
        client,
        user,
        scopes: code.scopes,
        sign_in: code.sign_in,
        grant: Grant::AuthorizationCode,
        lifespan: None,
        issued_ago: 0,
    };
    Ok(issuer.mint(&order, Some(&code.sid))?)
}

fn proof(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), &'static str> {
    let (challenge, hashed) = match challenge {
        None if verifier.is_some() => {
            return Err("PKCE code verifier specified but challenge not present in authorization");
        }
        None => return Ok(()),
        Some(Challenge::S256(challenge)) => (challenge, true),
        Some(Challenge::Plain(challenge)) => (challenge, false),
    };
    let verifier = verifier.ok_or("PKCE code verifier not specified")?;
    let computed = if hashed {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
    } else {
        verifier.to_owned()
    };
    if password::equal(computed.as_bytes(), challenge.as_bytes()) {
        Ok(())
    } else {
        Err("PKCE verification failed: Code mismatch")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636 appendix B.
    #[test]
    fn s256_is_the_hash_of_the_verifier() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = Challenge::S256("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned());
        assert_eq!(proof(Some(&challenge), Some(verifier)), Ok(()));
        assert!(proof(Some(&challenge), Some("another")).is_err());
        assert!(proof(Some(&challenge), None).is_err());
        let plain = Challenge::Plain(verifier.to_owned());
        assert_eq!(proof(Some(&plain), Some(verifier)), Ok(()));
        assert!(proof(None, Some(verifier)).is_err());
        assert_eq!(proof(None, None), Ok(()));
    }
}
