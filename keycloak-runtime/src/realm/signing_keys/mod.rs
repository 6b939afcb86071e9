//! The realm's keys, kept and refreshed.
//!
//! Invariants: reading takes no lock; keys come from one attempt at a time; a failed attempt, an
//! empty or unreadable set never replaces good keys; tokens with unknown `kid`s cause a bounded
//! number of fetches, whatever their number.

mod error;
mod keys;
mod store;

pub(crate) use self::{
    error::JwksError,
    keys::Keys,
    store::{FetchKeys, Jwks},
};
