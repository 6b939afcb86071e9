//! Built-in clients.

/// The clients that every realm has.
pub const ALL: [&str; 6] = [
    "account",
    "account-console",
    "admin-cli",
    "broker",
    MANAGEMENT,
    "security-admin-console",
];

/// The client whose roles are those of the realm's administrators.
pub const MANAGEMENT: &str = "realm-management";

/// Whether Keycloak itself made the client.
#[must_use]
pub fn is_built_in(client_id: &str) -> bool {
    ALL.contains(&client_id)
}
