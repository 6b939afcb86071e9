//! A browserless client: forms in, JSON out, tokens taken apart.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keycloak::dev::RunningRealm;
use reqwest::StatusCode;
use serde_json::Value;

/// Status and JSON body of a posted form.
pub async fn post(realm: &RunningRealm, path: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
    let url = format!("{}/protocol/openid-connect/{path}", realm.issuer_url());
    let response = http().post(url).form(form).send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

pub async fn token(realm: &RunningRealm, form: &[(&str, &str)]) -> (StatusCode, Value) {
    post(realm, "token", form).await
}

/// A password grant that must succeed.
pub async fn password(realm: &RunningRealm, client: &str, user: &str, scope: &str) -> Value {
    let password = format!("{user}-password");
    let secret = format!("{client}-secret");
    let mut form = vec![
        ("grant_type", "password"),
        ("client_id", client),
        ("username", user),
        ("password", &password),
    ];
    if client != "web" {
        form.push(("client_secret", &secret));
    }
    if !scope.is_empty() {
        form.push(("scope", scope));
    }
    let (status, body) = token(realm, &form).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// Redirects are answers to look at, not to follow.
pub fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    builder.build().unwrap()
}

/// One part of a compact JWS: 0 header, 1 payload.
#[track_caller]
pub fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[track_caller]
pub fn claims(body: &Value, name: &str) -> Value {
    part(body[name].as_str().unwrap(), 1)
}
