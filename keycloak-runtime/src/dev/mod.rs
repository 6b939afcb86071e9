//! The embedded realm: an in-process issuer that speaks like Keycloak, for development and tests.
//!
//! **Not for production.** It listens on `127.0.0.1` only and says so loudly at start; its login
//! page signs any persona in without a password.
//!
//! It is started from a realm export, the same file that a real Keycloak imports, and its tokens
//! carry the same authorization-relevant claims that Keycloak 26.7.3 would put into them.

mod clock;
mod endpoint;
mod export;
mod hits;
mod ids;
mod issuer;
mod keys;
mod mapper;
mod origins;
mod password;
mod persona;
mod realm;
mod request;
mod roles;
mod running;
mod scopes;
mod server;
mod session;
mod standing;

#[cfg(feature = "matrix")]
pub(crate) use self::keys::Header;
pub use self::{
    clock::RealmClock,
    export::{ExportError, ExportProblem, RealmSource},
    hits::Endpoint,
    keys::CryptoFailure,
    persona::Persona,
    realm::{Realm, StartError},
    request::{TokenError, TokenRequest, Tokens},
    running::RunningRealm,
};
pub(crate) use self::{
    export::model::{RealmModel, RoleId},
    roles::expand,
};
