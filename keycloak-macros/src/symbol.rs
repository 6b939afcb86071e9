//! Every word of the policy language, so that a name is spelt in one place.

pub(crate) const ROLES: &str = "roles";
pub(crate) const REALM_ROLES: &str = "realm_roles";
pub(crate) const CLIENT_ROLES: &str = "client_roles";
pub(crate) const GROUPS: &str = "groups";
pub(crate) const SCOPES: &str = "scopes";
pub(crate) const CLAIM: &str = "claim";
pub(crate) const POLICY: &str = "policy";
pub(crate) const CHECK: &str = "check";
pub(crate) const REQUIRE: &str = "require";
pub(crate) const ANY: &str = "any";
pub(crate) const ALL: &str = "all";
pub(crate) const NONE: &str = "none";
pub(crate) const NOT: &str = "not";
pub(crate) const OPTIONAL: &str = "optional";
pub(crate) const REALM_EXPORT: &str = "realm_export";
pub(crate) const CRATE: &str = "crate";

/// The keys of the language, as an error lists them.
pub(crate) const KEYS: [&str; 15] = [
    ROLES,
    REALM_ROLES,
    CLIENT_ROLES,
    GROUPS,
    SCOPES,
    CLAIM,
    POLICY,
    CHECK,
    REQUIRE,
    ANY,
    ALL,
    NOT,
    OPTIONAL,
    REALM_EXPORT,
    CRATE,
];
