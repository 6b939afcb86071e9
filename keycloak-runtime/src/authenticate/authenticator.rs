//! From a raw token to the caller: cache, key, signature, claims, introspection.
//!
//! Invariants: a [`User`] comes only from here; the warm path takes no lock, awaits
//! nothing and allocates nothing; only a token that was checked in full is remembered; Keycloak is
//! asked about nothing that has no form; what it was asked decides.

use std::{sync::Arc, time::Duration};

use tracing::Instrument as _;

use crate::{
    authenticate::token_cache::{Accepted, Epoch, MAX_LIFE, TokenCache, Validity},
    base::clock::Timestamp,
    base::fault::Fault,
    caller::{ClaimRules, User},
    classics::{Classic, recognise},
    credentials::Credentials,
    jose::{
        jwk::{KeyFault, KeyFingerprint, VerificationKey},
        jwt::{AskableToken, TokenError, UnverifiedToken, VerifiedToken},
    },
    realm::{
        Realm,
        introspection::{IntrospectionError, Proof},
        signing_keys::{JwksError, Keys},
    },
    settings::TokenCheck,
    telemetry::{Method, emit},
};

/// How long layers and guards of one request may take to run one after the other.
const ONE_REQUEST: Duration = Duration::from_secs(10);

/// Authenticates callers by their tokens, for one realm.
#[derive(Debug)]
pub(crate) struct Authenticator {
    pub(crate) realm: Arc<Realm>,
    pub(crate) rules: Arc<ClaimRules>,
    pub(crate) cache: Arc<TokenCache>,
}

/// Why a token has no caller; the cause is for logs.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Refused {
    /// What is in the place of the token is none, or several.
    #[error("{}", .0.row().message)]
    NoToken(Fault),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Key(#[from] KeyFault),
    #[error(transparent)]
    Keys(#[from] JwksError),
    #[error(transparent)]
    Introspection(#[from] IntrospectionError),
}

impl Refused {
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::NoToken(fault) => fault.clone(),
            Self::Token(error) => error.into(),
            Self::Key(error) => (*error).into(),
            Self::Keys(error) => error.fault(),
            Self::Introspection(error) => error.fault(),
        }
    }
}

/// A token that was checked in full, and what was true of the key set before.
struct Verified {
    token: VerifiedToken,
    epoch: Epoch,
}

/// What is known of a token before Keycloak is asked about it.
struct Proven {
    /// The key that has signed it, where there are keys.
    key: Option<KeyFingerprint>,
    epoch: Epoch,
}

impl Authenticator {
    /// The caller of `credentials`: a remembered one, or one that is verified now.
    ///
    /// # Errors
    /// They are not acceptable, or cannot be checked now.
    pub(crate) async fn authenticate(
        &self,
        credentials: &Credentials<'_>,
    ) -> Result<Accepted, Refused> {
        if let Some(accepted) = self.remembered(credentials) {
            return Ok(accepted);
        }
        let token = self.read(credentials)?;
        let span =
            tracing::debug_span!(target: "keycloak::authentication", "keycloak.validate_token");
        // Boxed, so that the futures of the warm path stay small.
        Box::pin(self.observed(credentials, token).instrument(span)).await
    }

    /// A caller who was checked in full a moment ago. Bytes that are not a token are never remembered.
    fn remembered(&self, credentials: &Credentials<'_>) -> Option<Accepted> {
        let watch = self.realm.telemetry.start();
        let now = self.now();
        if !self.may_serve_remembered(now) {
            return None;
        }
        let accepted = self.cache.get(credentials, now)?;
        self.realm
            .telemetry
            .validation(Method::Cache, watch, Ok(()));
        Some(accepted)
    }

