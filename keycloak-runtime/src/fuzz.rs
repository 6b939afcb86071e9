//! For the suites, fuzz targets and benchmarks of this repository: the pure parts without a server.
//!
//! Feature `__fuzz` only, hidden from the documentation, and not part of what the crate promises.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde_json::Value;

use crate::{
    base::restriction::{NonEmpty, Restriction},
    caller::ClaimRules,
    jose::{
        algorithm::Algorithm,
        jwk::{KeySet, VerificationKey},
        jwt::{ClaimError, UnverifiedToken, ValidationPolicy, validate},
    },
};

/// A realm's keys, parsed as the runtime parses them.
#[derive(Debug)]
pub struct Keys(KeySet);

impl Keys {
    /// Parses a JWKS document.
    ///
    /// # Errors
    /// The reason why the document is not a usable key set.
    pub fn parse(jwks: &[u8]) -> Result<Self, String> {
        KeySet::parse(jwks)
            .map(Self)
            .map_err(|error| error.to_string())
    }

    fn key_for(&self, token: &UnverifiedToken<'_>) -> Result<&VerificationKey, String> {
        self.0
            .key(token.kid(), token.algorithm())
            .map_err(|error| error.to_string())
    }

    /// Verifies the signature of a compact JWS, as far as the payload, which may be anything.
    ///
    /// # Errors
    /// The reason why the JWS is refused.
    pub fn verify_jws(&self, compact: &str, allowed: &[Algorithm]) -> Result<Vec<u8>, String> {
        let token = UnverifiedToken::parse(compact, allowed).map_err(|error| error.to_string())?;
        let key = self.key_for(&token)?;
        token
            .verified_payload(key)
            .map(<[u8]>::to_vec)
            .map_err(|error| error.to_string())
    }

    /// Verifies a token as the cold path does: header, key, signature, claims.
    ///
    /// # Errors
    /// The reason why the token is refused.
    pub fn verify_token(
        &self,
        compact: &str,
        expected: &Expected,
        now: SystemTime,
    ) -> Result<serde_json::Map<String, Value>, String> {
        let token = UnverifiedToken::parse(compact, &expected.0.algorithms)
            .map_err(|error| error.to_string())?;
        let key = self.key_for(&token)?;
        token
            .verify(key, &expected.0, now.into())
            .map(|token| token.claims().to_map())
            .map_err(|error| error.to_string())
    }
}

impl Keys {
    /// As [`Keys::verify_token`], as far as the user that handlers see.
    ///
    /// # Errors
    /// The reason why the token is refused.
    pub fn verify_user(
        &self,
        compact: &str,
        expected: &Expected,
        now: SystemTime,
    ) -> Result<crate::caller::User, String> {
        let token = UnverifiedToken::parse(compact, &expected.0.algorithms)
            .map_err(|error| error.to_string())?;
        let key = self.key_for(&token)?;
        token
            .verify(key, &expected.0, now.into())
            .map(|token| crate::caller::User::from_claims(token.into_claims().0, &expected.1))
            .map_err(|error| error.to_string())
    }
}

/// What a token must say.
#[derive(Debug, Clone)]
pub struct Expected(ValidationPolicy, Arc<ClaimRules>);

impl Expected {
    /// One issuer, one audience, all algorithms, a leeway of 10 s.
    #[must_use]
    pub fn new(issuer: &str, audience: &str) -> Self {
        let policy = ValidationPolicy {
            issuers: vec![issuer.to_owned()],
            audiences: Restriction::These(NonEmpty::one(audience.to_owned())),
            authorized_parties: Restriction::Any,
            algorithms: Algorithm::ALL.to_vec(),
            leeway: Duration::from_secs(10),
        };
        let rules = ClaimRules {
            client_id: audience.to_owned(),
            groups_claim: "groups".to_owned(),
            complete_clients: Box::default(),
            name_only_groups: false,
        };
        Self(policy, Arc::new(rules))
    }
}

/// Reads shape and header of a token; no key is needed.
///
/// # Errors
/// The reason why the token is refused.
pub fn parse_header(compact: &str) -> Result<(String, Algorithm), String> {
    UnverifiedToken::parse(compact, &Algorithm::ALL)
        .map(|token| (token.kid().to_owned(), token.algorithm()))
        .map_err(|error| error.to_string())
}

/// Checks claims as if their signature had been verified.
///
/// # Errors
/// The reason why the claims do not admit the token.
pub fn check_claims(payload: &[u8], expected: &Expected, now: SystemTime) -> Result<(), String> {
    let object = crate::base::json::Object::parse(payload)
        .map_err(|error| ClaimError::Json(error).to_string())?;
    validate::claims(object, &expected.0, now.into())
        .map(|_| ())
        .map_err(|error| error.to_string())
}

/// Parses an object as strictly as tokens are parsed.
///
/// # Errors
/// The reason why the text is refused.
pub fn parse_json(text: &[u8]) -> Result<serde_json::Map<String, Value>, String> {
    crate::base::json::Object::parse(text)
        .map(|object| object.to_map())
        .map_err(|error| error.to_string())
}

/// The token of the `Authorization` lines, as the guard reads it.
///
/// # Errors
/// The fault that the guard would answer.
pub fn bearer_token(headers: &axum::http::HeaderMap) -> Result<&str, crate::base::fault::Fault> {
    crate::credentials::Credentials::read(headers).and_then(|own| own.token.text())
}

/// Reads a discovery document as if it had been fetched by `keycloak`; the endpoints it would use.
///
/// # Errors
/// The reason why the document is refused.
pub fn read_discovery(
    body: &[u8],
    keycloak: &crate::keycloak::Keycloak,
) -> Result<Vec<url::Url>, String> {
    let (_, endpoints) = crate::realm::discovery::read_document(body, keycloak.settings())
        .map_err(|error| error.to_string())?;
    let all = [
        endpoints.jwks,
        endpoints.introspection,
        endpoints.token,
        endpoints.end_session,
    ];
    Ok(all.into_iter().flatten().collect())
}

/// The cache of verified tokens, as the authenticator uses it.
#[derive(Debug)]
pub struct Remembered(crate::authenticate::token_cache::TokenCache);

impl Remembered {
    /// A cache of about so many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(crate::authenticate::token_cache::TokenCache::new(bytes))
    }

    /// Remembers `token` for `user`, until `User::expires_at`.
    pub fn insert(&self, token: &str, user: &crate::caller::User, now: SystemTime) {
        let validity = crate::authenticate::token_cache::Validity {
            key: None,
            expires_at: user.expires_at().into(),
            not_before: None,
        };
        let accepted = crate::authenticate::token_cache::Accepted {
            user: user.clone(),
            token: token.into(),
        };
        self.0
            .insert(&accepted, validity, self.0.epoch(), now.into());
    }

    /// The user of `token`.
    #[must_use]
    pub fn get(&self, token: &str, now: SystemTime) -> Option<crate::caller::User> {
        let credentials = crate::credentials::Credentials::given(token);
        let accepted = self.0.get(&credentials, now.into())?;
        Some(accepted.user)
    }
}

/// What the store weighs a user with, in bytes, beside the token.
#[must_use]
pub fn memory(user: &crate::caller::User) -> usize {
    user.memory()
}

/// Whether `policy` admits `user`; terms that ask something count as not admitting.
#[must_use]
pub fn admits(policy: &crate::policy::term::Policy, user: &crate::caller::User) -> bool {
    let answers = crate::policy::answers::Answers::default();
    policy.evaluate(user, &answers) == crate::base::truth::Outcomes::TRUE
}
