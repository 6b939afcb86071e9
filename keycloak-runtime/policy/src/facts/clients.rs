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

/// What the usernames of service accounts begin with; the client id follows, in lower case.
pub const SERVICE_ACCOUNT: &str = "service-account-";

/// The username of the service account of this client.
#[must_use]
pub fn service_account(client_id: &str) -> String {
    format!("{SERVICE_ACCOUNT}{}", client_id.to_lowercase())
}

/// Whether Keycloak itself made the client.
#[must_use]
pub fn is_built_in(client_id: &str) -> bool {
    ALL.contains(&client_id)
}
