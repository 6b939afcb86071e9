//! What can be wrong with a token. Every message is constant: nothing of the token is repeated.

use crate::{clock::Timestamp, error::Fault, json::JsonError};

/// A token is not acceptable. The caller's credential is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TokenError {
    #[error("the token is longer than the 16 KiB accepted")]
    TooLong,
    #[error("the token is encrypted (five parts); only signed tokens are accepted")]
    Encrypted,
    #[error("the token does not have three parts, or its header or signature is empty")]
    NotCompactJws,
    #[error("the {0} is not canonical base64url")]
    Encoding(Part),
    #[error("the header is not strict JSON: {0}")]
    HeaderJson(JsonError),
    #[error("the header parameter `{0}` is missing or not acceptable")]
    Header(&'static str),
    #[error("the algorithm is not in the allow-list")]
    AlgorithmNotAllowed,
    #[error("the key is not the one that the header asks for")]
    KeyMismatch,
    #[error("the signature does not verify")]
    SignatureMismatch,
    #[error(transparent)]
    Claims(#[from] ClaimError),
}

/// A part of a compact JWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Part {
    Header,
    Payload,
    Signature,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// The claims of a token whose signature is good, or of an introspection answer, do not admit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ClaimError {
    #[error("the payload is not strict JSON: {0}")]
    Json(JsonError),
    #[error("the claim `{0}` is missing")]
    Missing(&'static str),
    #[error("the claim `{0}` has the wrong JSON type or is out of range")]
    Malformed(&'static str),
    #[error("the issuer is not one of those accepted")]
    IssuerMismatch,
    #[error("the audience names none of those expected")]
    AudienceMismatch,
    #[error("the authorized party is not one of those accepted")]
    AuthorizedPartyMismatch,
    #[error("not an access token: the claim `typ` is not `Bearer`")]
    NotAnAccessToken,
    #[error("bound to a key (`cnf`), so not acceptable as a plain bearer token")]
    SenderConstrained,
    #[error("expired {:?} ago", .now.saturating_since(*.expired_at))]
    Expired {
        expired_at: Timestamp,
        now: Timestamp,
    },
    #[error("`{claim}` is {:?} in the future", .at.saturating_since(*.now))]
    InTheFuture {
        claim: &'static str,
        at: Timestamp,
        now: Timestamp,
    },
}

impl From<TokenError> for Fault {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::TooLong
            | TokenError::Encrypted
            | TokenError::NotCompactJws
            | TokenError::Encoding(_)
            | TokenError::HeaderJson(_)
            | TokenError::Header(_) => Self::MalformedToken,
            TokenError::AlgorithmNotAllowed | TokenError::KeyMismatch => Self::InvalidAlgorithm,
            TokenError::SignatureMismatch => Self::InvalidSignature,
            TokenError::Claims(error) => error.into(),
        }
    }
}

impl From<ClaimError> for Fault {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Json(_) => Self::MalformedToken,
            ClaimError::Missing(claim) => Self::MissingClaim(claim),
            ClaimError::IssuerMismatch => Self::InvalidClaims("iss"),
            ClaimError::AudienceMismatch => Self::InvalidClaims("aud"),
            ClaimError::AuthorizedPartyMismatch => Self::InvalidClaims("azp"),
            ClaimError::NotAnAccessToken => Self::InvalidClaims("typ"),
            ClaimError::SenderConstrained => Self::InvalidClaims("cnf"),
            ClaimError::Expired { .. } => Self::TokenExpired,
            ClaimError::Malformed(claim) | ClaimError::InTheFuture { claim, .. } => {
                Self::InvalidClaims(claim)
            }
        }
    }
}
