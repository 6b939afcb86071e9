//! Attribute macros of `keycloak-runtime`.

mod config;
mod crate_path;
mod diag;
mod fallback;
mod handler;
mod inject;
mod names_checked;
mod nearest;
mod policy;
mod policy_macro;
mod protected;
mod public;
mod realm;
mod resolved;
mod rule;
mod spanned;
mod symbol;

/// Guards an axum handler, or every handler of an `impl` block, with a policy.
///
#[doc = include_str!("protected/reference.md")]
#[proc_macro_attribute]
pub fn protected(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    protected::expand(args.into(), &item.into()).into()
}

/// Declares an axum handler open to everybody.
///
#[doc = include_str!("public_reference.md")]
#[proc_macro_attribute]
pub fn public(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    public::expand(args.into(), &item.into()).into()
}

/// A policy as a constant expression of type `keycloak::Policy`.
///
#[doc = include_str!("policy_reference.md")]
#[proc_macro]
pub fn policy(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    policy_macro::expand(input.into()).into()
}

/// Fails the build where the names in policies are not checked against a realm export.
///
#[doc = include_str!("names_checked_reference.md")]
#[proc_macro]
pub fn names_checked(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    names_checked::expand(&input.into()).into()
}

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
