//! References between the parts of a realm: role mappings, composites, scope mappings.
//!
//! As in Keycloak's importer, a role that users, groups or scope mappings name and the file does not declare
//! comes into being (with a note, for it is usually a typing error); an unknown client, group or
//! member of a composite role is an error.

use keycloak_policy::export::{Node, parts};

use super::model::{RealmModel, RoleId};

/// The realm roles in the array `name`.
pub(super) fn realm_roles(node: &Node<'_>, name: &str, model: &mut RealmModel) -> Vec<RoleId> {
    node.texts(name)
        .into_iter()
        .map(|role| declared(RoleId::Realm(role), model))
        .collect()
}

/// The client roles in the object `name`: client id to array of role names.
pub(super) fn client_roles(node: &Node<'_>, name: &str, model: &mut RealmModel) -> Vec<RoleId> {
    let mut roles = Vec::new();
    for (client, names) in node.members(name) {
        if model.client(&client).is_none() {
            names.problem(format!(
                "expected the id of a client of the realm; no client is called `{client}`"
            ));
            continue;
        }
        for role in names.as_texts() {
            roles.push(declared(RoleId::client(&client, role), model));
        }
    }
    roles
}

fn declared(role: RoleId, model: &mut RealmModel) -> RoleId {
    if !model.roles.contains_key(&role) {
        model.note(format!(
            "{role} is assigned but not declared; it is created, as Keycloak does"
        ));
        model.roles.entry(role.clone()).or_default();
    }
    role
}

/// The second pass over the roles: owners exist, and so do the members of composites.
pub(super) fn composites(realm: &Node<'_>, model: &mut RealmModel) {
    for role in parts::realm_roles(realm).into_iter().flatten() {
        members(&role.node, &RoleId::Realm(role.name), model);
    }
    for (client, roles) in parts::client_roles(realm).into_iter().flatten() {
        if model.client(&client.name).is_none() {
            client.node.problem(format!(
                "expected the id of a client of the realm; no client is called `{}`",
                client.name
            ));
            continue;
        }
        for role in roles {
            let id = RoleId::client(&client.name, role.name);
            members(&role.node, &id, model);
        }
    }
}

fn members(role: &Node<'_>, id: &RoleId, model: &mut RealmModel) {
    let Some(composites) = role.get("composites") else {
        return;
    };
    let realm = composites
        .get("realm")
        .map(|names| (names.clone(), names.as_texts()))
        .into_iter()
        .flat_map(|(node, names)| {
            names
                .into_iter()
                .map(move |name| (node.clone(), RoleId::Realm(name)))
        });
    let client = composites
        .members("client")
        .into_iter()
        .flat_map(|(client, names)| {
            names
                .as_texts()
                .into_iter()
                .map(move |name| (names.clone(), RoleId::client(&client, name)))
        });
    for (node, member) in realm.chain(client).collect::<Vec<_>>() {
        if model.roles.contains_key(&member) {
            if let Some(members) = model.roles.get_mut(id) {
                members.insert(member);
            }
        } else {
            node.problem(format!(
                "expected declared roles; the realm has no {member}"
            ));
        }
    }
}

/// Which roles a client or client scope may pass on: `scopeMappings` and `clientScopeMappings`.
pub(super) fn scope_mappings(realm: &Node<'_>, model: &mut RealmModel) {
    for mapping in realm.objects("scopeMappings") {
        let roles = realm_roles(&mapping, "roles", model);
        add_scope_mapping(&mapping, roles, model);
    }
    for (owner, _) in realm.members("clientScopeMappings") {
        let mappings = realm
            .get("clientScopeMappings")
            .map_or_else(Vec::new, |all| all.objects(&owner));
        for mapping in mappings {
            if model.client(&owner).is_none() {
                mapping.problem(format!(
                    "expected a mapping of a client of the realm; no client is called `{owner}`"
                ));
                continue;
            }
            let roles = mapping
                .texts("roles")
                .into_iter()
                .map(|role| declared(RoleId::client(&owner, role), model))
                .collect();
            add_scope_mapping(&mapping, roles, model);
        }
    }
}

fn add_scope_mapping(mapping: &Node<'_>, roles: Vec<RoleId>, model: &mut RealmModel) {
    if let Some(client_id) = mapping.text("client") {
        match model.clients.iter_mut().find(|c| c.client_id == client_id) {
            Some(client) => client.scope_mappings.extend(roles),
            None => mapping.problem(format!(
                "expected the id of a client of the realm in `client`, found `{client_id}`"
            )),
        }
    } else if let Some(scope) = mapping.text("clientScope").or_else(|| {
        let template = mapping.text("clientTemplate")?;
        Some(parts::template_scope(&template))
    }) {
        match model.scopes.get_mut(&scope) {
            Some(scope) => scope.scope_mappings.extend(roles),
            // SAML scopes are not in the model, and neither are undeclared scopes.
            None => model.note(format!(
                "scope mapping of the unknown client scope `{scope}`"
            )),
        }
    } else {
        mapping.problem("expected `client` or `clientScope`");
    }
}
