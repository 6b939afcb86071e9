//! What went wrong with a request: one fault, one code, one status.

mod table;

use std::borrow::Cow;

use axum::http::StatusCode;

pub(crate) use self::table::Challenge;

/// What went wrong, grouped by who is to blame.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    // The caller sent no usable credentials.
    /// No `Authorization` header.
    MissingHeader,
    /// Another scheme than `Bearer`: counts as no credentials.
    OtherScheme,
    // The caller sent a malformed request.
    /// Several `Authorization` lines, `Bearer` without a token or with two.
    InvalidHeader,
    // The token is not acceptable.
    /// Not a compact JWS, or its header or payload is not what RFC 7515/7519 ask for.
    MalformedToken,
    /// `alg` is not in the allow-list, or does not fit the key.
    InvalidAlgorithm,
    /// The realm has no usable key of that `kid`.
    UnknownKid,
    /// The signature does not verify.
    InvalidSignature,
    /// `exp` has passed.
    TokenExpired,
    /// A claim has a value that is not accepted; the name is for logs only.
    InvalidClaims(&'static str),
    /// A required claim is missing; the name is for logs only.
    MissingClaim(&'static str),
    /// Introspection says that the token is not active.
    TokenInactive,
    // The caller is known, the policy is not met.
    /// Roles are missing.
    MissingRoles,
    /// Groups are missing.
    MissingGroups,
    /// Scopes are missing: the ones to ask for.
    MissingScopes(Cow<'static, [&'static str]>),
    /// Some other term of the policy does not hold.
    Forbidden,
    // Keycloak or its configuration keeps us from judging.
    /// Discovery names another issuer, answers an error, or is not what we can work with.
    ProviderConfig,
    /// Keycloak cannot be reached, or no keys have been had from it yet.
    ProviderConnection,
    /// Keycloak's TLS certificate is not accepted; the code says why (`cert_expired`, …).
    Tls(&'static str),
    /// Introspection failed.
    IntrospectionService,
    /// Introspection did not answer in time.
    IntrospectionTimeout,
    /// Keycloak refuses our own client (`invalid_client`, `unauthorized_client`, …).
    ClientCredentials(&'static str),
    // Refresh.
    /// The refresh token is not (or no longer) good.
    InvalidGrant,
    /// Keycloak refused the refresh for another reason.
    TokenRefreshFailed,
    /// The refresh was sent to Keycloak and no tokens came back, so nobody knows whether it
    /// happened. It is not sent again: where the realm revokes used refresh tokens, a second use
    /// ends the session. Answered 503 without `Retry-After`; the caller may try once more with the
    /// same refresh token, and signs in again if that is refused.
    RefreshUnknown,
    /// Too many refresh tokens were no good in the last moments, and this one is not known to be
    /// one of ours.
    RefreshThrottled,
    /// The feature was not switched on.
    NotEnabled,
}

impl Fault {
    /// The stable code of the body's `error.code`.
    pub(crate) fn code(&self) -> &'static str {
        self.row().code
    }

    /// Whether no token was judged, or one was judged to be good: the caller sent none that can be
    /// judged, or the policy is not met.
    pub(crate) fn is_outside_validation(&self) -> bool {
        let row = self.row();
        match row.challenge {
            Challenge::Bare | Challenge::InvalidRequest => true,
            Challenge::InvalidToken | Challenge::None => false,
            Challenge::InsufficientScope => row.status == StatusCode::FORBIDDEN,
        }
    }
}
