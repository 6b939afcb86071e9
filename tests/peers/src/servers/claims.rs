//! The claims that a handler needs, for the libraries that leave their type to the application.
//!
//! No more than that, which is the fastest for those who read them.

use serde::Deserialize;

use super::ROLE;

/// For `/me`.
#[derive(Clone, Debug, Deserialize)]
#[expect(dead_code, reason = "read so that it must be there")]
pub(super) struct Subject {
    sub: String,
}

/// For `/admin`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Claims {
    #[expect(dead_code, reason = "read so that it must be there")]
    sub: String,
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
