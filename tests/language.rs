//! What the compiler says: right and wrong uses of the macros, policies against a realm export, services
//! that are not in this workspace, the README.

/// The crate under another name, for the right uses that call it so.
extern crate keycloak as kc;

mod outside;
mod readme;
mod realm;
pub mod ui;
