//! JSON Web Tokens in compact JWS form (RFC 7515, RFC 7519, RFC 8725, RFC 9068).
//!
//! One direction: [`UnverifiedToken`] is parsed, its key is looked up by the caller, the signature
//! is verified, then the claims; only that gives a [`VerifiedToken`]. Before a token costs a question
//! to Keycloak it must be an [`AskableToken`]. Pure: no I/O, and `now` is passed in.

mod askable;
mod error;
mod header;
mod numeric_date;
#[cfg(test)]
mod tests;
mod token;
pub(crate) mod validate;

pub(crate) use self::{
    askable::AskableToken,
    error::{ClaimError, TokenError, VouchedClaims},
    token::{MAX_TOKEN_BYTES, UnverifiedToken},
    validate::{ValidationPolicy, VerifiedToken},
};
