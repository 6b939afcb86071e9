//! Roles: `realm_access.roles` and `resource_access["client"].roles`, compared exactly.
//!
//! Keycloak omits both claims for a caller without such roles, exactly as it does where the client
//! leaves them out. A claim of the wrong type proves nothing, neither that the caller has a role
//! nor that they lack it.

use super::evidence::Evidence;
use crate::caller::{Container, Names, User};

fn held(container: &Container<Names<'_>>, role: &str) -> Evidence {
    match container {
        Container::Absent => Evidence::NotShown,
        Container::Malformed => Evidence::Unreadable,
        Container::Present(roles) => Evidence::of(roles.contains(role)),
    }
}

/// A realm role.
pub(crate) fn realm(user: &User, role: &str) -> Evidence {
    held(&user.realm_access(), role)
}

/// A role of the named client, or of our own client id.
pub(crate) fn client(user: &User, client: Option<&str>, role: &str) -> Evidence {
    if user.resource_access_malformed() {
        return Evidence::Unreadable;
    }
    user.client_access(client.unwrap_or(&user.rules().client_id))
        .map_or(Evidence::NotShown, |roles| held(&roles, role))
}

/// A realm role or a role of our own client id; roles of other clients never count.
pub(crate) fn realm_or_own(user: &User, role: &str) -> Evidence {
    let realm = realm(user, role);
    if realm == Evidence::Shown {
        return realm;
    }
    let own = client(user, None, role);
    if own == Evidence::NotShown {
        realm
    } else {
        own
    }
}
