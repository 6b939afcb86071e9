//! The claims check (RFC 7519 section 7.2, RFC 8725, RFC 9068 section 4), for tokens and for
//! introspection answers alike.
//!
//! Invariants: the only constructor of [`VerifiedToken`] is [`claims`]; what is expected is always
//! passed in; a claim of the wrong JSON type is a refusal, never a default.

use std::time::Duration;

use super::{
    error::{ClaimError, VouchedClaims},
    numeric_date::NumericDate,
};
use crate::jose::algorithm::Algorithm;
use crate::{
    base::{
        clock::Timestamp,
        json::{Object, View},
        restriction::Restriction,
    },
    jose::jwk::{KeyFingerprint, VerificationKey},
};

/// What a token must say to be accepted. Fixed at `build()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValidationPolicy {
    /// Accepted issuers, compared byte for byte. Without one, no token is accepted.
    pub(crate) issuers: Vec<String>,
    /// Expected audiences, one of which must be there.
    pub(crate) audiences: Restriction<String>,
    /// Accepted authorized parties.
    pub(crate) authorized_parties: Restriction<String>,
    /// The allow-list of algorithms.
    pub(crate) algorithms: Vec<Algorithm>,
    /// Clock difference allowed on `exp`, `nbf` and `iat`.
    pub(crate) leeway: Duration,
}

/// A token (or introspection answer) that met every check of the standard and of the policy.
#[derive(Clone)]
pub(crate) struct VerifiedToken {
    claims: Object,
    expires_at: Timestamp,
    not_before: Option<Timestamp>,
    key: Option<KeyFingerprint>,
    /// What the token says itself, where the claims are those of an answer about it.
    stated: Option<Object>,
}

impl VerifiedToken {
    pub(super) fn signed_by(mut self, key: &VerificationKey) -> Self {
        self.key = Some(key.fingerprint());
        self
    }

    /// With the key that verified the signature of the token that this is the answer about.
    pub(crate) fn proven_by(mut self, key: Option<KeyFingerprint>) -> Self {
        self.key = key;
        self
    }

    /// The claims of Keycloak's `answer` about this token, in the place of its own; it serves while
    /// both do.
    pub(crate) fn answered_by(mut self, answer: Self) -> Self {
        self.claims = answer.claims;
        self.stated = answer.stated;
        self.expires_at = self.expires_at.min(answer.expires_at);
        self.not_before = self.not_before.max(answer.not_before);
        self
    }

    /// No longer than `until`.
    pub(crate) fn serving_until(mut self, until: Timestamp) -> Self {
        self.expires_at = self.expires_at.min(until);
        self
    }

    /// An answer about a token that says this itself; it serves while both do.
    pub(crate) fn about(mut self, token: super::AskableToken<'_>) -> Self {
        let Life {
            expires_at,
            not_before,
        } = token.life();
        self.expires_at = self.expires_at.min(expires_at);
        self.not_before = self.not_before.max(not_before);
        self.stated = Some(token.into_stated());
        self
    }

    /// The claims; `iss`, `exp`, `sub`, `typ` are there and of their type.
    #[cfg(any(test, feature = "__fuzz"))]
    pub(crate) fn claims(&self) -> &Object {
        &self.claims
    }

    /// The claims, and where they are an answer's those of the token.
    pub(crate) fn into_claims(self) -> (Object, Option<Object>) {
        (self.claims, self.stated)
    }

    /// `exp`, rounded down and without leeway.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// `nbf`, rounded up and without leeway.
    pub(crate) fn not_before(&self) -> Option<Timestamp> {
        self.not_before
    }

    /// The key that signed it; `None` for an introspection answer.
    pub(crate) fn key(&self) -> Option<KeyFingerprint> {
        self.key
    }
}

