//! JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037): the realm's public signature keys.
//!
//! Invariant: a key that reaches [`VerificationKey`] is public, asymmetric, meant for signatures,
//! strong enough, and bound to exactly one algorithm. `x5c`, `x5t`, `x5u` are never read: trust
//! comes from where the set was fetched, and from nothing inside it.

mod error;
mod key;
mod material;
mod set;
#[cfg(test)]
mod tests;

pub(crate) use self::{
    error::{JwkSetError, KeyFault},
    key::{KeyFingerprint, VerificationKey, is_sane_kid},
    set::KeySet,
};
