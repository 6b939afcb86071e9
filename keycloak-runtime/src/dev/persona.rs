//! The people of a realm, for login pages, tests and access matrices.

use super::{
    export::model::{RealmModel, RoleId, UserModel},
    roles,
};

/// A user of the embedded realm who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Persona {
    /// The name to sign in with, in lower case as Keycloak keeps it.
    pub username: String,
    /// First and last name, as far as known.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether the account is enabled and complete, so that it can have tokens.
    pub usable: bool,
    /// Realm roles, those from groups and composite roles included, sorted.
    pub realm_roles: Vec<String>,
    /// Client roles as (client id, role), likewise.
    pub client_roles: Vec<(String, String)>,
    /// Paths of groups, such as `/eng/backend`.
    pub groups: Vec<String>,
}

pub(crate) fn all(model: &RealmModel) -> Vec<Persona> {
    model
        .users
        .iter()
        .filter(|user| user.service_account_of.is_none())
        .map(|user| persona(model, user))
        .collect()
}

fn persona(model: &RealmModel, user: &UserModel) -> Persona {
    let mut realm_roles = Vec::new();
    let mut client_roles = Vec::new();
    for role in roles::effective(model, user) {
        match role {
            RoleId::Realm(role) => realm_roles.push(role),
            RoleId::Client { client, role } => client_roles.push((client, role)),
        }
    }
    let names: Vec<_> = [&user.first_name, &user.last_name]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    Persona {
        username: user.username.clone(),
        name: (!names.is_empty()).then(|| names.join(" ")),
        email: user.email.clone(),
        usable: user.enabled && model.is_set_up(user),
        realm_roles,
        client_roles,
        groups: user.groups.clone(),
    }
}