    /// The one token of the credentials. A text that cannot be one counts as a checked token all the
    /// same.
    fn read<'r>(&self, credentials: &Credentials<'r>) -> Result<&'r str, Refused> {
        credentials.token.text().map_err(|fault| {
            if !fault.is_outside_validation() {
                let watch = self.realm.telemetry.start();
                self.realm
                    .telemetry
                    .validation(Method::Jwt, watch, Err(fault.code()));
            }
            Refused::NoToken(fault)
        })
    }

    /// Which of the usual mistakes in the setup a refusal looks like.
    pub(crate) fn recognise(&self, refused: &Refused) -> Option<Classic> {
        let issuers = &self.realm.policy.issuers;
        match refused {
            Refused::Token(error) => recognise::token(error, issuers),
            Refused::Introspection(IntrospectionError::Claims(refused)) => {
                recognise::vouched(refused, issuers)
            }
            Refused::NoToken(_)
            | Refused::Key(_)
            | Refused::Keys(_)
            | Refused::Introspection(_) => recognise::fault(&refused.fault()),
        }
    }

    /// Whether remembered tokens may be served without a look at the keys: an outage that lasts
    /// ends them too.
    fn may_serve_remembered(&self, now: Timestamp) -> bool {
        match self.realm.settings.token_check {
            TokenCheck::Local | TokenCheck::LocalThenIntrospect => self.realm.keys.are_fresh(now),
            TokenCheck::Introspect => true,
        }
    }

    async fn observed(
        &self,
        credentials: &Credentials<'_>,
        token: &str,
    ) -> Result<Accepted, Refused> {
        let watch = self.realm.telemetry.start();
        let (method, checked) = match self.realm.settings.token_check {
            TokenCheck::Local | TokenCheck::LocalThenIntrospect => {
                self.locally(credentials, token).await
            }
            TokenCheck::Introspect => (Method::Introspection, self.by_introspection(token).await),
        };
        let outcome = match &checked {
            Ok(_) => Ok(()),
            Err(refused) => {
                let fault = refused.fault();
                emit!(
                    DEBUG, "keycloak::authentication", TOKEN_REFUSED,
                    code = fault.code(),
                    cause = %refused,
                    "token refused"
                );
                Err(fault.code())
            }
        };
        self.realm.telemetry.validation(method, watch, outcome);
        checked
    }

    async fn locally(
        &self,
        credentials: &Credentials<'_>,
        token: &str,
    ) -> (Method, Result<Accepted, Refused>) {
        let verified = match self.verify(credentials, token).await {
            Ok(Looked::Remembered(accepted)) => return (Method::Cache, Ok(accepted)),
            Ok(Looked::Verified(verified)) => verified,
            Err(refused) => return (Method::Jwt, Err(refused)),
        };
        if self.realm.introspection.is_some() {
            return (Method::Introspection, self.confirm(token, verified).await);
        }
        (Method::Jwt, Ok(self.admit(token, verified)))
    }

    /// The caller by Keycloak's word alone: about a token that is not checked here. Its signature is
    /// verified all the same where there are keys, because strangers can make up tokens, and only
    /// Keycloak's own are worth a call; without keys a bucket bounds the calls.
    async fn by_introspection(&self, token: &str) -> Result<Accepted, Refused> {
        let unverified = self.parse(token)?;
        self.askable(&unverified)?;
        let Proven { key, epoch } = self.prove(&unverified).await?;
        let proof = key.map_or(Proof::Nothing, |_| Proof::Signature);
        let answer = self.introspect(token, proof).await?;
        let verified = Verified {
            token: answer.proven_by(key),
            epoch,
        };
        Ok(self.admit(token, verified))
    }

    /// The key that has signed this. While there are none and they are out of reach, no request
    /// waits for them, because they are not needed.
    ///
    /// # Errors
    /// There are keys, and none of them has signed this.
    async fn prove(&self, unverified: &UnverifiedToken<'_>) -> Result<Proven, Refused> {
        let without_keys = Proven {
            key: None,
            epoch: self.cache.epoch(),
        };
        if self.realm.keys.are_out_of_reach(self.now()) {
            return Ok(without_keys);
        }
        let Ok(mut keys) = self.realm.keys.usable(self.now()).await else {
            return Ok(without_keys);
        };
        if let Err(KeyFault::Unknown) = key_of(&keys, unverified) {
            let wanted = |keys: &Keys| !matches!(key_of(keys, unverified), Err(KeyFault::Unknown));
            keys = match self.realm.keys.find(wanted).await {
                Ok(newer) => newer,
                Err(None) => return Err(Refused::Key(KeyFault::Unknown)),
                Err(Some(_)) => return Ok(without_keys),
            };
        }
        // First the epoch, then the keys, as where a token is verified.
        let epoch = self.cache.epoch();
        keys = self.realm.keys.latest(self.now()).unwrap_or(keys);
        let key = key_of(&keys, unverified)?;
        unverified.verified_payload(key)?;
        Ok(Proven {
            key: Some(key.fingerprint()),
            epoch,
        })
    }

    /// Signature and claims, with the realm's keys.
    async fn verify(&self, credentials: &Credentials<'_>, token: &str) -> Result<Looked, Refused> {
        let unverified = self.parse(token)?;
        let keys_at_hand = self.realm.keys.latest(self.now()).is_some();
        let mut keys = self.realm.keys.usable(self.now()).await?;
        // Keys that are not fresh sent us here past the cache.
        if let Some(remembered) = self.cache.get(credentials, self.now()) {
            return Ok(Looked::Remembered(remembered));
        }
        // First the epoch, then the keys: what is verified with a key that then leaves the set
        // must not be remembered.
        let mut epoch = self.cache.epoch();
        keys = self.realm.keys.latest(self.now()).unwrap_or(keys);
        let found = key_of(&keys, &unverified);
        self.realm
            .telemetry
            .key_lookup(keys_at_hand && found.is_ok());
        let key = match found {
            Ok(key) => key,
            Err(KeyFault::Unknown) => {
                self.askable(&unverified)?;
                let wanted =
                    |keys: &Keys| !matches!(key_of(keys, &unverified), Err(KeyFault::Unknown));
                let newer = self
                    .realm
                    .keys
                    .find(wanted)
                    .await
                    .map_err(|error| match error {
                        Some(error) => Refused::Keys(error),
                        None => Refused::Key(KeyFault::Unknown),
                    })?;
                epoch = self.cache.epoch();
                keys = self.realm.keys.latest(self.now()).unwrap_or(newer);
                key_of(&keys, &unverified)?
            }
            Err(fault @ (KeyFault::WrongAlgorithm | KeyFault::Ambiguous)) => {
                return Err(fault.into());
            }
        };
        // The wait for keys may have been long: the time of the answer counts.
        let token = unverified.verify(key, &self.realm.policy, self.now())?;
        Ok(Looked::Verified(Verified { token, epoch }))
    }

    /// The caller by Keycloak's word about a token that is good by `ours`. The answer is what was
    /// asked for, so the answer decides: it may take rights away, and give some, that the token
    /// was issued with or without.
    async fn confirm(&self, token: &str, ours: Verified) -> Result<Accepted, Refused> {
        let answer = self.introspect(token, Proof::Signature).await?;
        let verified = Verified {
            token: ours.token.answered_by(answer),
            epoch: ours.epoch,
        };
        Ok(self.admit(token, verified))
    }

    async fn introspect(&self, token: &str, proof: Proof) -> Result<VerifiedToken, Refused> {
        let Some(introspection) = &self.realm.introspection else {
            return Err(IntrospectionError::NoEndpoint.into());
        };
        let unverified = self.parse(token)?;
        let askable = self.askable(&unverified)?;
        let answer = introspection.introspect(&askable, proof).await?;
        Ok(answer.about(askable))
    }

    /// In every mode the first look at a token that is not remembered: its one spelling.
    fn parse<'t>(&self, token: &'t str) -> Result<UnverifiedToken<'t>, TokenError> {
        UnverifiedToken::parse(token, &self.realm.policy.algorithms)
    }

    /// In every mode the last look before Keycloak is asked anything for this token's sake.
    fn askable<'t>(&self, token: &UnverifiedToken<'t>) -> Result<AskableToken<'t>, TokenError> {
        token.askable(&self.realm.policy, self.now())
    }

    /// Makes the caller and remembers the token.
    fn admit(&self, token: &str, verified: Verified) -> Accepted {
        let Verified {
            token: verified,
            epoch,
        } = verified;
        let now = self.now();
        let validity = Validity {
            key: verified.key(),
            expires_at: verified.expires_at(),
            not_before: verified.not_before(),
        };
        let (claims, stated) = verified.into_claims();
        let mut user = User::from_claims(claims, &self.rules);
        if let Some(stated) = stated {
            user.also_named_by(&stated);
            if user.shows_everything() {
                user.answers_about(User::from_claims(stated, &self.rules));
            }
        }
        let accepted = Accepted {
            user,
            token: token.into(),
        };
        self.cache.insert(&accepted, validity, epoch, now);
        accepted
    }

    /// Until when a check of this moment serves for the rest of its request: the token's `exp`, and
    /// the longest that a check is remembered for. A request whose answer is not remembered at all
    /// asks once, and not at each of its layers and guards.
    pub(crate) fn would_ask_again(&self, user: &User) -> Timestamp {
        let most = if self.realm.introspection.is_some() {
            self.realm.settings.cache.introspection_ttl.max(ONE_REQUEST)
        } else {
            MAX_LIFE
        };
        let exp = Timestamp::from(user.expires_at());
        exp.min(self.now().saturating_add(most))
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::now(&*self.realm.clock)
    }
}

enum Looked {
    /// Checked in full a moment ago.
    Remembered(Accepted),
    Verified(Verified),
}

fn key_of<'k>(
    keys: &'k Keys,
    token: &UnverifiedToken<'_>,
) -> Result<&'k VerificationKey, KeyFault> {
    keys.set().key(token.kid(), token.algorithm())
}
