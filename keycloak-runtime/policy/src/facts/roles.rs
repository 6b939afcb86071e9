//! Built-in roles.

use super::clients::MANAGEMENT;

/// The realm roles that every realm has, beside its default role.
pub const REALM: [&str; 2] = ["offline_access", "uma_authorization"];

/// A role of a built-in client, and the roles of the same client that it includes.
#[derive(Debug, Clone, Copy)]
pub struct ClientRole {
    /// The client's id.
    pub client: &'static str,
    /// The role's name.
    pub name: &'static str,
    /// The roles of the same client that it includes.
    pub includes: &'static [&'static str],
}

/// The roles of the built-in clients; [`ADMIN`] includes all others of its client.
pub const CLIENT: [ClientRole; 30] = [
    role("account", "delete-account", &[]),
    role("account", "manage-account", &["manage-account-links"]),
    role("account", "manage-account-links", &[]),
    role("account", "manage-consent", &["view-consent"]),
    role("account", "view-applications", &[]),
    role("account", "view-consent", &[]),
    role("account", "view-groups", &[]),
    role("account", "view-profile", &[]),
    role(MANAGEMENT, "create-client", &[]),
    role(MANAGEMENT, "impersonation", &[]),
    role(MANAGEMENT, "manage-authorization", &[]),
    role(MANAGEMENT, "manage-clients", &[]),
    role(MANAGEMENT, "manage-events", &[]),
    role(MANAGEMENT, "manage-identity-providers", &[]),
    role(MANAGEMENT, "manage-organizations", &[]),
    role(MANAGEMENT, "manage-realm", &[]),
    role(MANAGEMENT, "manage-users", &[]),
    role(MANAGEMENT, "query-clients", &[]),
    role(MANAGEMENT, "query-groups", &[]),
    role(MANAGEMENT, "query-organizations", &[]),
    role(MANAGEMENT, "query-realms", &[]),
    role(MANAGEMENT, "query-users", &[]),
    role(MANAGEMENT, "view-authorization", &[]),
    role(MANAGEMENT, "view-clients", &["query-clients"]),
    role(MANAGEMENT, "view-events", &[]),
    role(MANAGEMENT, "view-identity-providers", &[]),
    role(MANAGEMENT, "view-organizations", &["query-organizations"]),
    role(MANAGEMENT, "view-realm", &[]),
    role(MANAGEMENT, "view-users", &["query-groups", "query-users"]),
    role("broker", "read-token", &[]),
];

/// The role of [`MANAGEMENT`] that includes all others of it.
pub const ADMIN: &str = "realm-admin";

/// The roles of `account` that the default role includes.
pub const ACCOUNT_DEFAULT: [&str; 2] = ["manage-account", "view-profile"];

/// The name of the role that every user of `realm` has, unless the realm says otherwise.
#[must_use]
pub fn default_of(realm: &str) -> String {
    format!("default-roles-{}", realm.to_lowercase())
}

const fn role(
    client: &'static str,
    name: &'static str,
    includes: &'static [&'static str],
) -> ClientRole {
    ClientRole {
        client,
        name,
        includes,
    }
}
