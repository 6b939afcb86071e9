//! Token introspection (RFC 7662): Keycloak is asked whether a token is active.
//!
//! Invariants: only the boolean `active: true` is a yes; the claims of the answer are checked as
//! those of a token; there is a deadline and a bound on calls at once; the same token is asked
//! about once at a time.

mod client;
mod error;
mod known_tokens;
mod refusals;
mod response;

pub(crate) use self::{
    client::{Introspection, Proof},
    error::IntrospectionError,
};
