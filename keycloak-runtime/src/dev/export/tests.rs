use keycloak_policy::facts;
use serde_json::{Value, json};

use super::{model::RoleId, of_json as read, *};
use crate::dev::roles;

fn load(source: impl RealmSource) -> Result<RealmModel, ExportError> {
    Ok(source.load(None)?.0)
}

/// The problems of an export, as "path: message".
fn problems(export: &Value) -> Vec<String> {
    let error = read(export).err();
    let found = error.iter().flat_map(ExportError::problems);
    found.map(ToString::to_string).collect()
}

#[track_caller]
fn check(export: &Value, expected: &str) {
    assert_eq!(problems(export), [expected]);
}

/// A realm that holds `members` and nothing else.
fn realm(members: &Value) -> Value {
    let mut realm = json!({"realm": "r", "enabled": true});
    if let (Some(realm), Some(members)) = (realm.as_object_mut(), members.as_object()) {
        realm.extend(members.clone());
    }
    realm
}

#[test]
fn the_smallest_realm_gets_what_keycloak_adds() {
    let model = read(&realm(&json!({}))).unwrap();
    for client in facts::clients::ALL {
        assert!(model.client(client).is_some(), "{client}");
    }
    assert_eq!(model.default_role, RoleId::realm("default-roles-r"));
    let default = roles::expand(&model, [model.default_role.clone()]);
    for role in [
        RoleId::realm("offline_access"),
        RoleId::client("account", "view-profile"),
        RoleId::client("account", "manage-account-links"),
    ] {
        assert!(default.contains(&role), "{role}");
    }
    assert!(model.scopes.contains_key("basic"));
    assert!(model.notes.is_empty(), "{:?}", model.notes);
}

#[test]
fn problems_name_the_place_and_what_was_expected() {
    check(&json!({}), "$.realm: expected a string, found nothing");
    check(&json!(7), "$: expected an object, found a number");
    check(
        &json!({"realm": " "}),
        "$.realm: expected a name, found a blank string",
    );
    check(
        &realm(&json!({"users": {}})),
        "$.users: expected an array, found an object",
    );
    check(
        &realm(&json!({"users": [{"username": "a", "realmRoles": ["x", []]}]})),
        "$.users[0].realmRoles[1]: expected a string, found an array",
    );
    check(
        &realm(&json!({"clients": [{"clientId": "c"}, {"clientId": "c"}]})),
        "$.clients[1]: expected each client once, found `c` again",
    );
    check(
        &realm(&json!({"accessTokenLifespan": -1})),
        "$.accessTokenLifespan: expected a whole number that is not negative, found a number",
    );
    check(
        &realm(&json!({"clients": [{"clientId": "c", "publicClient": "maybe"}]})),
        "$.clients[0].publicClient: expected true or false, found a string",
    );
    check(
        &realm(&json!({"enabled": false})),
        "$.enabled: expected true; Keycloak answers no request for a disabled realm",
    );
    check(
        &realm(&json!({"defaultSignatureAlgorithm": "HS256"})),
        "$.defaultSignatureAlgorithm: expected one of RS256, RS384, RS512, PS256, PS384, PS512, \
         ES256, ES384, ES512, EdDSA",
    );
}

#[test]
fn references_must_resolve() {
    check(
        &realm(&json!({"users": [{"username": "a", "groups": ["/nope"]}]})),
        "$.users[0].groups: expected paths of groups; there is no group `/nope`",
    );
    check(
        &realm(&json!({"users": [{"username": "a", "clientRoles": {"no.pe": ["x"]}}]})),
        "$.users[0].clientRoles[\"no.pe\"]: expected the id of a client of the realm; no client \
         is called `no.pe`",
    );
    check(
        &realm(&json!({"roles": {"realm": [{"name": "a", "composites": {"realm": ["b"]}}]}})),
        "$.roles.realm[0].composites.realm: expected declared roles; there is no realm role `b`",
    );
    check(
        &realm(&json!({"roles": {"client": {"nope": [{"name": "x"}]}}})),
        "$.roles.client.nope: expected the id of a client of the realm; no client is called `nope`",
    );
    check(
        &realm(&json!({"scopeMappings": [{"client": "nope", "roles": []}]})),
        "$.scopeMappings[0]: expected the id of a client of the realm in `client`, found `nope`",
    );
}

#[test]
fn all_problems_are_told_at_once_up_to_a_bound() {
    let export = realm(&json!({
        "users": [{"username": 1}, {}, {"username": "a", "groups": 3}],
        "clients": [{"clientId": ""}],
    }));
    assert_eq!(problems(&export).len(), 3);
    let users: Vec<_> = (0..1_000).map(|_| json!({})).collect();
    assert_eq!(problems(&realm(&json!({ "users": users }))).len(), 50);
}

#[test]
fn roles_that_nobody_declared_come_with_a_note() {
    let export =
        realm(&json!({"users": [{"username": "A", "enabled": true, "realmRoles": ["x"]}]}));
    let model = read(&export).unwrap();
    assert!(model.roles.contains_key(&RoleId::realm("x")));
    assert_eq!(model.notes.len(), 1);
    assert!(model.user("a").is_some(), "names are kept in lower case");
}

#[test]
fn composites_may_form_circles() {
    let export = realm(&json!({"roles": {"realm": [
        {"name": "a", "composites": {"realm": ["b"]}},
        {"name": "b", "composites": {"realm": ["a"]}},
    ]}}));
    let model = read(&export).unwrap();
    assert_eq!(roles::expand(&model, [RoleId::realm("a")]).len(), 2);
}

#[test]
fn the_realm_beside_master_is_taken_from_an_export_of_all() {
    let both = json!([{"realm": "master"}, realm(&json!({}))]);
    assert_eq!(read(&both).unwrap().name, "r");
    let three = json!([{"realm": "a", "enabled": true}, {"realm": "b", "enabled": true}]);
    let several = read(&three).unwrap_err();
    assert!(
        several.to_string().contains("`a`, `b`; choose one"),
        "{several}"
    );
    assert_eq!((&three, "b").load(None).unwrap().0.name, "b");
    let none = (&three, "c").load(None).unwrap_err();
    assert!(none.to_string().contains("no realm `c`; it has `a`, `b`"));
}

#[test]
fn masked_secrets_are_no_secrets() {
    let export = realm(&json!({"clients": [{"clientId": "c", "secret": "**********"}]}));
    let model = read(&export).unwrap();
    assert!(model.client("c").unwrap().secret.is_none());
    assert_eq!(model.notes.len(), 1);
}

#[test]
fn sources_say_which_file_is_wrong() {
    let missing = load("no/such/realm.json").unwrap_err();
    assert!(missing.to_string().contains("no/such/realm.json"));
    let broken = load("{\"realm\": ").unwrap_err();
    assert!(matches!(broken, ExportError::NotJson { path: None, .. }));
    assert!(broken.to_string().contains("line 1"), "{broken}");
    let invalid = load("\u{feff} {\"realm\": 3, \"users\": 4}").unwrap_err();
    assert_eq!(invalid.problems().len(), 1);
    assert!(invalid.to_string().contains("$.users"), "{invalid}");
}
