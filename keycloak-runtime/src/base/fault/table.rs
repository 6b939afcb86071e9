//! The one table from fault to code, message, status and challenge; nothing else chooses them.

use axum::http::StatusCode;

use super::Fault;

/// How one fault is answered.
pub(crate) struct Row {
    /// The stable code of the body's `error.code`.
    pub(crate) code: &'static str,
    /// The constant text of the body's `error.message`, and of the challenge's description: it may
    /// hold what RFC 6750 section 3 allows there, which is ASCII without `"` and `\`.
    pub(crate) message: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) challenge: Challenge,
}

/// Which challenge goes with a status (RFC 6750 section 3.1).
pub(crate) enum Challenge {
    Bare,
    InvalidRequest,
    InvalidToken,
    InsufficientScope,
    None,
}

impl Fault {
    /// The row of this fault.
    pub(crate) fn row(&self) -> Row {
        match self {
            Self::MissingHeader => anonymous("missing_header", "authentication is required"),
            Self::OtherScheme => anonymous("invalid_header_format", "a bearer token is required"),
            Self::InvalidHeader => bad_request(
                "invalid_header_format",
                "exactly one Authorization header of the form 'Bearer <token>' is required",
            ),
            Self::MalformedToken => bad_token("malformed_token", "the access token is malformed"),
            Self::InvalidAlgorithm => bad_token(
                "invalid_algorithm",
                "the access token's algorithm is not accepted",
            ),
            Self::UnknownKid => bad_token("unknown_kid", "the access token's key is not known"),
            Self::InvalidSignature => bad_token(
                "invalid_signature",
                "the access token's signature is not valid",
            ),
            Self::TokenExpired => bad_token("token_expired", "the access token has expired"),
            Self::InvalidClaims { .. } => bad_token(
                "invalid_claims",
                "the access token is not valid for this service",
            ),
            Self::MissingClaim { .. } => {
                bad_token("missing_claim", "the access token lacks a required claim")
            }
            Self::TokenInactive => bad_token("token_inactive", "the access token is not active"),
            Self::MissingRoles => forbidden("missing_roles", "the caller lacks a required role"),
            Self::MissingGroups => {
                forbidden("missing_groups", "the caller is not in a required group")
            }
            Self::MissingScopes { .. } => {
                forbidden("forbidden", "the access token lacks a required scope")
            }
            Self::Forbidden => forbidden("forbidden", "the caller may not do this"),
            Self::Denied { code } => row(
                StatusCode::FORBIDDEN,
                Challenge::None,
                code,
                "the caller may not do this",
            ),
            Self::NotFound => row(
                StatusCode::NOT_FOUND,
                Challenge::None,
                "not_found",
                "there is nothing here for the caller",
            ),
            Self::RuleUnavailable => unavailable(
                "rule_unavailable",
                "whether the caller may do this cannot be decided at the moment",
            ),
            Self::ProviderConfig => unavailable(
                "keycloak_config_error",
                "the identity provider cannot be used at the moment",
            ),
            Self::ProviderConnection => unavailable(
                "keycloak_connection_error",
                "the identity provider cannot be reached at the moment",
            ),
            Self::Tls { code } => {
                unavailable(code, "the identity provider cannot be reached securely")
            }
            Self::IntrospectionService => unavailable(
                "introspection_service_error",
                "the access token cannot be checked at the moment",
            ),
            Self::IntrospectionTimeout => unavailable(
                "introspection_timeout",
                "the access token cannot be checked at the moment",
            ),
            Self::ClientCredentials { code } => unavailable(
                code,
                "the identity provider does not accept this service's own credentials",
            ),
            Self::InvalidGrant => refresh(
                StatusCode::BAD_REQUEST,
                "invalid_grant",
                "the refresh token is not valid",
            ),
            Self::TokenRefreshFailed => refresh(
                StatusCode::BAD_REQUEST,
                "token_refresh_failed",
                "the token could not be refreshed",
            ),
            Self::RefreshUnknown => refresh(
                StatusCode::SERVICE_UNAVAILABLE,
                "refresh_outcome_unknown",
                "the token may have been refreshed, but no answer came",
            ),
            Self::RefreshThrottled => refresh(
                StatusCode::SERVICE_UNAVAILABLE,
                "refresh_throttled",
                "too many refresh tokens were not valid; try again in a moment",
            ),
            Self::NotEnabled => refresh(
                StatusCode::NOT_FOUND,
                "not_enabled",
                "this service does not offer the operation",
            ),
        }
    }
}

const fn row(
    status: StatusCode,
    challenge: Challenge,
    code: &'static str,
    message: &'static str,
) -> Row {
    Row {
        code,
        message,
        status,
        challenge,
    }
}

const fn anonymous(code: &'static str, message: &'static str) -> Row {
    row(StatusCode::UNAUTHORIZED, Challenge::Bare, code, message)
}

const fn bad_request(code: &'static str, message: &'static str) -> Row {
    row(
        StatusCode::BAD_REQUEST,
        Challenge::InvalidRequest,
        code,
        message,
    )
}

const fn bad_token(code: &'static str, message: &'static str) -> Row {
    row(
        StatusCode::UNAUTHORIZED,
        Challenge::InvalidToken,
        code,
        message,
    )
}

const fn forbidden(code: &'static str, message: &'static str) -> Row {
    row(
        StatusCode::FORBIDDEN,
        Challenge::InsufficientScope,
        code,
        message,
    )
}

const fn unavailable(code: &'static str, message: &'static str) -> Row {
    row(
        StatusCode::SERVICE_UNAVAILABLE,
        Challenge::None,
        code,
        message,
    )
}

/// Of the refresh route, which answers no challenge.
const fn refresh(status: StatusCode, code: &'static str, message: &'static str) -> Row {
    row(status, Challenge::None, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every fault.
    fn all() -> Vec<Fault> {
        vec![
            Fault::MissingHeader,
            Fault::OtherScheme,
            Fault::InvalidHeader,
            Fault::MalformedToken,
            Fault::InvalidAlgorithm,
            Fault::UnknownKid,
            Fault::InvalidSignature,
            Fault::TokenExpired,
            Fault::InvalidClaims { claim: "aud" },
            Fault::MissingClaim { claim: "sub" },
            Fault::TokenInactive,
            Fault::MissingRoles,
            Fault::MissingGroups,
            Fault::MissingScopes {
                scopes: (&[]).into(),
            },
            Fault::Forbidden,
        ]
    }

    #[test]
    fn what_goes_into_a_challenge_needs_no_escape() {
        for fault in all() {
            let Row { code, message, .. } = fault.row();
            for text in [code, message] {
                let plain = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
                assert!(text.chars().all(plain), "{text}");
            }
        }
    }
}
