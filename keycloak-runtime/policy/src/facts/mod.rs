//! What Keycloak gives to every realm, as of 26.7.3.

pub mod clients;
pub mod roles;
pub mod scopes;
