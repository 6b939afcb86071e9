//! OpenID Connect Discovery: where Keycloak's endpoints are.
//!
//! Invariant: a document is used only when its issuer is one that the settings accept
//! (section 4.3) and its endpoints are on hosts that the settings name, so whoever can answer in
//! Keycloak's place cannot point us elsewhere.

mod endpoints;
mod error;
mod metadata;
mod store;

pub use self::metadata::ProviderMetadata;
#[cfg(any(test, feature = "__fuzz"))]
pub(crate) use self::store::read_document;
pub(crate) use self::{
    endpoints::Endpoints,
    error::DiscoveryError,
    store::{Discovery, document_url},
};
