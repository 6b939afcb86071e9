//! The names of a realm, for those who check names.
//!
//! Keycloak adds its own roles, clients and scopes to every realm, so an export written by hand
//! need not list them: they count as known.

use std::collections::{BTreeMap, BTreeSet};

use super::{Node, parts};
use crate::facts;

/// The names of a realm. `None`: the export does not speak of this kind of name, so there is
/// nothing to compare with.
///
/// Roles that only an assignment names (to a user, say) are not among them: Keycloak's importer
/// makes them, but usually they are misspelt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The realm's name.
    pub realm: String,
    /// The realm roles.
    pub realm_roles: Option<BTreeSet<String>>,
    /// The ids of all clients.
    pub clients: Option<BTreeSet<String>>,
    /// The roles of each client that has some, and of those that are known to have none.
    pub client_roles: Option<BTreeMap<String, ClientRoles>>,
    /// The groups' paths, as tokens have them, each of one group.
    pub groups: Option<BTreeSet<String>>,
    /// Paths that two groups have: nothing in a token tells them apart.
    pub ambiguous_groups: BTreeSet<String>,
    /// The scopes that a token can have.
    pub scopes: Option<BTreeSet<String>>,
    /// Scopes that take a parameter: `name:anything`.
    pub dynamic_scopes: BTreeSet<String>,
}

/// The roles of one client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientRoles {
    /// Their names.
    pub roles: BTreeSet<String>,
    /// One of Keycloak's own clients that the export lists no roles of: which it has depends on
    /// the server's version.
    pub built_in: bool,
}

impl Names {
    /// The names of the realm in `realm`; for [`Document::read`](super::Document::read).
    #[must_use]
    pub fn view(realm: &Node<'_>) -> Option<Self> {
        let name = realm.required_name("realm")?;
        let mut all = Self {
            realm: name,
            ..Self::default()
        };
        all.add_realm_roles(realm);
        all.add_clients(realm);
        all.add_groups(realm);
        all.add_scopes(realm);
        Some(all)
    }

    /// Whether the export speaks of nothing that could be compared.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.realm_roles.is_none()
            && self.clients.is_none()
            && self.client_roles.is_none()
            && self.groups.is_none()
            && self.scopes.is_none()
    }

    fn add_realm_roles(&mut self, realm: &Node<'_>) {
        let Some(roles) = parts::realm_roles(realm) else {
            return;
        };
        let mut names: BTreeSet<String> = roles.into_iter().map(|role| role.name).collect();
        names.extend(facts::roles::REALM.map(str::to_owned));
        names.insert(parts::default_role(realm, &self.realm));
        names.extend(parts::default_realm_roles(realm));
        self.realm_roles = Some(names);
    }

    fn add_clients(&mut self, realm: &Node<'_>) {
        let clients = parts::clients(realm);
        let roles = parts::client_roles(realm);
        // With clients and roles but no word of client roles, there are none. An export without
        // roles, or without clients, is a partial one.
        if roles.is_some() || (clients.is_some() && realm.get("roles").is_some()) {
            let known = self.client_roles.get_or_insert_default();
            for (client, roles) in roles.into_iter().flatten() {
                let own = known.entry(client.name).or_default();
                own.roles.extend(roles.into_iter().map(|role| role.name));
            }
            for client in clients.iter().flatten() {
                let own = known.entry(client.name.clone()).or_default();
                let roles = parts::default_client_roles(realm, &client.node);
                own.roles.extend(roles);
            }
            for client in facts::clients::ALL {
                let own = known.entry(client.to_owned()).or_default();
                own.built_in = own.roles.is_empty();
            }
        }
        if let Some(clients) = clients {
            let mut names: BTreeSet<String> =
                clients.into_iter().map(|client| client.name).collect();
            names.extend(facts::clients::ALL.map(str::to_owned));
            self.clients = Some(names);
        }
    }

    fn add_groups(&mut self, realm: &Node<'_>) {
        let Some(groups) = parts::groups(realm) else {
            return;
        };
        let mut paths = BTreeSet::new();
        for group in groups {
            if !paths.insert(group.path.clone()) {
                self.ambiguous_groups.insert(group.path);
            }
        }
        paths.retain(|path| !self.ambiguous_groups.contains(path));
        self.groups = Some(paths);
    }

    fn add_scopes(&mut self, realm: &Node<'_>) {
        let Some(scopes) = parts::client_scopes(realm) else {
            return;
        };
        let mut names: BTreeSet<String> = facts::scopes::all().map(str::to_owned).collect();
        names.insert(facts::scopes::OPENID.to_owned());
        for scope in scopes {
            if scope.dynamic {
                self.dynamic_scopes.insert(scope.name.clone());
            }
            names.insert(scope.name);
        }
        self.scopes = Some(names);
    }
}
