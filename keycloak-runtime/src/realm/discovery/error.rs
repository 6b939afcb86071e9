//! Why discovery gave nothing that can be used. The identity provider or our settings are to
//! blame; callers are told 503.

use crate::{
    base::fault::Fault,
    base::foreign::Foreign,
    transport::{http_client::HttpError, refresher::NotMade},
};

/// The discovery document is not available, or cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum DiscoveryError {
    #[error("the discovery document cannot be fetched: {0}")]
    Http(#[from] HttpError),
    #[error("the discovery document is not JSON of the form that OpenID Connect asks for")]
    NotMetadata,
    /// OpenID Connect Discovery section 4.3. The names are the provider's and ours: no secrets.
    #[error("the discovery document names the issuer `{found}`, accepted are {accepted:?}: {fix}")]
    IssuerMismatch {
        found: Foreign<String>,
        accepted: Vec<String>,
        /// The same advice as the diagnosis gives.
        fix: String,
    },
    #[error("the discovery document's `{name}` is missing")]
    Missing { name: &'static str },
    #[error(
        "the discovery document's `{name}` is on another host or scheme than the settings name"
    )]
    ForeignEndpoint { name: &'static str },
    #[error(transparent)]
    NotMade(#[from] NotMade),
}

impl DiscoveryError {
    /// How the caller is told.
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::Http(error) => error.fault(),
            Self::NotMade(_) => Fault::ProviderConnection,
            Self::NotMetadata
            | Self::IssuerMismatch { .. }
            | Self::Missing { .. }
            | Self::ForeignEndpoint { .. } => Fault::ProviderConfig,
        }
    }
}
