//! The JOSE header (RFC 7515 section 4): what we use of it, and what we refuse.
//!
//! Invariant: `jwk`, `jku`, `x5u`, `x5c` and every unknown parameter are neither used nor fetched;
//! a key comes from the realm's set by `kid`, or not at all.

use super::error::{Part, TokenError};
use crate::jose::algorithm::Algorithm;
use crate::{
    base::{
        base64url,
        json::{Object, View},
    },
    jose::jwk,
};

/// The header parameters that decide.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: String,
}

impl Header {
    pub(super) fn parse(part: &str, allowed: &[Algorithm]) -> Result<Self, TokenError> {
        let bytes = base64url::decode(part).map_err(|_| TokenError::Encoding(Part::Header))?;
        let object = Object::parse(&bytes).map_err(TokenError::HeaderJson)?;
        // RFC 7515 section 4.1.11: we understand no extension, so each critical one is refused.
        if object.get("crit").is_some() {
            return Err(TokenError::Header("crit"));
        }
        check_typ(object.get("typ"))?;
        let algorithm = object
            .get("alg")
            .and_then(View::as_str)
            .ok_or(TokenError::Header("alg"))?
            .parse()
            .ok()
            // RFC 8725 section 3.1: the allow-list decides, never the token.
            .filter(|algorithm| allowed.contains(algorithm))
            .ok_or(TokenError::AlgorithmNotAllowed)?;
        match object.get("kid").and_then(View::as_str) {
            Some(kid) if jwk::is_sane_kid(kid) => Ok(Self {
                algorithm,
                kid: kid.to_owned(),
            }),
            _ => Err(TokenError::Header("kid")),
        }
    }
}

/// RFC 8725 section 3.11, RFC 9068 section 2.1: another kind of JWT is not an access token.
fn check_typ(typ: Option<View<'_>>) -> Result<(), TokenError> {
    let Some(typ) = typ else {
        return Ok(());
    };
    let accepted = ["JWT", "at+jwt", "application/at+jwt"];
    typ.as_str()
        .filter(|typ| {
            accepted
                .iter()
                .any(|accepted| typ.eq_ignore_ascii_case(accepted))
        })
        .map(|_| ())
        .ok_or(TokenError::Header("typ"))
}
