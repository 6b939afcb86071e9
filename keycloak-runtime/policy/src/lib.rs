//! What `keycloak-macros` knows at compile time and `keycloak-runtime` at run time, in one text.
//!
//! An internal crate of the two, pinned to their exact version: its interface changes without
//! notice. It depends on next to nothing, because every user of the macros compiles it.
//!
//! - [`export`]: realm exports, from a file, a folder or text, of all ages of Keycloak.
//! - [`facts`]: what Keycloak gives to every realm.
//! - [`grammar`]: scope-tokens, group paths and claim paths.
//! - [`logic`]: whether formulas over the questions of a policy can hold together.
//! - [`vocabulary`]: the terms that ask something of a token, one row for each.

pub mod export;
pub mod facts;
pub mod grammar;
pub mod logic;
pub mod vocabulary;
