//! One realm with one key, a service that trusts it, and calls through a router.
//!
//! What a suite needs beside it is a struct of its own that holds a `World`.

use axum::{
    Router,
    body::Body,
    extract::FromRef,
    http::{Request, Response, header},
};
use http_body_util::BodyExt;
use keycloak::{Algorithm, Keycloak, KeycloakBuilder};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{
    issuer::{Issuer, REALM},
    mint::{SigningKey, claims, with},
};

/// Our client, which good tokens name in `aud`.
pub const CLIENT: &str = "api";

/// The settings of a service that trusts the realm of a scripted server, whose keys are of ES256.
pub fn builder(server_url: &str) -> KeycloakBuilder {
    Keycloak::builder()
        .server_url(server_url)
        .realm(REALM)
        .client_id(CLIENT)
        .algorithms([Algorithm::ES256])
}

/// A realm with one key, and a service on it.
pub struct World {
    /// The realm.
    pub issuer: Issuer,
    /// Its key.
    pub key: SigningKey,
    /// The service.
    pub keycloak: Keycloak,
}

/// A state that holds more than the instance, as those of applications do.
#[derive(Clone, FromRef)]
pub struct App {
    /// The instance.
    pub keycloak: Keycloak,
    /// The rest of it.
    pub greeting: &'static str,
}

impl World {
    /// With the settings of [`builder`].
    pub async fn start() -> Self {
        Self::with(|builder| builder).await
    }

    /// With other settings.
    pub async fn with(change: impl FnOnce(KeycloakBuilder) -> KeycloakBuilder) -> Self {
        let key = SigningKey::generate(Algorithm::ES256, "k1");
        let issuer = Issuer::start(&[&key]).await;
        let keycloak = change(builder(issuer.server_url()));
        let keycloak = keycloak.build().expect("good settings");
        Self {
            issuer,
            key,
            keycloak,
        }
    }

    /// The state of an application on it.
    pub fn app(&self) -> App {
        App {
            keycloak: self.keycloak.clone(),
            greeting: "hello",
        }
    }

    /// The claims of a good token, as Keycloak writes them.
    pub fn claims(&self) -> Value {
        claims(&self.issuer.issuer(), CLIENT, "alice")
    }

    /// A token with these claims over those of a good one without roles and groups; `null` takes a
    /// claim out.
    pub fn token(&self, changes: Value) -> String {
        let bare = with(
            &self.claims(),
            json!({"realm_access": null, "resource_access": null, "groups": null}),
        );
        self.key.token(&with(&bare, changes))
    }

    /// A token with one role of the realm.
    pub fn role(&self, role: &str) -> String {
        self.roles(&[role])
    }

    /// A token with roles of the realm.
    pub fn roles(&self, roles: &[&str]) -> String {
        self.token(json!({"realm_access": {"roles": roles}}))
    }
}

/// What a router answered.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `WWW-Authenticate`.
    pub challenge: Option<String>,
    /// The body.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("as scripted")
    }

    /// The code of our own error body.
    pub fn code(&self) -> String {
        let json = self.json();
        json["error"]["code"]
            .as_str()
            .expect("as scripted")
            .to_owned()
    }
}

/// Asks for a page, with this token.
pub async fn get(router: &Router, path: &str, token: Option<&str>) -> Answer {
    send(router, "GET", path, token, Body::empty()).await
}

/// The same, in any form.
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
        .expect("as scripted");
    read(router.clone().oneshot(request).await.expect("as scripted")).await
}

async fn read(response: Response<Body>) -> Answer {
    let challenge = response.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map(|value| value.to_str().expect("as scripted").to_owned());
    let status = response.status().as_u16();
    let bytes = response
        .into_body()
        .collect()
        .await
        .expect("as scripted")
        .to_bytes();
    Answer {
        status,
        challenge,
        text: String::from_utf8(bytes.to_vec()).expect("as scripted"),
    }
}
