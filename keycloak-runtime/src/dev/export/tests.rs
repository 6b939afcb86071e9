use std::{
    collections::BTreeSet,
    env, fs,
    io::Write,
    path::{Path, PathBuf},
};

use keycloak_policy::{
    export::{Location, Names, Users},
    facts,
};
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
        "$.users[0].groups: expected paths of groups; the realm has no group `/nope`",
    );
    check(
        &realm(&json!({"users": [{"username": "a", "clientRoles": {"no.pe": ["x"]}}]})),
        "$.users[0].clientRoles[\"no.pe\"]: expected the id of a client of the realm; no client \
         is called `no.pe`",
    );
    check(
        &realm(&json!({"roles": {"realm": [{"name": "a", "composites": {"realm": ["b"]}}]}})),
        "$.roles.realm[0].composites.realm: expected declared roles; the realm has no realm role `b`",
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

/// Exports of several ages; and more of them where the cases beside the workspace are.
fn cases() -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/policy/exports"
    ))];
    let shared = match env::var_os("KEYCLOAK_REALM_CASES") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases")),
    };
    if shared.is_dir() {
        folders.push(shared);
    } else {
        // Past libtest's capture, so that a green run says what it did not check.
        let _ = writeln!(
            std::io::stderr(),
            "NOT CHECKED: no more realm exports, {} is absent (KEYCLOAK_REALM_CASES may name the \
             folder)",
            shared.display()
        );
    }
    let entries = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() || path.extension().is_some_and(|end| end == "json"))
        .collect()
}

/// The macros check names with one view, tokens are made with the other: a name of the one that the
/// other lacks is a policy that cannot be satisfied, or a check that is not one.
#[test]
fn both_views_of_an_export_agree() {
    let cases = cases();
    assert!(cases.len() >= 5, "{cases:?}");
    for path in &cases {
        agree(path);
    }
}

fn agree(path: &Path) {
    let names = Location::new(path).load(Users::Skip).unwrap();
    let names = names.read(Names::view).unwrap();
    let model = match load(path) {
        Ok(model) => model,
        Err(error) => {
            let said = error
                .to_string()
                .contains("expected each group's path once");
            assert!(said && !names.ambiguous_groups.is_empty(), "{error}");
            return;
        }
    };
    let case = path.display();
    assert!(names.ambiguous_groups.is_empty(), "{case}");
    assert_eq!(names.realm, model.name, "{case}");
    let realm_roles = model.roles.keys().filter_map(|role| match role {
        RoleId::Realm(name) => Some(name.clone()),
        RoleId::Client { .. } => None,
    });
    let realm_roles: BTreeSet<String> = realm_roles.collect();
    assert_eq!(
        names.realm_roles.unwrap_or(realm_roles.clone()),
        realm_roles,
        "{case}"
    );
    for (client, own) in names.client_roles.into_iter().flatten() {
        let roles = model.roles.keys().filter_map(|role| match role {
            RoleId::Client { client: of, role } if *of == client => Some(role.clone()),
            RoleId::Client { .. } | RoleId::Realm(_) => None,
        });
        let roles: BTreeSet<String> = roles.collect();
        if facts::clients::is_built_in(&client) {
            assert!(
                own.built_in || own.roles.is_subset(&roles),
                "{case}: {client}"
            );
        } else {
            assert_eq!(own.roles, roles, "{case}: {client}");
        }
    }
    let clients = model.clients.iter().map(|client| client.client_id.clone());
    let clients: BTreeSet<String> = clients.collect();
    assert_eq!(names.clients.unwrap_or(clients.clone()), clients, "{case}");
    let groups: BTreeSet<String> = model.groups.keys().cloned().collect();
    assert_eq!(names.groups.unwrap_or(groups.clone()), groups, "{case}");
    if let Some(scopes) = names.scopes {
        // Built-in ones count as known for the macros even where a list leaves them out.
        let own = |scope: &&String| !facts::scopes::all().any(|known| known == scope.as_str());
        let known: Vec<_> = scopes
            .iter()
            .filter(own)
            .filter(|s| *s != "openid")
            .collect();
        assert!(
            known.into_iter().eq(model.scopes.keys().filter(own)),
            "{case}"
        );
    }
}

#[test]
fn a_list_of_scopes_without_the_built_in_ones_is_told() {
    let export = realm(&json!({"clientScopes": [{"name": "orders"}]}));
    let model = read(&export).unwrap();
    let note = model.notes_about(&["clientScopes"]);
    assert!(note[0].contains("lacks `basic` and `roles`"), "{note:?}");
    // Importing an export of an older Keycloak adds `basic`.
    let export = realm(&json!({"clientScopes": [{"name": "roles"}], "keycloakVersion": "21.1.0"}));
    assert_eq!(read(&export).unwrap().notes, [""; 0]);
}
