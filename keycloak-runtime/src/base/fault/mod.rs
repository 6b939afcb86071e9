//! What went wrong with a request: one fault, one code, one status.

mod table;

use std::{borrow::Cow, fmt};

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
    InvalidClaims {
        /// The claim, for example `aud`.
        claim: &'static str,
    },
    /// A required claim is missing; the name is for logs only.
    MissingClaim {
        /// The claim, for example `sub`.
        claim: &'static str,
    },
    /// Introspection says that the token is not active.
    TokenInactive,
    // The caller is known, the policy is not met.
    /// Roles are missing.
    MissingRoles,
    /// Groups are missing.
    MissingGroups,
    /// Scopes are missing.
    MissingScopes {
        /// The ones to ask for.
        scopes: Cow<'static, [&'static str]>,
    },
    /// Some other term of the policy does not hold.
    Forbidden,
    /// A rule of the application refuses, with a code of its own.
    Denied {
        /// The code, for example `limit_exceeded`.
        code: &'static str,
    },
    /// A rule of the application says that the caller may not even know whether it is there.
    NotFound,
    /// A rule of the application failed.
    RuleUnavailable,
    // Keycloak or its configuration keeps us from deciding.
    /// Discovery names another issuer, answers an error, or cannot be used.
    ProviderConfig,
    /// Keycloak cannot be reached, or has not given us its keys yet.
    ProviderConnection,
    /// Keycloak's TLS certificate is not accepted.
    Tls {
        /// Why, for example `cert_expired`.
        code: &'static str,
    },
    /// Introspection failed.
    IntrospectionService,
    /// Introspection did not answer in time.
    IntrospectionTimeout,
    /// Keycloak refuses our own client.
    ClientCredentials {
        /// Why, for example `invalid_client` or `unauthorized_client`.
        code: &'static str,
    },
    // Refresh.
    /// The refresh token is not (or no longer) valid.
    InvalidGrant,
    /// Keycloak refused the refresh for another reason.
    TokenRefreshFailed,
    /// The refresh was sent to Keycloak and no tokens came back, so it is not known
    /// whether it happened. It is not sent again: where the realm revokes used refresh tokens, a second use
    /// ends the session. Answered 503 without `Retry-After`; the caller may try once more with the
    /// same refresh token, and signs in again if that is refused.
    RefreshUnknown,
    /// Too many invalid refresh tokens came in the last moments, and this one is not known to be
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

    /// Whether no token was validated, or one was and is good: the caller sent none, or the policy
    /// is not met.
    pub(crate) fn is_outside_validation(&self) -> bool {
        let row = self.row();
        match row.challenge {
            Challenge::Bare | Challenge::InvalidRequest => true,
            Challenge::InvalidToken | Challenge::None => false,
            Challenge::InsufficientScope => row.status == StatusCode::FORBIDDEN,
        }
    }
}

/// Code and message, and the name of the claim or scopes concerned; for logs, because the body tells
/// callers less.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.row();
        write!(f, "{}: {}", row.code, row.message)?;
        if let Self::InvalidClaims { claim } | Self::MissingClaim { claim } = self {
            write!(f, " (`{claim}`)")?;
        }
        if let Self::MissingScopes { scopes } = self
            && !scopes.is_empty()
        {
            write!(f, " (`{}`)", scopes.join(" "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_its_code_and_what_it_is_about() {
        let check = |fault: Fault, expected: &str| assert_eq!(fault.to_string(), expected);
        check(
            Fault::InvalidClaims { claim: "aud" },
            "invalid_claims: the access token is not valid for this service (`aud`)",
        );
        check(
            Fault::MissingScopes {
                scopes: vec!["orders", "email"].into(),
            },
            "forbidden: the access token lacks a required scope (`orders email`)",
        );
        check(
            Fault::Tls {
                code: "cert_expired",
            },
            "cert_expired: the identity provider cannot be reached securely",
        );
    }
}
