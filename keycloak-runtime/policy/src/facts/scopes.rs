//! Built-in client scopes of OpenID Connect. The SAML ones (`role_list`, `saml_organization`) are
//! not here: no token carries them.

/// What asks for an ID token; no client scope, and part of every realm.
pub const OPENID: &str = "openid";

/// The scopes that every client of a new realm has.
pub const DEFAULT: [&str; 6] = ["basic", "profile", "email", "roles", "web-origins", "acr"];

/// The scopes that every client of a new realm may ask for.
pub const OPTIONAL: [&str; 5] = [
    "offline_access",
    "address",
    "phone",
    "microprofile-jwt",
    "organization",
];

/// The scope of clients with a service account.
pub const SERVICE_ACCOUNT: &str = "service_account";

/// Scopes without a word in the claim `scope`.
pub const SILENT: [&str; 5] = ["basic", "roles", "web-origins", "acr", SERVICE_ACCOUNT];

/// Every built-in client scope.
pub fn all() -> impl Iterator<Item = &'static str> {
    DEFAULT.into_iter().chain(OPTIONAL).chain([SERVICE_ACCOUNT])
}
