//! A scripted issuer, a `Keycloak` that trusts it, and calls through a router.

use axum::{
    Router,
    body::Body,
    extract::FromRef,
    http::{Request, Response, header},
};
use http_body_util::BodyExt;
use keycloak::{Algorithm, Keycloak, KeycloakBuilder};
use serde_json::{Value, json};
use support::{
    issuer::{Issuer, REALM},
    mint::{SigningKey, claims, with},
};
use tower::ServiceExt;

pub const CLIENT: &str = "api";

pub struct World {
    pub issuer: Issuer,
    key: SigningKey,
    pub keycloak: Keycloak,
}

/// A state that holds more than the instance, as those of applications do.
#[derive(Clone, FromRef)]
pub struct App {
    pub keycloak: Keycloak,
    pub greeting: &'static str,
}

impl World {
    pub async fn start() -> Self {
        Self::with(|builder| builder).await
    }

    pub async fn with(change: impl FnOnce(KeycloakBuilder) -> KeycloakBuilder) -> Self {
        let key = SigningKey::generate(Algorithm::ES256, "k1");
        let issuer = Issuer::start(&[&key]).await;
        let builder = Keycloak::builder()
            .server_url(issuer.server_url())
            .realm(REALM)
            .client_id(CLIENT)
            .algorithms([Algorithm::ES256]);
        let keycloak = change(builder).build().unwrap();
        Self {
            issuer,
            key,
            keycloak,
        }
    }

    pub fn app(&self) -> App {
        App {
            keycloak: self.keycloak.clone(),
            greeting: "hello",
        }
    }

    /// A token with these claims over those of a good one; `null` takes a claim out.
    pub fn token(&self, changes: Value) -> String {
        let good = claims(&self.issuer.issuer(), CLIENT, "user-1");
        let bare = with(
            &good,
            json!({"realm_access": null, "resource_access": null, "groups": null}),
        );
        self.key.token(&with(&bare, changes))
    }

    pub fn role(&self, role: &str) -> String {
        self.token(json!({"realm_access": {"roles": [role]}}))
    }
}

pub struct Answer {
    pub status: u16,
    pub challenge: Option<String>,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub fn code(&self) -> String {
        let json = self.json();
        json["error"]["code"].as_str().unwrap().to_owned()
    }
}

pub async fn get(router: &Router, path: &str, token: Option<&str>) -> Answer {
    send(router, "GET", path, token, Body::empty()).await
}

pub async fn send(
    router: &Router,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Body,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .unwrap();
    read(router.clone().oneshot(request).await.unwrap()).await
}

async fn read(response: Response<Body>) -> Answer {
    let challenge = response.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    Answer {
        status,
        challenge,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}
