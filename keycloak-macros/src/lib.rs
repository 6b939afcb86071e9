//! Attribute macros of `keycloak-runtime`.
