//! Attribute macros of `keycloak-runtime`.
#![allow(dead_code, reason = "helpers land before the attributes that use them")]

mod config;
mod crate_path;
mod diag;
mod fallback;
mod nearest;
mod spanned;

/// Reads a struct of settings from environment variables.
///
#[doc = include_str!("config/reference.md")]
#[proc_macro_attribute]
pub fn config(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    config::expand(args.into(), item.into()).into()
}
