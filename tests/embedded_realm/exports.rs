//! What tokens say of exports that people write and have.

use keycloak::dev::{ExportError, Realm, TokenError};
use serde_json::{Value, json};

use super::client::part;

/// A realm with one public client and one user, and with `members`.
fn realm(members: &Value) -> Value {
    let mut realm = json!({
        "realm": "r",
        "enabled": true,
        "clients": [{
            "clientId": "web",
            "publicClient": true,
            "directAccessGrantsEnabled": true,
            "protocolMappers": [
                {"name": "g", "protocolMapper": "oidc-group-membership-mapper", "config":
                    {"claim.name": "groups", "full.path": "true", "access.token.claim": "true"}},
                {"name": "c", "protocolMapper": "oidc-hardcoded-claim-mapper", "config":
                    {"claim.name": "q\\x.r\\.s", "claim.value": "v", "access.token.claim": "true"}},
            ],
        }],
        "users": [{"username": "ann", "enabled": true, "email": "a@example.com",
            "firstName": "A", "lastName": "N"}],
    });
    let users = members.get("groups of ann").cloned();
    for (name, value) in members.as_object().into_iter().flatten() {
        realm[name] = value.clone();
    }
    if let Some(groups) = users {
        realm["users"][0]["groups"] = groups;
    }
    realm
}

/// The claims of the user's access token.
async fn claims(export: Value) -> Value {
    let realm = Realm::from_export(export).unwrap().start().await.unwrap();
    part(&realm.token("ann").await.unwrap(), 1)
}

#[tokio::test]
async fn groups_are_written_as_the_exporting_server_writes_them() {
    let groups =
        |path: Value| json!([{"name": "App", "subGroups": [{"name": "a/b", "path": path}]}]);
    for (path, written, token) in [
        (json!(null), "/App/a/b", "/App/a/b"),
        (json!("/App/a/b"), "/App/a/b", "/App/a/b"),
        (json!("/App/a~/b"), "/App/a~/b", "/App/a~/b"),
        (json!("/App/a~/b"), "App/a/b", "/App/a~/b"),
    ] {
        let export = realm(&json!({"groups": groups(path), "groups of ann": [written]}));
        assert_eq!(claims(export).await["groups"], json!([token]), "{written}");
    }
}

#[tokio::test]
async fn claim_names_take_backslashes_as_keycloak_does() {
    assert_eq!(claims(realm(&json!({}))).await["qx"], json!({"r.s": "v"}));
}

#[tokio::test]
async fn default_roles_of_old_exports_are_in_tokens() {
    let mut export = realm(&json!({"defaultRoles": ["member"]}));
    export["clients"][0]["defaultRoles"] = json!(["guest"]);
    export["users"][0]["realmRoles"] = json!(["default-roles-r"]);
    let old = claims(export.clone()).await;
    let roles = old["realm_access"]["roles"].as_array().unwrap();
    assert!(roles.contains(&json!("member")), "{old}");
    assert_eq!(old["resource_access"]["web"]["roles"], json!(["guest"]));
    // Beside a default role the lists do not count.
    export["defaultRole"] = json!({"name": "everybody"});
    export["users"][0]["realmRoles"] = json!(["everybody"]);
    let new = claims(export).await;
    let roles = new["realm_access"]["roles"].as_array().unwrap();
    assert!(roles.contains(&json!("everybody")) && !roles.contains(&json!("member")));
    assert_eq!(new["resource_access"]["web"], json!(null));
}

#[tokio::test]
async fn a_list_of_scopes_without_basic_is_told_by_the_error() {
    let export = realm(&json!({"clientScopes": [{"name": "orders"}]}));
    let started = Realm::from_export(&export).unwrap().start().await.unwrap();
    let error = started.token("ann").await.unwrap_err();
    assert!(matches!(error, TokenError::NoSubject { .. }), "{error}");
    let message = error.to_string();
    for part in [
        "`missing_claim`",
        "`clientScopes`",
        "lacks `basic` and `roles`",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    // A mapper of the client's own is as good.
    let mut export = export;
    let mappers = export["clients"][0]["protocolMappers"].as_array_mut();
    mappers
        .unwrap()
        .push(json!({"name": "s", "protocolMapper": "oidc-sub-mapper", "config": {}}));
    assert!(claims(export).await["sub"].is_string());
}

#[tokio::test]
async fn refused_personas_come_with_what_the_realm_noted() {
    let mut export = realm(&json!({}));
    export["users"][0]["enabled"] = json!(null);
    let started = Realm::from_export(&export).unwrap().start().await.unwrap();
    let error = started.token("ann").await.unwrap_err().to_string();
    assert!(
        error.contains("note: user `ann` has no `enabled: true`"),
        "{error}"
    );
    export["users"][0]["enabled"] = json!(true);
    export["users"][0]["firstName"] = json!("");
    export["users"][0]["requiredActions"] = json!(["UPDATE_PASSWORD"]);
    let started = Realm::from_export(&export).unwrap().start().await.unwrap();
    let error = started.token("ann").await.unwrap_err().to_string();
    assert!(
        error.contains("Keycloak asks for `firstName` and the action `UPDATE_PASSWORD` first"),
        "{error}"
    );
}

#[test]
fn of_several_realms_one_is_chosen() {
    let other = json!({"realm": "s", "enabled": true});
    let list = json!([{"realm": "master"}, realm(&json!({})), other]);
    let several = Realm::from_export(&list).unwrap_err();
    assert!(
        matches!(several, ExportError::SeveralRealms { .. }),
        "{several}"
    );
    assert_eq!(Realm::from_export((&list, "s")).unwrap().name(), "s");
    assert_eq!(
        Realm::from_export((list.to_string(), "r")).unwrap().name(),
        "r"
    );
    let unknown = Realm::from_export((&list, "t")).unwrap_err().to_string();
    assert!(unknown.contains("no realm `t`"), "{unknown}");
}
