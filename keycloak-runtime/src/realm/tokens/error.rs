//! Why a refresh failed.

use crate::{
    base::fault::Fault,
    realm::{discovery::DiscoveryError, endpoint::NoAnswer},
    transport::{http_client::HttpError, outbound::Shut},
};

/// The refresh token does not do, or Keycloak cannot be asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum RefreshError {
    // The caller's credential.
    #[error("the refresh token is not (or no longer) valid")]
    InvalidGrant,
    #[error("Keycloak refused the refresh ({code})")]
    Refused { code: &'static str },
    // Our configuration.
    #[error("Keycloak does not accept our own client ({code})")]
    ClientRefused { code: &'static str },
    // The identity provider.
    #[error(transparent)]
    Discovery(DiscoveryError),
    #[error("the discovery document has no `token_endpoint`")]
    NoEndpoint,
    #[error("the token endpoint cannot be asked: {0}")]
    Http(HttpError),
    #[error("the token endpoint answered HTTP {0}")]
    Status(u16),
    #[error("too many refreshes wait, or the call could not be made")]
    NotSent,
    #[error("too many invalid refresh tokens came in the last moments")]
    Exhausted,
    #[error("Keycloak erred in the last moments ({}), and is asked again in a moment", .0.code())]
    Paused(Fault),
    #[error(
        "the refresh was sent and no tokens came back ({0}): whether Keycloak used the refresh token \
         up is not known"
    )]
    Unknown(&'static str),
}

impl From<Shut> for RefreshError {
    fn from(shut: Shut) -> Self {
        match shut {
            Shut::Exhausted => Self::Exhausted,
            Shut::Paused(fault) => Self::Paused(fault),
        }
    }
}

impl From<NoAnswer> for RefreshError {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::Discovery(error) => Self::Discovery(error),
            NoAnswer::NoEndpoint => Self::NoEndpoint,
            NoAnswer::Http(error) => Self::of_post(error),
        }
    }
}

impl RefreshError {
    /// A post that failed: whether it may have arrived.
    fn of_post(error: HttpError) -> Self {
        match error {
            HttpError::Timeout {
                connecting: false, ..
            } => Self::Unknown("no complete answer in time"),
            HttpError::Broken(_) => Self::Unknown("the answer broke off"),
            HttpError::TooLarge | HttpError::Encoded => {
                Self::Unknown("the answer could not be read")
            }
            HttpError::Timeout {
                connecting: true, ..
            }
            | HttpError::Connect(_)
            | HttpError::Tls { .. }
            | HttpError::Redirect { .. }
            | HttpError::Status { .. }
            | HttpError::Closed => Self::Http(error),
        }
    }

    /// Keycloak answered, and its answer refuses the refresh token.
    pub(super) fn is_of_token(&self) -> bool {
        matches!(self, Self::InvalidGrant | Self::Refused { .. })
    }

    /// Whether it came before the endpoint was called.
    pub(super) fn before_any_call(&self) -> bool {
        matches!(
            self,
            Self::Discovery(_)
                | Self::NoEndpoint
                | Self::Http(HttpError::Closed)
                | Self::Exhausted
                | Self::Paused(_)
        )
    }

    /// How the caller is told.
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::InvalidGrant => Fault::InvalidGrant,
            Self::Refused { .. } => Fault::TokenRefreshFailed,
            Self::ClientRefused { code } => Fault::ClientCredentials { code },
            Self::Discovery(error) => error.fault(),
            Self::Http(error) => error.fault(),
            Self::NoEndpoint | Self::Status(_) => Fault::ProviderConfig,
            Self::Exhausted => Fault::RefreshThrottled,
            // What became of another call is not known: this one was not made, and may be tried again.
            Self::NotSent | Self::Paused(Fault::RefreshUnknown) => Fault::ProviderConnection,
            Self::Paused(fault) => fault.clone(),
            Self::Unknown(_) => Fault::RefreshUnknown,
        }
    }
}
