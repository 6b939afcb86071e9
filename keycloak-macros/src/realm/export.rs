//! The parts of a realm export that name things. Users and everything else are skipped unread.
//!
//! Keycloak adds its own roles, clients and scopes to every realm, so an export written by hand
//! need not list them: they count as known.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::users;

/// The names of a realm. `None`: the export does not speak of this kind of name, so it is not
/// checked.
#[derive(Debug, Default, PartialEq)]
#[expect(clippy::struct_field_names, reason = "Keycloak's own words")]
pub(crate) struct Realm {
    pub(crate) realm_roles: Option<BTreeSet<String>>,
    pub(crate) client_roles: Option<BTreeMap<String, ClientRoles>>,
    /// Full paths, with their leading `/`.
    pub(crate) groups: Option<BTreeSet<String>>,
    pub(crate) scopes: Option<BTreeSet<String>>,
    /// Scopes that take a parameter: `name:anything`.
    pub(crate) dynamic_scopes: BTreeSet<String>,
}

/// The roles of one client.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ClientRoles {
    pub(crate) roles: BTreeSet<String>,
    /// One of Keycloak's own clients that the export does not list: its roles depend on the
    /// server's version.
    pub(crate) built_in: bool,
}

const BUILT_IN_REALM_ROLES: [&str; 2] = ["offline_access", "uma_authorization"];
const BUILT_IN_CLIENTS: [&str; 6] = [
    "account",
    "account-console",
    "admin-cli",
    "broker",
    "realm-management",
    "security-admin-console",
];
const BUILT_IN_SCOPES: [&str; 14] = [
    "openid",
    "acr",
    "address",
    "basic",
    "email",
    "microprofile-jwt",
    "offline_access",
    "organization",
    "phone",
    "profile",
    "roles",
    "service_account",
    "saml_organization",
    "web-origins",
];

