//! What can be wrong with a key set, a key in it, or the choice of a key.

use crate::{base::fault::Fault, base::json::JsonError};

/// The answer of the JWKS endpoint is not a usable key set. The identity provider is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum JwkSetError {
    #[error("the key set is not strict JSON: {0}")]
    Json(#[from] JsonError),
    #[error("the key set has no array `keys`")]
    NoKeysMember,
    #[error("the key set has {count} keys, more than the {limit} accepted")]
    TooManyKeys { count: usize, limit: usize },
    #[error("the key set has no usable signature key")]
    NoUsableKey,
}

/// Why one key of a set is skipped. The others are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum UnusableKey {
    #[error("not a JSON object without duplicate members")]
    NotAnObject,
    #[error("`kid` is missing, is not a string or is too long")]
    Kid,
    #[error("the key type is unknown, symmetric or missing")]
    KeyType,
    #[error("the curve is unknown or missing")]
    Curve,
    #[error("not meant for signatures (`use`, `key_ops`)")]
    Purpose,
    #[error("`alg` does not fit the key type, or is not a signature algorithm")]
    Algorithm,
    #[error("a key parameter is missing or not base64url")]
    Parameter,
    #[error("the RSA modulus has {bits} bits; 2048 to 8192 are accepted")]
    ModulusSize { bits: usize },
    #[error("the RSA exponent is even, below 3 or too large")]
    Exponent,
    #[error("the values are not a public key")]
    NotAKey,
}

/// No key of the set can be used for this token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum KeyFault {
    #[error("the set has no usable key with that `kid`")]
    Unknown,
    #[error("the key with that `kid` does not fit the algorithm")]
    WrongAlgorithm,
    #[error("several keys with that `kid` fit the algorithm")]
    Ambiguous,
}

impl From<KeyFault> for Fault {
    fn from(fault: KeyFault) -> Self {
        match fault {
            KeyFault::Unknown | KeyFault::Ambiguous => Self::UnknownKid,
            KeyFault::WrongAlgorithm => Self::InvalidAlgorithm,
        }
    }
}
