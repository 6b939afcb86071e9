//! Scope-tokens of the `scope` claim (RFC 6749 section 3.3), compared exactly.

use super::evidence::Evidence;
use crate::caller::{Container, User};

/// Whether `scope` was granted. A client requests scopes as it likes, so that one which is not
/// there says nothing about the caller; Keycloak always writes the claim, so absent proves nothing.
pub(crate) fn granted(user: &User, scope: &str) -> Evidence {
    match user.scope_access() {
        Container::Absent | Container::Malformed => Evidence::Unreadable,
        Container::Present(scopes) if scopes.contains(scope) => Evidence::Shown,
        Container::Present(_) => Evidence::NotRequested,
    }
}
