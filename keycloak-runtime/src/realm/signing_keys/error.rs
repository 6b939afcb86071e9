//! Why there is no key for a token.

use crate::{
    base::fault::Fault,
    jose::jwk::JwkSetError,
    realm::discovery::DiscoveryError,
    transport::{http_client::HttpError, refresher::NotMade},
};

/// The keys are not available. The identity provider or our settings are to blame; callers are told
/// 503.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum JwksError {
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    #[error("the discovery document has no `jwks_uri`")]
    NoJwksUri,
    #[error("the keys cannot be fetched: {0}")]
    Http(#[from] HttpError),
    #[error("the keys cannot be used: {0}")]
    Set(#[from] JwkSetError),
    #[error("the fetch of the keys takes too long")]
    Pending,
    #[error(transparent)]
    NotMade(#[from] NotMade),
}

impl JwksError {
    /// How the caller is told.
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::Discovery(error) => error.fault(),
            Self::Http(error) => error.fault(),
            Self::NoJwksUri | Self::Set(_) => Fault::ProviderConfig,
            Self::Pending | Self::NotMade(_) => Fault::ProviderConnection,
        }
    }
}
