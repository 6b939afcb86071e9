//! What Keycloak adds to a realm that it imports: built-in client scopes, clients and roles, the
//! default role, service accounts (all as of 26.7.3).

use std::collections::{BTreeMap, BTreeSet};

use keycloak_policy::{
    export::{Node, parts},
    facts,
};

use super::{
    builtin_scopes,
    model::{ClientModel, RealmModel, RoleId, UserModel},
    people,
};

/// Before the clients are read, whose scopes default to the realm's.
pub(super) fn scopes(realm: &Node<'_>, model: &mut RealmModel) {
    if realm.get("clientScopes").is_none() {
        for scope in facts::scopes::all() {
            builtin_scopes::add(scope, model);
        }
        let lists = [
            ("defaultDefaultClientScopes", &facts::scopes::DEFAULT[..]),
            ("defaultOptionalClientScopes", &facts::scopes::OPTIONAL[..]),
        ];
        for (name, names) in lists {
            if realm.get(name).is_some() {
                continue;
            }
            let names = names.iter().map(|&name| name.to_owned()).collect();
            if name == "defaultDefaultClientScopes" {
                model.default_scopes = names;
            } else {
                model.optional_scopes = names;
            }
        }
    }
}

/// After the clients are read.
pub(super) fn complete(realm: &Node<'_>, model: &mut RealmModel) {
    migrate(realm, model);
    note_missing_scopes(model);
    clients(model);
    roles(realm, model);
}

/// Until Keycloak 24 tokens had `sub` and `auth_time` by themselves; importing such an export
/// gives each client the scope `basic`, which puts them there since.
fn migrate(realm: &Node<'_>, model: &mut RealmModel) {
    let major = realm
        .text("keycloakVersion")
        .and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    if major.is_none_or(|major| major >= 25) || model.scopes.contains_key("basic") {
        return;
    }
    builtin_scopes::add("basic", model);
    model.default_scopes.push("basic".to_owned());
    for client in model.clients.iter_mut().filter(|client| client.openid) {
        if !client.default_scopes.iter().any(|scope| scope == "basic") {
            client.default_scopes.push("basic".to_owned());
        }
    }
}

/// A list in a hand-written file takes the place of all built-in scopes, which is seldom meant.
fn note_missing_scopes(model: &mut RealmModel) {
    let effects = [("basic", "`sub`"), ("roles", "roles")];
    let missing = effects
        .iter()
        .filter(|(scope, _)| !model.scopes.contains_key(*scope));
    let (scopes, claims): (Vec<_>, Vec<_>) = missing
        .map(|(scope, claim)| (format!("`{scope}`"), *claim))
        .unzip();
    if !scopes.is_empty() {
        model.note(format!(
            "the list `clientScopes` of the export takes the place of Keycloak's own scopes and \
             lacks {}, so that tokens have no {} unless a client's own mappers write them; leave \
             the list out, or add these scopes to it",
            scopes.join(" and "),
            claims.join(" and no ")
        ));
    }
}

fn clients(model: &mut RealmModel) {
    for client_id in facts::clients::ALL {
        if model.client(client_id).is_some() {
            continue;
        }
        let public = !matches!(client_id, "broker" | "realm-management");
        let lightweight = matches!(client_id, "admin-cli" | "security-admin-console");
        let attributes = if lightweight {
            let name = "client.use.lightweight.access.token.enabled";
            BTreeMap::from([(name.to_owned(), "true".to_owned())])
        } else {
            BTreeMap::new()
        };
        model.clients.push(ClientModel {
            client_id: client_id.to_owned(),
            name: None,
            secret: None,
            enabled: true,
            public,
            bearer_only: !public,
            // Consoles that are not here to be signed in to.
            standard_flow: false,
            direct_access: client_id == "admin-cli",
            service_account: false,
            full_scope: lightweight,
            openid: true,
            builtin: true,
            redirect_uris: Vec::new(),
            web_origins: Vec::new(),
            attributes,
            mappers: Vec::new(),
            default_scopes: model.default_scopes.clone(),
            optional_scopes: model.optional_scopes.clone(),
            scope_mappings: Vec::new(),
            signature_algorithm: None,
        });
    }
}

fn roles(realm: &Node<'_>, model: &mut RealmModel) {
    let management = facts::clients::MANAGEMENT;
    let mut admin = BTreeSet::new();
    for role in facts::roles::CLIENT {
        let id = RoleId::client(role.client, role.name);
        if role.client == management {
            admin.insert(id.clone());
        }
        let members = role.includes.iter();
        let members = members.map(|name| RoleId::client(role.client, *name));
        add_role(id, members.collect(), model);
    }
    add_role(
        RoleId::client(management, facts::roles::ADMIN),
        admin,
        model,
    );
    for role in facts::roles::REALM {
        add_role(RoleId::realm(role), BTreeSet::new(), model);
    }
    default_role(realm, model);
    let offline = RoleId::realm("offline_access");
    if let Some(scope) = model.scopes.get_mut("offline_access")
        && !scope.scope_mappings.contains(&offline)
    {
        scope.scope_mappings.push(offline);
    }
}

/// Roles of the export stay as they are.
fn add_role(role: RoleId, members: BTreeSet<RoleId>, model: &mut RealmModel) {
    model.roles.entry(role).or_insert(members);
}

fn default_role(realm: &Node<'_>, model: &mut RealmModel) {
    model.default_role = RoleId::Realm(parts::default_role(realm, &model.name));
    let built_in = facts::roles::REALM.map(RoleId::realm).into_iter();
    let account = facts::roles::ACCOUNT_DEFAULT.map(|role| RoleId::client("account", role));
    let mut members: BTreeSet<RoleId> = built_in.chain(account).collect();
    let listed = parts::default_realm_roles(realm);
    let mut listed: Vec<RoleId> = listed.into_iter().map(RoleId::Realm).collect();
    for client in parts::clients(realm).into_iter().flatten() {
        let roles = parts::default_client_roles(realm, &client.node);
        let roles = roles
            .into_iter()
            .map(|role| RoleId::client(&client.name, role));
        listed.extend(roles);
    }
    for role in listed {
        add_role(role.clone(), BTreeSet::new(), model);
        members.insert(role);
    }
    add_role(model.default_role.clone(), members, model);
}

/// Service accounts that the export does not list get a user with the default role, and their
/// client the scope that describes it, where the realm has that.
pub(super) fn service_accounts(model: &mut RealmModel) {
    let without: Vec<_> = model
        .clients
        .iter()
        .filter(|client| client.service_account && client.openid)
        .map(|client| client.client_id.clone())
        .filter(|client_id| model.service_account(client_id).is_none())
        .collect();
    for client_id in without {
        let described = model.scopes.contains_key("service_account");
        for client in &mut model.clients {
            let known = |scope: &String| scope == "service_account";
            if described
                && client.client_id == client_id
                && !client.default_scopes.iter().any(known)
            {
                client.default_scopes.push("service_account".to_owned());
            }
        }
        let username = facts::clients::service_account(&client_id);
        model.users.push(UserModel {
            id: people::stable_id(&["user", &model.name, &username]),
            username,
            enabled: true,
            roles: vec![model.default_role.clone()],
            groups: model.default_groups.clone(),
            service_account_of: Some(client_id),
            ..UserModel::default()
        });
    }
}
