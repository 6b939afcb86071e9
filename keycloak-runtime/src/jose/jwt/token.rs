//! A compact JWS before and while its signature is verified (RFC 7515 section 5.2).

use super::askable::AskableToken;
use super::{
    error::{ClaimError, Part, TokenError, VouchedClaims},
    header::Header,
    validate::{self, ValidationPolicy, VerifiedToken},
};
use crate::jose::algorithm::Algorithm;
use crate::{
    base::{base64url, clock::Timestamp, json::Object},
    jose::jwk::VerificationKey,
};

/// Longer tokens are refused unread: common servers cap the whole header section near this.
pub(crate) const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Room for the signature of the largest key we accept (RSA, 8192 bits).
const MAX_SIGNATURE_BYTES: usize = 1024;

/// A token whose spelling, shape and header are good: there is no other text of the same parts, so
/// it may become a key. It gives no access to its claims.
pub(crate) struct UnverifiedToken<'a> {
    compact: &'a str,
    header: Header,
    signing_input: &'a str,
    payload: Vec<u8>,
    signature: &'a str,
}

impl<'a> UnverifiedToken<'a> {
    /// Reads spelling, shape and header; `allowed` is the allow-list of algorithms.
    ///
    /// # Errors
    /// [`TokenError`] where it is not a compact JWS or its header is not acceptable.
    pub(crate) fn parse(compact: &'a str, allowed: &[Algorithm]) -> Result<Self, TokenError> {
        // Before any other look at it, so that its size buys a caller no work of ours.
        if compact.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        // RFC 7515 section 5.2 step 1: three parts.
        let mut parts = compact.split('.');
        let (Some(header), Some(payload), Some(signature)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::NotCompactJws);
        };
        if parts.next().is_some() {
            // RFC 7516 section 9: five parts are a JWE; any other number is neither JWS nor JWE.
            let is_jwe = parts.next().is_some() && parts.next().is_none();
            return Err(if is_jwe {
                TokenError::Encrypted
            } else {
                TokenError::NotCompactJws
            });
        }
        // An empty payload is for the claims step: it is not a JSON object.
        if header.is_empty() || signature.is_empty() {
            return Err(TokenError::NotCompactJws);
        }
        let after_payload = header.len().saturating_add(payload.len()).saturating_add(1);
        // Steps 2 to 4.
        let header = Header::parse(header, allowed)?;
        // Steps 5 and 6, because of the spelling before a key is asked for.
        let payload =
            base64url::decode(payload).map_err(|_| TokenError::Encoding(Part::Payload))?;
        decode_signature(signature, &mut [0; MAX_SIGNATURE_BYTES])?;
        Ok(Self {
            compact,
            header,
            signing_input: compact
                .get(..after_payload)
                .ok_or(TokenError::NotCompactJws)?,
            payload,
            signature,
        })
    }

    /// The key id to look up; never empty.
    pub(crate) fn kid(&self) -> &str {
        &self.header.kid
    }

    /// The algorithm, which is one of the allowed ones.
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.header.algorithm
    }

    /// The token, if it is worth a question to Keycloak: its payload is one strict object, says
    /// that it is an access token, and its time is not over. It may still be a forgery.
    ///
    /// # Errors
    /// [`TokenError`]: no answer could admit it.
    pub(crate) fn askable(
        &self,
        policy: &ValidationPolicy,
        now: Timestamp,
    ) -> Result<AskableToken<'a>, TokenError> {
        let stated = Object::parse(&self.payload).map_err(ClaimError::Json)?;
        let life = validate::worth_a_question(&stated, policy, now)?;
        Ok(AskableToken::new(self.compact, stated, life))
    }

    /// Verifies the signature, then the claims.
    ///
    /// # Errors
    /// [`TokenError`]: the key is another one, the signature does not verify, or the claims do not
    /// meet `policy` at `now`.
    pub(crate) fn verify(
        &self,
        key: &VerificationKey,
        policy: &ValidationPolicy,
        now: Timestamp,
    ) -> Result<VerifiedToken, TokenError> {
        let claims =
            Object::parse(self.verified_payload(key)?).map_err(VouchedClaims::unreadable)?;
        Ok(validate::claims(claims, policy, now)?.signed_by(key))
    }

    /// The payload's bytes, once the signature is known to be good (RFC 7515 section 5.2 step 8).
    pub(crate) fn verified_payload(&self, key: &VerificationKey) -> Result<&[u8], TokenError> {
        // RFC 8725 sections 3.1 and 3.2: the key decides about its algorithm, whoever looked it up.
        if key.algorithm() != self.header.algorithm || key.kid() != self.header.kid {
            return Err(TokenError::KeyMismatch);
        }
        let mut buffer = [0; MAX_SIGNATURE_BYTES];
        let signature = decode_signature(self.signature, &mut buffer)?;
        if !key.verifies(self.signing_input.as_bytes(), signature) {
            return Err(TokenError::SignatureMismatch);
        }
        Ok(&self.payload)
    }
}

fn decode_signature<'b>(
    part: &str,
    buffer: &'b mut [u8; MAX_SIGNATURE_BYTES],
) -> Result<&'b [u8], TokenError> {
    base64url::decode_into(part, buffer).map_err(|_| TokenError::Encoding(Part::Signature))
}

impl std::fmt::Debug for UnverifiedToken<'_> {
    // A credential, perhaps.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnverifiedToken")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