impl std::fmt::Debug for VerifiedToken {
    // Claims are personal data: they are not for logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifiedToken")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Checks claims that are already known to be the issuer's (by signature or by introspection).
///
/// # Errors
/// The claims with the first one that does not admit the token.
pub(crate) fn claims(
    claims: Object,
    policy: &ValidationPolicy,
    now: Timestamp,
) -> Result<VerifiedToken, VouchedClaims> {
    match check_all(&Registered::of(&claims), policy, now) {
        Ok(life) => Ok(VerifiedToken {
            claims,
            expires_at: life.expires_at,
            not_before: life.not_before,
            key: None,
            stated: None,
        }),
        Err(error) => Err(VouchedClaims::refused(error, claims)),
    }
}

fn check_all(
    claims: &Registered<'_>,
    policy: &ValidationPolicy,
    now: Timestamp,
) -> Result<Life, ClaimError> {
    let life = check_kind_and_dates(claims, policy, now)?;
    check_issuer(claims, policy)?;
    check_audience(claims, policy)?;
    check_authorized_party(claims, policy)?;
    check_subject(claims)?;
    Ok(life)
}

/// Checks what every access token of a realm says whatever its client, and what no answer of
/// Keycloak's can make good: a lightweight token has it too, and nothing of it is a matter of our
/// own settings. `claims` may be a forgery.
///
/// # Errors
/// [`ClaimError`]: these claims admit no caller, whoever vouches for them.
pub(super) fn worth_a_question(
    claims: &Object,
    policy: &ValidationPolicy,
    now: Timestamp,
) -> Result<Life, ClaimError> {
    check_kind_and_dates(&Registered::of(claims), policy, now)
}

/// When a token serves.
#[derive(Clone, Copy)]
pub(super) struct Life {
    pub(super) expires_at: Timestamp,
    pub(super) not_before: Option<Timestamp>,
}

fn check_kind_and_dates(
    claims: &Registered<'_>,
    policy: &ValidationPolicy,
    now: Timestamp,
) -> Result<Life, ClaimError> {
    check_typ(claims)?;
    check_confirmation(claims)?;
    let expires_at = check_expiry(claims, policy, now)?;
    let not_before = check_not_in_the_future("nbf", claims.nbf, policy, now)?;
    check_not_in_the_future("iat", claims.iat, policy, now)?;
    Ok(Life {
        expires_at,
        not_before,
    })
}

/// The claims that decide, found in one pass over all of them.
#[derive(Default)]
struct Registered<'c> {
    iss: Option<View<'c>>,
    sub: Option<View<'c>>,
    aud: Option<View<'c>>,
    azp: Option<View<'c>>,
    exp: Option<View<'c>>,
    nbf: Option<View<'c>>,
    iat: Option<View<'c>>,
    typ: Option<View<'c>>,
    cnf: Option<View<'c>>,
}

impl<'c> Registered<'c> {
    fn of(claims: &'c Object) -> Self {
        let mut found = Self::default();
        for (name, claim) in claims.root().members().into_iter().flatten() {
            // No name is there twice: the parser refuses that.
            let place = match name {
                "iss" => &mut found.iss,
                "sub" => &mut found.sub,
                "aud" => &mut found.aud,
                "azp" => &mut found.azp,
                "exp" => &mut found.exp,
                "nbf" => &mut found.nbf,
                "iat" => &mut found.iat,
                "typ" => &mut found.typ,
                "cnf" => &mut found.cnf,
                _ => continue,
            };
            *place = Some(claim);
        }
        found
    }
}

/// Keycloak names the kind of token in the payload: ID, refresh, offline and logout tokens carry
/// the same issuer and a good signature, and are not access tokens.
fn check_typ(claims: &Registered<'_>) -> Result<(), ClaimError> {
    let typ = string("typ", claims.typ)?.ok_or(ClaimError::Missing("typ"))?;
    if typ.eq_ignore_ascii_case("Bearer") {
        Ok(())
    } else {
        Err(ClaimError::NotAnAccessToken)
    }
}

/// RFC 7800, RFC 9449, RFC 8705: whoever stole a bound token must not be able to use it, so without
/// a proof it is refused, whatever `cnf` holds.
fn check_confirmation(claims: &Registered<'_>) -> Result<(), ClaimError> {
    match claims.cnf {
        None => Ok(()),
        Some(_) => Err(ClaimError::SenderConstrained),
    }
}

