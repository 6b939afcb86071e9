//! The embedded realm beside the real one: the same export, the same requests, the same claims.
//!
//! Two exports: the quickstart's, and one that uses every mapper, scope and setting that the
//! embedded realm imitates. Each client asks for tokens for each user and for itself; what differs
//! by nature (times, ids, keys, the port) is set aside, everything else must be equal.

mod code;
mod compare;

use std::path::{Path, PathBuf};

use keycloak::dev::{Realm, RunningRealm};
use serde_json::Value;
use support::real::{TokenEndpoint, realm_export};

use self::compare::Comparison;
use super::server::live;

#[tokio::test]
async fn the_quickstarts_realm_gives_the_same_tokens() {
    let Some(live) = live().await else { return };
    let embedded = start(&realm_export()).await;
    let compared = everybody(&embedded, &live.issuer, &json(&realm_export())).await;
    compared.finish("the quickstart's realm", 20);
}

#[tokio::test]
async fn every_imitated_mapper_gives_the_same_claims() {
    let Some(live) = live().await else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("embedded_realm/rich-realm.json");
    let export = json(&path);
    live.admin.create_realm(export.clone()).await;
    let embedded = start(&path).await;
    let issuer = format!("{}/realms/rich", live.url);
    let compared = everybody(&embedded, &issuer, &export).await;
    compared.finish("the realm of all mappers", 60);
}

#[tokio::test]
async fn signing_in_on_the_page_gives_the_same_tokens() {
    let Some(live) = live().await else { return };
    let embedded = start(&realm_export()).await;
    let mut compared = Comparison::default();
    for user in ["alice", "frank"] {
        let real = code::sign_in(&live.issuer, user).await;
        let ours = code::sign_in(embedded.issuer_url(), user).await;
        compared.answers(&format!("{user} on the page"), &real, &ours);
    }
    compared.finish("the login page", 2);
}

async fn start(path: &PathBuf) -> RunningRealm {
    let realm = Realm::from_export(path).expect("the export can be used");
    realm.start().await.expect("a loopback port")
}

fn json(path: &Path) -> Value {
    let text = std::fs::read(path).expect("the export is there");
    serde_json::from_slice(&text).expect("the export is JSON")
}

/// Every client of the export for every user and for itself, with and without `openid`, and once
/// with all of its optional scopes.
async fn everybody(embedded: &RunningRealm, issuer: &str, export: &Value) -> Comparison {
    let real = TokenEndpoint::of(issuer);
    let ours = TokenEndpoint::of(embedded.issuer_url());
    let mut compared = Comparison::default();
    for (nth, client) in list(export, "clients").iter().enumerate() {
        let id = text(client, "clientId");
        // A client without a secret in the export has a different one in each realm.
        let secret = text(client, "secret");
        let optional: Vec<_> = list(client, "optionalClientScopes")
            .iter()
            .filter_map(Value::as_str)
            .filter(|scope| *scope != "offline_access")
            .collect();
        let everything = format!("openid {}", optional.join(" "));
        // What is special about the later users (disabled, incomplete, …) has nothing to do with
        // the client.
        let users = if nth == 0 { usize::MAX } else { 4 };
        for (index, user) in list(export, "users").iter().enumerate().take(users) {
            let name = text(user, "username");
            let password = format!("{}-password", name.to_lowercase());
            // The scopes do not depend on the user, so two users show all of them.
            let scopes: &[Option<&str>] = if index < 2 {
                &[None, Some("openid"), Some(everything.trim())]
            } else {
                &[None]
            };
            for scope in scopes {
                let mut form = vec![
                    ("grant_type", "password"),
                    ("username", name),
                    ("password", password.as_str()),
                ];
                form.extend(scope.map(|scope| ("scope", scope)));
                let what = format!("{id} for {name}, scope {scope:?}");
                let answers = (
                    real.grant((id, secret), &form).await,
                    ours.grant((id, secret), &form).await,
                );
                compared.answers(&what, &answers.0, &answers.1);
            }
        }
        let form = [("grant_type", "client_credentials"), ("scope", "openid")];
        let answers = (
            real.grant((id, secret), &form).await,
            ours.grant((id, secret), &form).await,
        );
        compared.answers(&format!("{id} for itself"), &answers.0, &answers.1);
    }
    compared
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}
