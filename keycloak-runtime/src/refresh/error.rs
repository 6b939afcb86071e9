//! Why a refresh failed.

use crate::{Fault, discovery::DiscoveryError, http_client::HttpError};

/// The refresh token does not do, or Keycloak cannot be asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum RefreshError {
    // The caller's credential.
    #[error("the refresh token is not (or no longer) good")]
    InvalidGrant,
    #[error("Keycloak refused the refresh ({code})")]
    Refused { code: &'static str },
    // Our configuration.
    #[error("Keycloak does not accept our own client ({code})")]
    ClientRefused { code: &'static str },
    // The identity provider.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    #[error("the discovery document has no `token_endpoint`")]
    NoEndpoint,
    #[error("the token endpoint cannot be asked: {0}")]
    Http(#[from] HttpError),
    #[error("the token endpoint answered HTTP {0}")]
    Status(u16),
    #[error("the token endpoint's answer is not what RFC 6749 asks for")]
    NotAnAnswer,
    #[error("no answer within the deadline")]
    Deadline,
    #[error("too many refreshes wait, or closed")]
    CutOff,
}

impl RefreshError {
    /// How the caller is told.
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::InvalidGrant => Fault::InvalidGrant,
            Self::Refused { .. } => Fault::TokenRefreshFailed,
            Self::ClientRefused { code } => Fault::ClientCredentials(code),
            Self::Discovery(error) => error.fault(),
            Self::Http(error) => error.fault(),
            Self::NoEndpoint | Self::Status(_) | Self::NotAnAnswer => Fault::ProviderConfig,
            Self::Deadline | Self::CutOff => Fault::ProviderConnection,
        }
    }
}
