//! The few calls of Keycloak's admin API that the suites need.

use std::collections::HashMap;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use super::REALM;

/// The admin API of one server; each call signs in anew, so that no token grows old.
#[derive(Debug, Clone)]
pub struct Admin {
    base: String,
    credentials: (&'static str, &'static str),
    http: Client,
}

impl Admin {
    pub(super) fn new(base: String, credentials: (&'static str, &'static str)) -> Self {
        Self {
            base,
            credentials,
            http: Client::new(),
        }
    }

    /// One call below `/admin/realms/demo`; an empty answer is `null`.
    ///
    /// # Panics
    ///
    /// When the server refuses: the suites only ask for what must work.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}/admin/realms/{REALM}{path}", self.base);
        self.send(method, &url, body).await
    }

    /// Creates another realm from its export, as importing it at start would.
    pub async fn create_realm(&self, export: Value) {
        let url = format!("{}/admin/realms", self.base);
        self.send(Method::POST, &url, Some(export)).await;
    }

    async fn send(&self, method: Method, url: &str, body: Option<Value>) -> Value {
        let token = self.token().await;
        let mut request = self.http.request(method.clone(), url).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("the admin API answers");
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        assert!(
            status.is_success() || status == StatusCode::CONFLICT,
            "{method} {url}: {status} {text}"
        );
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    async fn token(&self) -> String {
        let form = HashMap::from([
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", self.credentials.0),
            ("password", self.credentials.1),
        ]);
        let answer: Value = self
            .http
            .post(format!(
                "{}/realms/master/protocol/openid-connect/token",
                self.base
            ))
            .form(&form)
            .send()
            .await
            .expect("the master realm answers")
            .json()
            .await
            .expect("a token response is JSON");
        answer["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("no admin token: {answer}"))
            .to_owned()
    }

    /// The internal id of a client.
    pub async fn client_uuid(&self, client_id: &str) -> String {
        let found = self
            .call(Method::GET, &format!("/clients?clientId={client_id}"), None)
            .await;
        found[0]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no client {client_id}"))
            .to_owned()
    }

    /// Lets a client be used from a page served at `origin`, as its redirect and for CORS.
    pub async fn allow_origin(&self, client_id: &str, origin: &str) {
        let path = format!("/clients/{}", self.client_uuid(client_id).await);
        let mut client = self.call(Method::GET, &path, None).await;
        for (member, value) in [
            ("redirectUris", format!("{origin}/*")),
            ("webOrigins", origin.to_owned()),
        ] {
            if let Some(list) = client[member].as_array_mut() {
                list.push(value.into());
            }
        }
        self.call(Method::PUT, &path, Some(client)).await;
    }

    /// Creates a client from its representation (`clientId`, …).
    pub async fn create_client(&self, representation: Value) {
        self.call(Method::POST, "/clients", Some(representation))
            .await;
    }

    /// Ends all sessions of a user, as an administrator would.
    pub async fn log_out(&self, user_id: &str) {
        self.call(Method::POST, &format!("/users/{user_id}/logout"), None)
            .await;
    }

    /// Gives a user a realm role, made where there is none of that name.
    pub async fn grant_realm_role(&self, user_id: &str, role: &str) {
        let made = json!({ "name": role });
        self.call(Method::POST, "/roles", Some(made)).await;
        self.map_realm_role(Method::POST, user_id, role).await;
    }

    /// Takes a realm role from a user.
    pub async fn revoke_realm_role(&self, user_id: &str, role: &str) {
        self.map_realm_role(Method::DELETE, user_id, role).await;
    }

    async fn map_realm_role(&self, method: Method, user_id: &str, role: &str) {
        let found = self
            .call(Method::GET, &format!("/roles/{role}"), None)
            .await;
        let path = format!("/users/{user_id}/role-mappings/realm");
        self.call(method, &path, Some(json!([found]))).await;
    }

    /// Adds a signing key of higher priority: the realm signs with it from now on.
    pub async fn rotate_keys(&self, algorithm: &str, priority: u32) {
        let provider = if algorithm.starts_with("ES") {
            "ecdsa-generated"
        } else if algorithm == "EdDSA" {
            "eddsa-generated"
        } else {
            "rsa-generated"
        };
        let realm = self.call(Method::GET, "", None).await;
        let mut config = json!({
            "priority": [priority.to_string()],
            "enabled": ["true"],
            "active": ["true"],
        });
        let (name, value) = match algorithm {
            "ES256" => ("ecdsaEllipticCurveKey", "P-256"),
            "ES384" => ("ecdsaEllipticCurveKey", "P-384"),
            "EdDSA" => ("eddsaEllipticCurveKey", "Ed25519"),
            other => ("algorithm", other),
        };
        config[name] = json!([value]);
        self.call(
            Method::POST,
            "/components",
            Some(json!({
                "name": format!("test-{algorithm}-{priority}"),
                "providerId": provider,
                "providerType": "org.keycloak.keys.KeyProvider",
                "parentId": realm["id"],
                "config": config,
            })),
        )
        .await;
    }

    /// Takes a key out of the set at once: tokens that it signed are no longer good.
    pub async fn disable_key(&self, name: &str) {
        let found = self
            .call(
                Method::GET,
                &format!("/components?type=org.keycloak.keys.KeyProvider&name={name}"),
                None,
            )
            .await;
        let mut component = found[0].clone();
        let id = component["id"]
            .as_str()
            .expect("a key of that name")
            .to_owned();
        component["config"]["enabled"] = json!(["false"]);
        self.call(Method::PUT, &format!("/components/{id}"), Some(component))
            .await;
    }
}