/// RFC 7519 section 4.1.1, RFC 8725 section 3.8.
fn check_issuer(claims: &Registered<'_>, policy: &ValidationPolicy) -> Result<(), ClaimError> {
    let issuer = string("iss", claims.iss)?.ok_or(ClaimError::Missing("iss"))?;
    if policy.issuers.iter().any(|accepted| accepted == issuer) {
        Ok(())
    } else {
        Err(ClaimError::IssuerMismatch)
    }
}

/// RFC 7519 section 4.1.3, RFC 8725 section 3.9: a string or an array of strings.
fn check_audience(claims: &Registered<'_>, policy: &ValidationPolicy) -> Result<(), ClaimError> {
    let expected = |audience: &str| policy.audiences.admits(audience);
    let found = match claims.aud {
        None if policy.audiences.is_any() => return Ok(()),
        None => return Err(ClaimError::Missing("aud")),
        Some(claim) => match (claim.as_str(), claim.items()) {
            (Some(audience), _) => expected(audience),
            (None, Some(mut audiences)) if audiences.clone().all(|a| a.as_str().is_some()) => {
                audiences.any(|audience| audience.as_str().is_some_and(expected))
            }
            _ => return Err(ClaimError::Malformed("aud")),
        },
    };
    if found || policy.audiences.is_any() {
        Ok(())
    } else {
        Err(ClaimError::AudienceMismatch)
    }
}

/// OpenID Connect Core section 2: the client the token was issued to.
fn check_authorized_party(
    claims: &Registered<'_>,
    policy: &ValidationPolicy,
) -> Result<(), ClaimError> {
    let party = string("azp", claims.azp)?;
    match party {
        None if policy.authorized_parties.is_any() => Ok(()),
        None => Err(ClaimError::Missing("azp")),
        Some(party) if policy.authorized_parties.admits(party) => Ok(()),
        Some(_) => Err(ClaimError::AuthorizedPartyMismatch),
    }
}

/// RFC 9068 section 2.2. In Keycloak `sub` comes with the client scope `basic`.
fn check_subject(claims: &Registered<'_>) -> Result<(), ClaimError> {
    match claims.sub.and_then(View::as_str) {
        Some(subject) if !subject.is_empty() => Ok(()),
        _ => Err(ClaimError::Missing("sub")),
    }
}

/// RFC 7519 section 4.1.4: not accepted *on or after* `exp`.
fn check_expiry(
    claims: &Registered<'_>,
    policy: &ValidationPolicy,
    now: Timestamp,
) -> Result<Timestamp, ClaimError> {
    let expires_at = date("exp", claims.exp)?
        .ok_or(ClaimError::Missing("exp"))?
        .floor();
    if now < expires_at.saturating_add(policy.leeway) {
        Ok(expires_at)
    } else {
        Err(ClaimError::Expired {
            expired_at: expires_at,
            now,
        })
    }
}

/// RFC 7519 sections 4.1.5 and 4.1.6: a token from the future is a wrong clock or a forgery.
fn check_not_in_the_future(
    name: &'static str,
    claim: Option<View<'_>>,
    policy: &ValidationPolicy,
    now: Timestamp,
) -> Result<Option<Timestamp>, ClaimError> {
    let Some(date) = date(name, claim)? else {
        return Ok(None);
    };
    let at = date.ceil();
    if at <= now.saturating_add(policy.leeway) {
        Ok(Some(at))
    } else {
        Err(ClaimError::InTheFuture {
            claim: name,
            at,
            now,
        })
    }
}

fn string<'c>(name: &'static str, claim: Option<View<'c>>) -> Result<Option<&'c str>, ClaimError> {
    match claim {
        None => Ok(None),
        Some(claim) => claim.as_str().map(Some).ok_or(ClaimError::Malformed(name)),
    }
}

fn date(name: &'static str, claim: Option<View<'_>>) -> Result<Option<NumericDate>, ClaimError> {
    let Some(claim) = claim else {
        return Ok(None);
    };
    let text = claim.as_number().ok_or(ClaimError::Malformed(name))?;
    let date = match text.parse() {
        Ok(seconds) => NumericDate::from_integer(seconds),
        Err(_) => NumericDate::from_decimal(text),
    };
    date.map(Some).map_err(|_| ClaimError::Malformed(name))
}
