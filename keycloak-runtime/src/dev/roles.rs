//! Which roles a user has, and which of them a token of one client may carry.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    export::model::{ClientModel, RealmModel, RoleId, UserModel},
    scopes::GrantedScopes,
};

/// Roles ready for a token: the realm's, and those of each client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TokenRoles {
    pub(crate) realm: BTreeSet<String>,
    pub(crate) clients: BTreeMap<String, BTreeSet<String>>,
}

impl TokenRoles {
    pub(crate) fn insert(&mut self, role: RoleId) {
        match role {
            RoleId::Realm(role) => {
                self.realm.insert(role);
            }
            RoleId::Client { client, role } => {
                self.clients.entry(client).or_default().insert(role);
            }
        }
    }

    pub(crate) fn remove(&mut self, role: &RoleId) -> bool {
        match role {
            RoleId::Realm(role) => self.realm.remove(role),
            RoleId::Client { client, role } => {
                let Some(roles) = self.clients.get_mut(client) else {
                    return false;
                };
                let removed = roles.remove(role);
                if roles.is_empty() {
                    self.clients.remove(client);
                }
                removed
            }
        }
    }
}

/// `roles` and everything that composite roles among them include, at any depth.
pub(crate) fn expand(
    model: &RealmModel,
    roles: impl IntoIterator<Item = RoleId>,
) -> BTreeSet<RoleId> {
    let mut all = BTreeSet::new();
    let mut open: Vec<RoleId> = roles.into_iter().collect();
    while let Some(role) = open.pop() {
        // Composites may form circles: each role is opened once.
        if let Some(members) = model.roles.get(&role)
            && !all.contains(&role)
        {
            open.extend(members.iter().cloned());
        }
        all.insert(role);
    }
    all
}

/// All roles of the user: assigned, from groups and their parents, included by composites.
pub(crate) fn effective(model: &RealmModel, user: &UserModel) -> BTreeSet<RoleId> {
    let mut direct = user.roles.clone();
    for path in &user.groups {
        let mut next = Some(path.as_str());
        while let Some(group) = next.and_then(|path| model.groups.get(path)) {
            direct.extend(group.roles.iter().cloned());
            next = group.parent.as_deref();
        }
    }
    expand(model, direct)
}

/// The user's roles as far as a token of `client` may carry them (`fullScopeAllowed`, scope
/// mappings of the client and of its granted client scopes).
pub(crate) fn for_token(
    model: &RealmModel,
    client: &ClientModel,
    user: &UserModel,
    scopes: &GrantedScopes,
) -> TokenRoles {
    let mut roles = effective(model, user);
    if !client.full_scope {
        let own = model.roles.keys().filter(
            |role| matches!(role, RoleId::Client { client: owner, .. } if *owner == client.client_id),
        );
        let mapped = scopes
            .names
            .iter()
            .filter_map(|name| model.scopes.get(name))
            .flat_map(|scope| &scope.scope_mappings);
        let allowed = own.chain(&client.scope_mappings).chain(mapped).cloned();
        let allowed = expand(model, allowed);
        roles.retain(|role| allowed.contains(role));
    }
    let mut out = TokenRoles::default();
    for role in roles {
        out.insert(role);
    }
    out
}
