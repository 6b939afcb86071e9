//! One trusted issuer: what is asked of it, and what is kept of its answers.

pub(crate) mod client_auth;
pub(crate) mod discovery;
mod endpoint;
pub(crate) mod introspection;
pub(crate) mod signing_keys;
pub(crate) mod tokens;
mod unit;

pub(crate) use self::unit::Realm;
