//! Tokens as a client gets them: the token endpoint of any issuer, over HTTP.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Client, StatusCode};
use serde_json::Value;

/// The token endpoint of a realm.
#[derive(Debug, Clone)]
pub struct TokenEndpoint {
    url: String,
    http: Client,
}

impl TokenEndpoint {
    /// Of the realm with this issuer, at Keycloak's usual place.
    #[must_use]
    pub fn of(issuer: &str) -> Self {
        Self {
            url: format!("{issuer}/protocol/openid-connect/token"),
            http: Client::new(),
        }
    }

    /// Any grant: the form goes out as it is, with the client's credentials in front.
    pub async fn grant(
        &self,
        (client, secret): (&str, &str),
        form: &[(&str, &str)],
    ) -> (StatusCode, Value) {
        let mut all = vec![("client_id", client), ("client_secret", secret)];
        all.extend_from_slice(form);
        let response = self
            .http
            .post(&self.url)
            .form(&all)
            .send()
            .await
            .expect("the token endpoint answers");
        let status = response.status();
        let body = response.json().await.expect("a token response is JSON");
        (status, body)
    }

    /// Password grant of a persona (password: `<name>-password`).
    pub async fn login(&self, client: (&str, &str), username: &str, scope: &str) -> Value {
        let password = format!("{username}-password");
        let form = [
            ("grant_type", "password"),
            ("username", username),
            ("password", &password),
            ("scope", scope),
        ];
        let (status, body) = self.grant(client, &form).await;
        assert_eq!(status, StatusCode::OK, "login of {username}: {body}");
        body
    }

    /// The access token of a persona through the service's own client.
    pub async fn access_token(&self, username: &str) -> String {
        let answer = self.login(super::CLIENT, username, "openid").await;
        text(&answer, "access_token")
    }

    /// The access token of the service account.
    pub async fn service_account(&self, client: (&str, &str)) -> String {
        let (status, body) = self
            .grant(client, &[("grant_type", "client_credentials")])
            .await;
        assert_eq!(status, StatusCode::OK, "service account: {body}");
        text(&body, "access_token")
    }
}

/// A string member of a token response.
///
/// # Panics
///
/// When it is not there.
#[must_use]
#[track_caller]
pub fn text(answer: &Value, member: &str) -> String {
    answer[member]
        .as_str()
        .unwrap_or_else(|| panic!("no {member} in {answer}"))
        .to_owned()
}

/// The claims of a token, unverified.
///
/// # Panics
///
/// When it is not a compact JWS.
#[must_use]
#[track_caller]
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The JOSE header of a token.
///
/// # Panics
///
/// When it is not a compact JWS.
#[must_use]
#[track_caller]
pub fn header(token: &str) -> Value {
    part(token, 0)
}

#[track_caller]
fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// The token with another, equally well-formed signature.
///
/// # Panics
///
/// When it is not a compact JWS.
#[must_use]
pub fn with_another_signature(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let rest = signature.get(1..).expect("a signature of ASCII letters");
    format!("{signed}.{first}{rest}")
}
