//! What can be wrong with a token. Every message is constant: nothing of the token is repeated.

use std::sync::Arc;

use crate::{
    base::fault::Fault,
    base::{
        clock::Timestamp,
        json::{JsonError, Object},
    },
};

/// A token is not acceptable. The caller's credential is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
    /// The signature was not checked: Keycloak is not asked about a token that no answer could admit.
    #[error(transparent)]
    NotWorthAsking(#[from] ClaimError),
    /// The signature is good.
    #[error(transparent)]
    Claims(#[from] VouchedClaims),
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

/// Claims that the issuer vouches for, by a signature or by an introspection answer, do not admit
/// the token. Only this type keeps the claims of a token that was refused, so those of a forgery
/// cannot be read.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub(crate) struct VouchedClaims {
    error: ClaimError,
    /// Absent where they could not be read.
    claims: Option<Arc<Object>>,
}

impl VouchedClaims {
    /// For the claims step only, which comes after the issuer's word.
    pub(super) fn refused(error: ClaimError, claims: Object) -> Self {
        Self {
            error,
            claims: Some(Arc::new(claims)),
        }
    }

    /// The signature is good, but the payload is not JSON that we read.
    pub(super) fn unreadable(error: JsonError) -> Self {
        Self {
            error: ClaimError::Json(error),
            claims: None,
        }
    }

    pub(crate) fn error(&self) -> ClaimError {
        self.error
    }

    /// The error alone, to be kept.
    pub(crate) fn without_claims(&self) -> Self {
        Self {
            error: self.error,
            claims: None,
        }
    }

    pub(crate) fn claims(&self) -> Option<&Object> {
        self.claims.as_deref()
    }
}

impl std::fmt::Debug for VouchedClaims {
    // Claims are personal data: they are not for logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VouchedClaims")
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// What of the claims does not admit a token.
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

impl From<&TokenError> for Fault {
    fn from(error: &TokenError) -> Self {
        match error {
            TokenError::TooLong
            | TokenError::Encrypted
            | TokenError::NotCompactJws
            | TokenError::Encoding(_)
            | TokenError::HeaderJson(_)
            | TokenError::Header(_) => Self::MalformedToken,
            TokenError::AlgorithmNotAllowed | TokenError::KeyMismatch => Self::InvalidAlgorithm,
            TokenError::SignatureMismatch => Self::InvalidSignature,
            TokenError::NotWorthAsking(error) => (*error).into(),
            TokenError::Claims(refused) => refused.error().into(),
        }
    }
}

impl From<ClaimError> for Fault {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Json(_) => Self::MalformedToken,
            ClaimError::Missing(claim) => Self::MissingClaim { claim },
            ClaimError::IssuerMismatch => Self::InvalidClaims { claim: "iss" },
            ClaimError::AudienceMismatch => Self::InvalidClaims { claim: "aud" },
            ClaimError::AuthorizedPartyMismatch => Self::InvalidClaims { claim: "azp" },
            ClaimError::NotAnAccessToken => Self::InvalidClaims { claim: "typ" },
            ClaimError::SenderConstrained => Self::InvalidClaims { claim: "cnf" },
            ClaimError::Expired { .. } => Self::TokenExpired,
            ClaimError::Malformed(claim) | ClaimError::InTheFuture { claim, .. } => {
                Self::InvalidClaims { claim }
            }
        }
    }
}
