//! Attribute macros of `keycloak-runtime`.
#![allow(dead_code, reason = "helpers land before the attributes that use them")]

mod crate_path;
mod diag;
mod fallback;
mod nearest;
mod spanned;