/// What `kc.sh export` and the admin console write: one realm, or a list of realms.
#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    One(Box<RawRealm>),
    Many(Vec<RawRealm>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRealm {
    realm: Option<String>,
    roles: Option<RawRoles>,
    groups: Option<Vec<RawGroup>>,
    clients: Option<Vec<RawClient>>,
    client_scopes: Option<Vec<RawScope>>,
}

#[derive(Default, Deserialize)]
struct RawRoles {
    #[serde(default)]
    realm: Vec<RawRole>,
    #[serde(default)]
    client: BTreeMap<String, Vec<RawRole>>,
}

#[derive(Deserialize)]
struct RawRole {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawGroup {
    name: String,
    #[serde(default)]
    sub_groups: Vec<Self>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawClient {
    client_id: String,
}

#[derive(Deserialize)]
struct RawScope {
    name: String,
    #[serde(default)]
    attributes: BTreeMap<String, Option<String>>,
}

/// Reads an export.
///
/// # Errors
/// Says what is wrong, with line and column.
pub(crate) fn parse(bytes: &[u8]) -> Result<Realm, String> {
    let file = users::cut(bytes).and_then(|rest| read(&rest).ok());
    // What cannot be read without its users is read again with them, for line and column.
    let file = file.map_or_else(|| read(bytes), Ok);
    let realms = match file {
        Ok(File::One(realm)) => vec![*realm],
        Ok(File::Many(realms)) => realms,
        Err(error) => return Err(format!("it is no realm export ({error})")),
    };
    if realms.is_empty() {
        return Err("it holds no realm".to_owned());
    }
    let mut all = Realm::default();
    for realm in realms {
        add(realm, &mut all)?;
    }
    Ok(all)
}

fn read(bytes: &[u8]) -> serde_json::Result<File> {
    // `untagged` would lose line and column, so the outer shape is looked at first.
    let list = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    if list {
        serde_json::from_slice(bytes).map(File::Many)
    } else {
        serde_json::from_slice(bytes).map(|realm| File::One(Box::new(realm)))
    }
}

fn add(raw: RawRealm, all: &mut Realm) -> Result<(), String> {
    let RawRealm {
        realm,
        roles,
        groups,
        clients,
        client_scopes,
    } = raw;
    let Some(realm) = realm else {
        return Err(
            "it is no realm export (the member `realm`, the realm's name, is missing)".to_owned(),
        );
    };
    let listed = clients.is_some() || roles.is_some();
    if let Some(roles) = roles {
        let realm_roles = all.realm_roles.get_or_insert_default();
        realm_roles.extend(roles.realm.into_iter().map(|role| role.name));
        realm_roles.extend(BUILT_IN_REALM_ROLES.map(str::to_owned));
        realm_roles.insert(format!("default-roles-{}", realm.to_lowercase()));
        let clients = all.client_roles.get_or_insert_default();
        for (client, roles) in roles.client {
            let own = clients.entry(client).or_default();
            own.roles.extend(roles.into_iter().map(|role| role.name));
        }
    }
    if listed {
        let known = all.client_roles.get_or_insert_default();
        for client in clients.into_iter().flatten() {
            known.entry(client.client_id).or_default();
        }
        for client in BUILT_IN_CLIENTS {
            let own = known.entry(client.to_owned()).or_default();
            own.built_in = own.roles.is_empty();
        }
    }
    if let Some(groups) = groups {
        let paths = all.groups.get_or_insert_default();
        for group in groups {
            add_group(group, "", paths);
        }
    }
    if let Some(scopes) = client_scopes {
        let known = all.scopes.get_or_insert_default();
        known.extend(BUILT_IN_SCOPES.map(str::to_owned));
        for scope in scopes {
            let dynamic = scope.attributes.get("is.dynamic.scope");
            if dynamic.is_some_and(|value| value.as_deref() == Some("true")) {
                all.dynamic_scopes.insert(scope.name.clone());
            }
            known.insert(scope.name);
        }
    }
    Ok(())
}

/// Keycloak writes a `/` inside a group's name as `~/` in the group's path.
fn add_group(group: RawGroup, parent: &str, paths: &mut BTreeSet<String>) {
    let path = format!("{parent}/{}", group.name.replace('/', "~/"));
    for sub in group.sub_groups {
        add_group(sub, &path, paths);
    }
    paths.insert(path);
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = r#"{
        "realm": "Demo",
        "roles": {
            "realm": [{"name": "admin", "composite": true, "composites": {"realm": ["user"]}}],
            "client": {"api": [{"name": "reader"}], "account": [{"name": "view-profile"}]}
        },
        "groups": [{"name": "eng", "subGroups": [{"name": "a/b", "path": "/eng/a~/b"}]}],
        "clients": [{"clientId": "web", "secret": "s"}],
        "clientScopes": [
            {"name": "orders:read"},
            {"name": "tenant", "attributes": {"is.dynamic.scope": "true", "x": null}}
        ],
        "users": [{"username": "alice", "credentials": []}]
    }"#;

    #[test]
    fn reads_names() {
        let realm = parse(EXPORT.as_bytes()).unwrap();
        let roles = realm.realm_roles.unwrap();
        assert!(roles.contains("admin") && roles.contains("default-roles-demo"));
        let clients = realm.client_roles.unwrap();
        assert!(clients["api"].roles.contains("reader"));
        assert!(clients["web"].roles.is_empty() && !clients["web"].built_in);
        assert!(clients["realm-management"].built_in && !clients["account"].built_in);
        assert!(realm.groups.unwrap().iter().eq(["/eng", "/eng/a~/b"]));
        assert!(realm.scopes.unwrap().contains("orders:read"));
        assert!(realm.dynamic_scopes.contains("tenant"));
    }

    #[test]
    fn a_list_of_realms_is_their_union() {
        let two =
            format!(r#"[{EXPORT}, {{"realm": "x", "roles": {{"realm": [{{"name": "b"}}]}}}}]"#);
        let roles = parse(two.as_bytes()).unwrap().realm_roles.unwrap();
        assert!(roles.contains("admin") && roles.contains("b"));
    }

    #[test]
    fn what_is_not_exported_is_not_checked() {
        let realm = parse(br#"{"realm": "x"}"#).unwrap();
        assert_eq!(realm, Realm::default());
    }

    #[track_caller]
    fn refused(bytes: &str, expected: &str) {
        let error = parse(bytes.as_bytes()).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn says_what_is_wrong() {
        refused("{\"users\": [\n1],\n\"groups\": [{}]}", "line 3 column 13");
        refused("", "EOF");
        refused("[]", "no realm");
        refused("{}", "`realm`");
        refused("{\"realm\": \"x\", \"roles\": 3}", "line 1");
        refused("{\"realm\": \"x\", \"groups\": [{}]}", "`name`");
    }
}
