//! Client authentication (RFC 6749 section 2.3): `client_secret_basic`, `client_secret_post`, or
//! none for public clients.

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{error::OAuthError, form::Form};
use crate::dev::{export::model::ClientModel, issuer::Issuer, password};

const DESCRIPTION: &str = "Invalid client or Invalid client credentials";

/// The client that sent the request.
pub(crate) fn client<'i>(
    issuer: &'i Issuer,
    headers: &HeaderMap,
    form: &Form,
) -> Result<&'i ClientModel, OAuthError> {
    let unknown = || OAuthError::unauthorized("invalid_client", DESCRIPTION);
    let wrong = || OAuthError::unauthorized("unauthorized_client", DESCRIPTION);
    let (client_id, secret) = match headers.get(header::AUTHORIZATION) {
        Some(value) => {
            let (id, secret) = basic(value.as_bytes()).ok_or_else(unknown)?;
            (id, Some(secret))
        }
        None => (
            form.get("client_id").ok_or_else(unknown)?.to_owned(),
            form.get("client_secret").map(str::to_owned),
        ),
    };
    let client = issuer
        .model
        .client(&client_id)
        .filter(|client| client.enabled && client.openid)
        .ok_or_else(unknown)?;
    if client.public {
        return Ok(client);
    }
    let expected = issuer.secret(&client.client_id).ok_or_else(wrong)?;
    let given = secret.ok_or_else(wrong)?;
    if password::equal(expected.expose().as_bytes(), given.as_bytes()) {
        Ok(client)
    } else {
        Err(wrong())
    }
}

/// Id and secret of a Basic header; both are form-encoded inside (RFC 6749 section 2.3.1).
fn basic(value: &[u8]) -> Option<(String, String)> {
    let text = std::str::from_utf8(value).ok()?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    url::form_urlencoded::parse(format!("x={}", text.replace('&', "%26")).as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_form_decoded() {
        let header = format!("bAsIc {}", STANDARD.encode("a%3Ab:s%26e+c&r=t"));
        let expected = ("a:b".to_owned(), "s&e c&r=t".to_owned());
        assert_eq!(basic(header.as_bytes()), Some(expected));
        for bad in ["Basic", "Basic !", "Bearer YTpi", "Basic YQ==", ""] {
            assert_eq!(basic(bad.as_bytes()), None, "{bad}");
        }
    }
}
