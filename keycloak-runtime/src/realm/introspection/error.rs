//! Why introspection does not admit a token, or cannot say.

use crate::{
    base::fault::Fault,
    jose::jwt::VouchedClaims,
    realm::{discovery::DiscoveryError, endpoint::NoAnswer},
    transport::{http_client::HttpError, outbound::Shut},
};

/// The token is not active, its claims do not do, or Keycloak cannot be asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IntrospectionError {
    // The caller's credential.
    #[error("the token is not active")]
    Inactive,
    #[error(transparent)]
    Claims(#[from] VouchedClaims),
    // Our configuration.
    #[error("Keycloak does not accept our own client ({code})")]
    ClientRefused { code: &'static str },
    // The identity provider.
    #[error(transparent)]
    Discovery(DiscoveryError),
    #[error("the discovery document has no `introspection_endpoint`")]
    NoEndpoint,
    #[error("the introspection endpoint cannot be asked: {0}")]
    Http(HttpError),
    #[error("the introspection endpoint answered HTTP {0}")]
    Status(u16),
    #[error("the introspection endpoint's answer is not what RFC 7662 asks for")]
    NotAnAnswer,
    #[error("the introspection endpoint's answer is about another token: another `{0}`")]
    OtherToken(&'static str),
    #[error("no answer within the deadline")]
    Deadline,
    #[error("too many introspection calls wait")]
    Crowded,
    #[error("too many tokens that could not be verified here were asked about")]
    Exhausted,
    #[error("too many other tokens of the same session were refused in the last moments")]
    RefusedTooOften,
    #[error("Keycloak erred in the last moments ({}), and is asked again in a moment", .0.code())]
    Paused(Fault),
    #[error("closed, or the call could not be made")]
    CutOff,
}

impl From<Shut> for IntrospectionError {
    fn from(shut: Shut) -> Self {
        match shut {
            Shut::Exhausted => Self::Exhausted,
            Shut::Paused(fault) => Self::Paused(fault),
        }
    }
}

impl From<NoAnswer> for IntrospectionError {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::Discovery(error) => Self::Discovery(error),
            NoAnswer::NoEndpoint => Self::NoEndpoint,
            NoAnswer::Http(error) => Self::Http(error),
        }
    }
}

impl IntrospectionError {
    /// Keycloak answered, and its answer refuses the token: as much of that as is worth remembering.
    pub(super) fn of_token(&self) -> Option<Self> {
        match self {
            Self::Inactive => Some(Self::Inactive),
            Self::OtherToken(name) => Some(Self::OtherToken(name)),
            Self::Claims(refused) => Some(Self::Claims(refused.without_claims())),
            Self::ClientRefused { .. }
            | Self::Discovery(_)
            | Self::NoEndpoint
            | Self::Http(_)
            | Self::Status(_)
            | Self::NotAnAnswer
            | Self::Deadline
            | Self::Crowded
            | Self::Exhausted
            | Self::RefusedTooOften
            | Self::Paused(_)
            | Self::CutOff => None,
        }
    }

    /// Whether it came before the endpoint was called.
    pub(super) fn before_any_call(&self) -> bool {
        matches!(
            self,
            Self::Discovery(_)
                | Self::NoEndpoint
                | Self::Http(HttpError::Closed)
                | Self::Exhausted
                | Self::RefusedTooOften
                | Self::Paused(_)
        )
    }

    /// How the caller is told.
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::Inactive => Fault::TokenInactive,
            Self::Claims(refused) => refused.error().into(),
            Self::ClientRefused { code } => Fault::ClientCredentials { code },
            Self::Paused(fault) => fault.clone(),
            Self::Discovery(error) => error.fault(),
            Self::Http(HttpError::Timeout { .. }) | Self::Deadline => Fault::IntrospectionTimeout,
            Self::Http(HttpError::Tls { fault, .. }) => Fault::Tls { code: fault.code },
            Self::Http(_)
            | Self::NoEndpoint
            | Self::Status(_)
            | Self::NotAnAnswer
            | Self::OtherToken(_)
            | Self::Crowded
            | Self::Exhausted
            | Self::RefusedTooOften
            | Self::CutOff => Fault::IntrospectionService,
        }
    }
}
