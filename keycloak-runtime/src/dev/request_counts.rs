//! Counts requests per endpoint, for tests of caches and single flight.

use std::sync::atomic::{AtomicU64, Ordering};

/// An endpoint of the embedded realm, for
/// [`RunningRealm::request_count`](super::RunningRealm::request_count).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `.well-known/openid-configuration`.
    Discovery,
    /// The key set.
    Jwks,
    /// The token endpoint, all grants.
    Token,
    /// The authorization endpoint and the login page.
    Authorization,
    /// Userinfo.
    UserInfo,
    /// Token introspection.
    Introspection,
    /// Logout.
    Logout,
    /// Token revocation.
    Revocation,
}

impl Endpoint {
    /// By the path below `/realms/{realm}/`.
    pub(crate) fn of(path: &str) -> Option<Self> {
        Some(match path {
            ".well-known/openid-configuration" => Self::Discovery,
            "protocol/openid-connect/certs" => Self::Jwks,
            "protocol/openid-connect/token" => Self::Token,
            "protocol/openid-connect/auth" | "login-actions/authenticate" => Self::Authorization,
            "protocol/openid-connect/userinfo" => Self::UserInfo,
            "protocol/openid-connect/token/introspect" => Self::Introspection,
            "protocol/openid-connect/logout" => Self::Logout,
            "protocol/openid-connect/revoke" => Self::Revocation,
            _ => return None,
        })
    }
}

#[derive(Debug, Default)]
pub(crate) struct RequestCounts {
    discovery: AtomicU64,
    jwks: AtomicU64,
    token: AtomicU64,
    authorization: AtomicU64,
    user_info: AtomicU64,
    introspection: AtomicU64,
    logout: AtomicU64,
    revocation: AtomicU64,
}

impl RequestCounts {
    fn counter(&self, endpoint: Endpoint) -> &AtomicU64 {
        match endpoint {
            Endpoint::Discovery => &self.discovery,
            Endpoint::Jwks => &self.jwks,
            Endpoint::Token => &self.token,
            Endpoint::Authorization => &self.authorization,
            Endpoint::UserInfo => &self.user_info,
            Endpoint::Introspection => &self.introspection,
            Endpoint::Logout => &self.logout,
            Endpoint::Revocation => &self.revocation,
        }
    }

    pub(crate) fn count(&self, endpoint: Endpoint) {
        self.counter(endpoint).fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn get(&self, endpoint: Endpoint) -> u64 {
        self.counter(endpoint).load(Ordering::SeqCst)
    }
}
