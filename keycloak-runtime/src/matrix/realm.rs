//! Callers from the embedded realm: its personas, its service accounts, and tokens that no route
//! may take for theirs.

use std::{collections::BTreeSet, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::builder::{MatrixBuilder, Planned};
use crate::{
    dev::{Header, RunningRealm, Tokens},
    manifest::policies,
    policy::names::role_names,
};

/// A day: longer than any access token lives.
const LONG_AGO: Duration = Duration::from_hours(24);

impl MatrixBuilder {
    /// The client that the personas' tokens are for; by default what
    /// [`RunningRealm::token`] takes.
    pub fn token_client(mut self, client_id: impl Into<String>) -> Self {
        self.token_client = Some(client_id.into());
        self
    }

    /// Scopes that the personas' tokens are asked for with, beside the client's default ones.
    pub fn token_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.token_scopes.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// Every user and service account of the realm that can sign in, and four callers that must
    /// not get further than a stranger: an expired token, one for another audience, an ID token,
    /// and one that has every role of the policies as roles of another client.
    ///
    /// [`token_client`](Self::token_client) and [`token_scopes`](Self::token_scopes) come before.
    pub fn realm(mut self, realm: &RunningRealm) -> Self {
        let personas = realm.personas();
        let usable: Vec<&str> = personas
            .iter()
            .filter(|persona| persona.usable)
            .map(|persona| persona.username.as_str())
            .collect();
        for username in &usable {
            let tokens = self.tokens(realm, username, Duration::ZERO);
            self.add(
                username,
                tokens.map(|tokens| tokens.access_token().to_owned()),
                true,
            );
        }
        let model = &realm.issuer().model;
        for client in model.clients.iter().filter(|client| !client.builtin) {
            if client.service_account && client.enabled {
                let tokens = realm.client_token(&client.client_id).issue();
                let token = tokens.map(|tokens| tokens.access_token().to_owned());
                let name = format!("{} (service)", client.client_id);
                self.add(&name, token.map_err(|error| error.to_string()), true);
            }
        }
        if let Some(first) = usable.first() {
            self.strangers(realm, first);
        }
        self
    }

    fn strangers(&mut self, realm: &RunningRealm, username: &str) {
        let good = self.tokens(realm, username, Duration::ZERO);
        let old = self.tokens(realm, username, LONG_AGO);
        self.add(
            "expired token",
            old.map(|tokens| tokens.access_token().to_owned()),
            false,
        );
        let id_token = good.as_ref().map_err(String::clone).and_then(|tokens| {
            let token = tokens.id_token().map(str::to_owned);
            token.ok_or_else(|| "the client gives no ID token".to_owned())
        });
        self.add("ID token", id_token, false);
        let claims = good.and_then(|tokens| {
            payload(tokens.access_token()).ok_or_else(|| "the token has no claims".to_owned())
        });
        let other_audience = claims.clone().and_then(|mut claims| {
            claims.insert("aud".to_owned(), json!("another-service"));
            sign(realm, &claims)
        });
        self.add("wrong audience", other_audience, false);
        let other = foreign_client(realm, &self.keycloak.settings().client_id);
        let note = format!("has every role that a policy names, of client {other}");
        let foreign = claims.and_then(|mut claims| {
            let manifest = policies();
            let roles: BTreeSet<&str> = manifest
                .entries()
                .iter()
                .filter_map(|entry| entry.policy())
                .flat_map(|policy| role_names(policy.terms))
                .collect();
            for claim in ["realm_access", "groups", "scope"] {
                claims.remove(claim);
            }
            claims.insert(
                "resource_access".to_owned(),
                json!({ &other: { "roles": roles } }),
            );
            claims.insert("sub".to_owned(), json!("somebody-else"));
            sign(realm, &claims)
        });
        self.add("other client's roles", foreign, true);
        if let Some(planned) = self.callers.last_mut() {
            planned.note = Some(note);
        }
    }

    fn tokens(
        &self,
        realm: &RunningRealm,
        username: &str,
        ago: Duration,
    ) -> Result<Tokens, String> {
        let mut request = realm.token(username).scopes(["openid"]).issued_ago(ago);
        if let Some(client) = &self.token_client {
            request = request.client(client);
        }
        request = request.scopes(self.token_scopes.iter().map(String::as_str));
        request.issue().map_err(|error| error.to_string())
    }

    fn add(&mut self, name: &str, token: Result<String, String>, accepted: bool) {
        self.callers.push(Planned {
            name: name.to_owned(),
            token,
            accepted,
            note: None,
        });
    }
}

/// A client that is not ours: one of the realm, or one that does not exist.
fn foreign_client(realm: &RunningRealm, own: &str) -> String {
    let clients = &realm.issuer().model.clients;
    clients
        .iter()
        .find(|client| !client.builtin && client.client_id != own)
        .map_or_else(
            || "another-client".to_owned(),
            |client| client.client_id.clone(),
        )
}

fn payload(token: &str) -> Option<Map<String, Value>> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

fn sign(realm: &RunningRealm, claims: &Map<String, Value>) -> Result<String, String> {
    let issuer = realm.issuer();
    let algorithm = issuer.model.settings.signature_algorithm;
    let header = Header {
        algorithm,
        typ: "JWT",
    };
    let mut state = issuer.state();
    state
        .keys
        .sign(&header, claims)
        .map_err(|error| error.to_string())
}
