//! How Keycloak of all ages writes roles, groups, client scopes and clients: what every view of an
//! export has to agree on.
//!
//! `None` is what the export does not speak of, as partial exports do not.

use super::Node;
use crate::{facts, grammar::group_path};

/// A role, group, client or scope, and where it is in the export.
#[derive(Debug, Clone)]
pub struct Named<'a> {
    /// The name.
    pub name: String,
    /// The place.
    pub node: Node<'a>,
}

fn named<'a>(nodes: Vec<Node<'a>>, member: &str) -> Vec<Named<'a>> {
    nodes
        .into_iter()
        .filter_map(|node| {
            let name = node.required_name(member)?;
            Some(Named { name, node })
        })
        .collect()
}

/// The realm roles: `roles.realm`.
#[must_use]
pub fn realm_roles<'a>(realm: &Node<'a>) -> Option<Vec<Named<'a>>> {
    let roles = realm.get("roles")?;
    roles.get("realm")?;
    Some(named(roles.objects("realm"), "name"))
}

/// The roles of each client, by client id: `roles.client`.
#[must_use]
pub fn client_roles<'a>(realm: &Node<'a>) -> Option<Vec<(Named<'a>, Vec<Named<'a>>)>> {
    let all = realm.get("roles")?.get("client")?;
    let of_client = |(name, node): (String, Node<'a>)| {
        let roles = named(all.objects(&name), "name");
        (Named { name, node }, roles)
    };
    let clients = realm.get("roles")?.members("client");
    Some(clients.into_iter().map(of_client).collect())
}

/// The name of the role that every user has.
#[must_use]
pub fn default_role(realm: &Node<'_>, name: &str) -> String {
    realm
        .get("defaultRole")
        .and_then(|role| role.text("name"))
        .unwrap_or_else(|| facts::roles::default_of(name))
}

/// The realm roles that every user has, by exports before Keycloak 13; later ones have one default
/// role, and beside that the list does not count. The roles need not be declared.
#[must_use]
pub fn default_realm_roles(realm: &Node<'_>) -> Vec<String> {
    old_default_roles(realm, realm)
}

/// As [`default_realm_roles`], the roles of one client.
#[must_use]
pub fn default_client_roles(realm: &Node<'_>, client: &Node<'_>) -> Vec<String> {
    old_default_roles(realm, client)
}

fn old_default_roles(realm: &Node<'_>, owner: &Node<'_>) -> Vec<String> {
    if realm.get("defaultRole").is_some() {
        return Vec::new();
    }
    let roles = owner.texts("defaultRoles");
    roles.iter().map(|role| role.trim().to_owned()).collect()
}

/// The clients.
#[must_use]
pub fn clients<'a>(realm: &Node<'a>) -> Option<Vec<Named<'a>>> {
    realm.get("clients")?;
    Some(named(realm.objects("clients"), "clientId"))
}

/// A client scope.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The name.
    pub name: String,
    /// Whether it takes a parameter: `name:anything`.
    pub dynamic: bool,
    /// The place.
    pub node: Node<'a>,
}

/// The client scopes of OpenID Connect: those of SAML are in no token. Before Keycloak 4 they were
/// called client templates, and might have spaces in their names.
#[must_use]
pub fn client_scopes<'a>(realm: &Node<'a>) -> Option<Vec<Scope<'a>>> {
    let scopes = realm.get("clientScopes");
    let templates = realm.get("clientTemplates");
    if scopes.is_none() && templates.is_none() {
        return None;
    }
    let mut all = openid_scopes(realm, "clientScopes");
    for mut template in openid_scopes(realm, "clientTemplates") {
        template.name = template_scope(&template.name);
        all.push(template);
    }
    Some(all)
}

fn openid_scopes<'a>(realm: &Node<'a>, list: &str) -> Vec<Scope<'a>> {
    let mut nodes = realm.objects(list);
    nodes.retain(is_openid);
    let scopes = named(nodes, "name").into_iter();
    scopes
        .map(|Named { name, node }| Scope {
            name,
            dynamic: is_dynamic(&node),
            node,
        })
        .collect()
}

fn is_dynamic(scope: &Node<'_>) -> bool {
    let attributes = scope.get("attributes");
    attributes
        .and_then(|all| all.text("is.dynamic.scope"))
        .as_deref()
        == Some("true")
}

/// The scope that a client template became.
#[must_use]
pub fn template_scope(template: &str) -> String {
    template.replace(char::is_whitespace, "_")
}

/// Whether a client, client scope or mapper is of OpenID Connect.
#[must_use]
pub fn is_openid(node: &Node<'_>) -> bool {
    node.text("protocol")
        .is_none_or(|protocol| protocol == "openid-connect")
}

/// A group.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// The name, which may have slashes.
    pub name: String,
    /// The path as tokens have it.
    pub path: String,
    /// The path of the group above.
    pub parent: Option<String>,
    /// Whether the export has another path than one that Keycloak makes of the names.
    pub odd_path: bool,
    /// The place.
    pub node: Node<'a>,
}

/// All groups, each before those below it.
///
/// A path comes from the export, because a server's setting (`escape-slashes-in-group-path`)
/// decides whether `/` in a name is written as it is or as `~/`, in exports and in tokens alike.
/// Where there is none, it is made of the names, in the way that the other paths show, and without
/// any as servers do by default: as it is.
#[must_use]
pub fn groups<'a>(realm: &Node<'a>) -> Option<Vec<Group<'a>>> {
    realm.get("groups")?;
    let top = realm.objects("groups");
    let escape = top.iter().any(shows_escapes);
    let mut found = Vec::new();
    for group in top {
        add_group(group, None, escape, &mut found);
    }
    Some(found)
}

fn shows_escapes(group: &Node<'_>) -> bool {
    let escaped = match (group.text("name"), group.text("path")) {
        (Some(name), Some(path)) => {
            name.contains('/') && path.ends_with(&format!("/{}", group_path::escaped(&name)))
        }
        _ => false,
    };
    escaped || group.objects("subGroups").iter().any(shows_escapes)
}

/// As deep as `serde_json` lets a document nest.
fn add_group<'a>(node: Node<'a>, parent: Option<&str>, escape: bool, found: &mut Vec<Group<'a>>) {
    let Some(name) = node.required_name("name") else {
        return;
    };
    let above = parent.unwrap_or_default();
    let plain = format!("{above}/{name}");
    let escaped = format!("{above}/{}", group_path::escaped(&name));
    let given = node.text("path").filter(|path| path.starts_with('/'));
    let odd_path = given
        .as_ref()
        .is_some_and(|path| *path != plain && *path != escaped);
    let path = given.unwrap_or(if escape { escaped } else { plain });
    let below = node.objects("subGroups");
    found.push(Group {
        name,
        path: path.clone(),
        parent: parent.map(str::to_owned),
        odd_path,
        node,
    });
    for group in below {
        add_group(group, Some(&path), escape, found);
    }
}
