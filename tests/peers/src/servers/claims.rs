//! The claims that a handler needs, for the libraries that leave their type to the application.

use serde::Deserialize;

use super::ROLE;

/// No more than the policy needs, which is the fastest for those who read them.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Claims {
    #[serde(default)]
    realm_access: RealmAccess,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct RealmAccess {
    #[serde(default)]
    roles: Vec<String>,
}

impl Claims {
    pub(super) fn is_admin(&self) -> bool {
        self.realm_access.roles.iter().any(|role| role == ROLE)
    }
}
