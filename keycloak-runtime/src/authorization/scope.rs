//! Scope-tokens of the `scope` claim (RFC 6749 section 3.3), compared exactly.

use super::outcomes::Truth;
use crate::{User, user::Container};

/// Whether `scope` was granted. Keycloak always writes the claim, so absent proves nothing.
pub(crate) fn granted(user: &User, scope: &str) -> Truth {
    match user.scope_access() {
        Container::Absent | Container::Malformed => Truth::Unknown,
        Container::Present(scopes) => Truth::of(scopes.contains(scope)),
    }
}
