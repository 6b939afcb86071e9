use std::{fs, path::PathBuf, process};

use super::*;

/// The names in `text`, read as the macros do.
fn names(text: &str) -> Result<Names, ExportError> {
    Document::from_text(text, None, Users::Skip)?.read(Names::view)
}

fn of_age(file: &str) -> Names {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("exports")
        .join(file);
    let document = Location::new(&path).load(Users::Skip).unwrap();
    document.read(Names::view).unwrap()
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = names(text).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

fn set(names: Option<&std::collections::BTreeSet<String>>) -> Vec<&str> {
    names.into_iter().flatten().map(String::as_str).collect()
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("keycloak-policy-{}-{name}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn users(&self, realm: Option<&str>) -> Result<Vec<String>, ExportError> {
        let location = Location {
            path: self.0.clone(),
            realm: realm.map(str::to_owned),
        };
        location.load(Users::Read)?.read(|realm| {
            let users = realm.objects("users");
            Some(
                users
                    .iter()
                    .filter_map(|user| user.text("username"))
                    .collect(),
            )
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn keycloak_3_has_templates_and_lists_of_default_roles() {
    let names = of_age("keycloak-3.json");
    let roles = names.realm_roles.unwrap();
    for role in [
        "clerk",
        "member",
        "uma_authorization",
        "default-roles-legacy",
    ] {
        assert!(roles.contains(role), "{role}");
    }
    let shop = &names.client_roles.unwrap()["shop"];
    assert_eq!(set(Some(&shop.roles)), ["cashier", "customer"]);
    let scopes = names.scopes.unwrap();
    assert!(scopes.contains("all_mine") && !scopes.contains("signed"));
}

#[test]
fn keycloak_8_has_lists_of_default_roles() {
    let names = of_age("keycloak-8.json");
    let roles = names.realm_roles.unwrap();
    assert!(roles.contains("reader") && roles.contains("default-roles-eight"));
    let clients = names.client_roles.unwrap();
    assert_eq!(set(Some(&clients["api"].roles)), ["guest", "operator"]);
    assert!(!clients["account"].built_in && clients["broker"].built_in);
    let scopes = names.scopes.unwrap();
    assert!(scopes.contains("orders") && !scopes.contains("role_list"));
    assert_eq!(names.groups.unwrap().len(), 0);
}

#[test]
fn keycloak_26_has_one_default_role() {
    let names = of_age("keycloak-26.json");
    let roles = names.realm_roles.unwrap();
    assert!(roles.contains("everybody") && roles.contains("admin"));
    assert!(!roles.contains("default-roles-today") && !roles.contains("not-counted"));
    assert_eq!(
        set(names.groups.as_ref()),
        ["/App", "/App/Org1/T1", "/App/Org1/T1/in", "/ops"]
    );
    let scopes = names.scopes.unwrap();
    assert!(scopes.contains("organization") && !scopes.contains("saml_organization"));
    assert!(names.dynamic_scopes.contains("tenant"));
    assert!(
        names
            .clients
            .unwrap()
            .contains("https://sp.example.com/meta")
    );
}

#[test]
fn paths_of_groups_are_as_tokens_have_them() {
    let escaped = of_age("escaped-slashes.json");
    assert_eq!(
        set(escaped.groups.as_ref()),
        ["/App", "/App/Org1~/T1", "/App/Org1~/T1/a~/b"]
    );
    let by_hand = of_age("by-hand.json");
    assert_eq!(set(by_hand.groups.as_ref()), ["/eng", "/eng/a/b"]);
    let same = names(
        r#"{"realm": "r", "groups": [{"name": "a", "subGroups": [{"name": "b"}]}, {"name": "a/b"}]}"#,
    )
    .unwrap();
    assert_eq!(set(same.groups.as_ref()), ["/a"]);
    assert!(same.ambiguous_groups.iter().eq(["/a/b"]));
}

#[test]
fn what_an_export_does_not_speak_of_is_unknown() {
    let silent = names(r#"{"realm": "r", "roles": null, "groups": null, "users": [{}]}"#).unwrap();
    assert!(silent.is_silent());
    let clients = names(r#"{"realm": "r", "clients": [{"clientId": "api"}]}"#).unwrap();
    assert!(clients.clients.unwrap().contains("api"));
    assert_eq!((clients.client_roles, clients.realm_roles), (None, None));
    let roles = names(r#"{"realm": "r", "roles": {"realm": []}}"#).unwrap();
    assert!(roles.realm_roles.is_some() && roles.client_roles.is_none());
    // Both clients and roles, and no word of client roles: there are none.
    let both = names(r#"{"realm": "r", "roles": {"realm": []}, "clients": [{"clientId": "api"}]}"#);
    assert!(both.unwrap().client_roles.unwrap()["api"].roles.is_empty());
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    refused(
        "{\"users\": [\n1],\n\"groups\": [{}]}",
        "$.realm: expected a string",
    );
    refused(
        "{\"realm\": \"r\", \"roles\": 3}",
        "$.roles: expected an object, found a number",
    );
    refused(
        "{\"realm\": \"r\", \"groups\": [{}]}",
        "$.groups[0].name: expected a string",
    );
    refused(
        "{\"realm\": \"r\", \"groups\": {}}",
        "$.groups: expected an array",
    );
    refused("{\"realm\": \"r\",\n \"users\": [}", "line 2 column 12");
    refused("", "it is empty");
    refused("7", "$: expected an object, found a number");
    refused("[]", "holds no realm");
    refused(
        "[{\"realm\": \"master\"}, 7]",
        "$[1]: expected an object, found a number",
    );
}

#[test]
fn the_realm_beside_master_is_meant_and_of_several_the_one_that_is_named() {
    let list = r#"[{"realm": "master"}, {"realm": "a"}]"#;
    assert_eq!(names(list).unwrap().realm, "a");
    assert_eq!(names(r#"[{"realm": "master"}]"#).unwrap().realm, "master");
    let several = r#"[{"realm": "a"}, {"realm": "master"}, {"realm": "b"}]"#;
    refused(several, "holds the realms `a`, `b`; choose one");
    let chosen = |text, name| {
        let document = Document::from_text(text, Some(name), Users::Skip)?;
        document.read(Names::view).map(|names| names.realm)
    };
    for name in ["a", "b", "master"] {
        assert_eq!(chosen(several, name).unwrap(), name);
    }
    let unknown = chosen(several, "c").unwrap_err().to_string();
    assert!(
        unknown.contains("no realm `c`; it has `a`, `master`, `b`"),
        "{unknown}"
    );
    let other = chosen(r#"{"realm": "a"}"#, "c").unwrap_err().to_string();
    assert!(other.contains("no realm `c`; it has `a`"), "{other}");
}

#[test]
fn a_location_is_a_path_and_perhaps_a_realm() {
    let folder = Folder::new("location");
    let file = folder.write("odd#name", "{\"realm\": \"r\"}");
    assert_eq!(Location::new(&file).path, file);
    let location = Location::new(&folder.0.join("odd#name#r"));
    assert_eq!(
        (location.path, location.realm.as_deref()),
        (file, Some("r"))
    );
    let absent = folder.0.join("a#b/c");
    assert_eq!(Location::new(&absent).path, absent);
    assert!(matches!(
        Location::new(&PathBuf::new()).load(Users::Skip),
        Err(ExportError::Unnamed)
    ));
    let missing = Location::new(&absent).load(Users::Skip).unwrap_err();
    assert!(missing.to_string().contains("cannot be read"), "{missing}");
}

#[test]
fn encodings_other_than_utf_8_are_told() {
    let folder = Folder::new("encodings");
    let read = |bytes: &[u8]| {
        let file = folder.write("realm.json", bytes);
        Location::new(&file).load(Users::Skip)?.read(Names::view)
    };
    let text = "{\"realm\": \"r\"}";
    let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<_>>();
    let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
    for bytes in [
        [&[0xff, 0xfe][..], &little].concat(),
        [&[0xfe, 0xff][..], &big].concat(),
        little,
        big,
    ] {
        let error = read(&bytes).unwrap_err().to_string();
        assert!(
            error.contains("UTF-16 text") && error.contains("UTF-8"),
            "{error}"
        );
    }
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    assert_eq!(read(&marked).unwrap().realm, "r");
}

#[test]
fn folders_are_read_with_the_users_of_the_realm_only() {
    let folder = Folder::new("folder");
    let users = |realm: &str, name: &str| {
        format!(r#"{{"realm": {realm:?}, "users": [{{"username": {name:?}}}]}}"#)
    };
    folder.write("r-users-0.json", users("r", "a"));
    let none = folder.users(None).unwrap_err();
    assert!(matches!(none, ExportError::NoRealm { .. }), "{none}");
    folder.write(
        "r-realm.json",
        r#"{"realm": "r", "users": [{"username": "own"}]}"#,
    );
    folder.write("r-users-1.json", users("r", "b"));
    folder.write("r-users-2.json", users("master", "root"));
    folder.write("r-users-x-users-0.json", users("r-users-x", "other"));
    folder.write("master-users-0.json", users("master", "root"));
    folder.write("master-realm.json", r#"{"realm": "master"}"#);
    assert_eq!(folder.users(None).unwrap(), ["own", "a", "b"]);
    folder.write("s-realm.json", r#"{"realm": "s"}"#);
    let several = folder.users(None).unwrap_err();
    assert!(
        several.to_string().contains("`r`, `s`; choose one"),
        "{several}"
    );
    assert_eq!(folder.users(Some("r")).unwrap(), ["own", "a", "b"]);
    assert_eq!(folder.users(Some("s")).unwrap(), [""; 0]);
    folder.write("s-users-0.json", "{");
    let broken = folder.users(Some("s")).unwrap_err().to_string();
    assert!(broken.contains("s-users-0.json"), "{broken}");
}
