//! The caller after all checks: what handlers and policies see.

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};

/// The verified caller.
///
/// Cheap to clone: all clones share one allocation. There is no way to make one but a verified
/// token (and, with feature `test-util`, [`keycloak::testing`](crate)).
#[derive(Clone)]
pub struct User {
    inner: Arc<Inner>,
}

struct Inner {
    claims: Map<String, Value>,
    rules: Arc<ClaimRules>,
}

/// How one `Keycloak` reads claims: fixed at `build()`, shared by all of its users.
#[derive(Debug, Clone)]
pub(crate) struct ClaimRules {
    /// Our own client id: `roles` means realm roles or the roles of this client.
    pub(crate) client_id: String,
    /// Where the groups are; `groups` unless configured.
    pub(crate) groups_claim: String,
    /// Whether the settings declare the group mapper, so that an absent claim means "no group".
    pub(crate) groups_declared: bool,
    /// Whether groups without a leading `/` count (mapper without full path).
    pub(crate) name_only_groups: bool,
}

impl User {
    /// From the claims of a verified token (or an introspection answer); `sub` is checked before.
    pub(crate) fn from_claims(claims: Map<String, Value>, rules: &Arc<ClaimRules>) -> Self {
        Self {
            inner: Arc::new(Inner {
                claims,
                rules: Arc::clone(rules),
            }),
        }
    }

    /// The claims as Keycloak sent them.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.inner.claims
    }

    pub(crate) fn rules(&self) -> &ClaimRules {
        &self.inner.rules
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").finish_non_exhaustive()
    }
}
