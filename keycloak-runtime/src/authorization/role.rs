//! Roles: `realm_access.roles` and `resource_access["client"].roles`, compared exactly.
//!
//! Keycloak omits both claims for a caller without such roles, so absent means "none". A claim of
//! the wrong type proves nothing, neither that the caller has a role nor that he lacks it.

use super::outcomes::Truth;
use crate::{
    User,
    user::{Container, Names},
};

fn held(container: &Container<Names<'_>>, role: &str) -> Truth {
    match container {
        Container::Absent => Truth::False,
        Container::Malformed => Truth::Unknown,
        Container::Present(roles) => Truth::of(roles.contains(role)),
    }
}

/// A realm role.
pub(crate) fn realm(user: &User, role: &str) -> Truth {
    held(&user.realm_access(), role)
}

/// A role of the named client, or of our own client id.
pub(crate) fn client(user: &User, client: Option<&str>, role: &str) -> Truth {
    if user.resource_access_malformed() {
        return Truth::Unknown;
    }
    user.client_access(client.unwrap_or(&user.rules().client_id))
        .map_or(Truth::False, |roles| held(&roles, role))
}

/// A realm role or a role of our own client id; roles of other clients never count.
pub(crate) fn realm_or_own(user: &User, role: &str) -> Truth {
    let realm = realm(user, role);
    if realm == Truth::True {
        realm
    } else {
        realm.or(client(user, None, role))
    }
}
