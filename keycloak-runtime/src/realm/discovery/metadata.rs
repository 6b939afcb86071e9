//! The discovery document (OpenID Connect Discovery section 3), as far as we use it.

use serde::{Deserialize, Serialize};

use super::DiscoveryError;

/// What Keycloak says about itself at `/.well-known/openid-configuration`
/// (OpenID Connect Discovery section 3). Serializes with the names of the standard.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct ProviderMetadata {
    /// The issuer, exactly as tokens write it (`iss`).
    pub issuer: String,
    /// Where users log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    /// Where tokens are issued and refreshed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// Where the keys are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Where tokens are introspected (RFC 8414 section 2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint: Option<String>,
    /// Where claims about a user are available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    /// Where users log out (OpenID Connect RP-Initiated Logout).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
}

impl ProviderMetadata {
    /// Reads the document; a member of ours that occurs twice, or is not a string, is an error.
    pub(super) fn parse(body: &[u8]) -> Result<Self, DiscoveryError> {
        serde_json::from_slice(body).map_err(|_| DiscoveryError::NotMetadata)
    }
}
