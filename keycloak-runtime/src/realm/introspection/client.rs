//! The call (RFC 7662 section 2.1).

use std::sync::Arc;

use tracing::Instrument as _;

use super::{IntrospectionError, refusals::Refusals, response};
use crate::{
    base::clock::{Clock, Timestamp},
    jose::jwt::{AskableToken, ValidationPolicy, VerifiedToken},
    realm::{client_auth, discovery::Discovery, endpoint::Endpoint},
    settings::{Settings, TokenCheck},
    transport::{
        http_client::HttpClient,
        outbound::{Ended, Outbound, Permit, Post, STRANGERS},
        single_flight::{Flights, NoFlight, Shares},
    },
};

/// Asks Keycloak about tokens.
#[derive(Debug)]
pub(crate) struct Introspection {
    asker: Arc<Asker>,
    /// Calls about tokens whose signature was verified, and about others: whoever makes tokens up
    /// waits with their kind, and delays no other call.
    proven: Questions,
    unproven: Questions,
    /// What each session has of the former.
    shares: Shares,
}

type Questions = Flights<Result<Arc<VerifiedToken>, IntrospectionError>>;

/// What is known of a token that Keycloak is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Its signature was verified with a key of the realm: whoever has it got it from Keycloak.
    Signature,
    /// There are no keys to verify it with.
    Nothing,
}

impl Proof {
    fn post(self) -> Post {
        match self {
            Self::Signature => Post::VerifiedToken,
            Self::Nothing => Post::UnverifiedToken,
        }
    }
}

struct Asker {
    settings: Arc<Settings>,
    endpoint: Endpoint,
    door: Arc<Outbound>,
    policy: ValidationPolicy,
    clock: Arc<dyn Clock>,
    refusals: Refusals,
}

impl Introspection {
    /// `None` unless the settings ask for it; without a client secret, which the endpoint asks for, they
    /// do not.
    pub(crate) fn new(
        settings: Arc<Settings>,
        discovery: &Arc<Discovery>,
        client: &Arc<HttpClient>,
        door: Arc<Outbound>,
        policy: ValidationPolicy,
        clock: Arc<dyn Clock>,
    ) -> Option<Self> {
        if settings.token_check == TokenCheck::Local {
            return None;
        }
        let endpoint = Endpoint::new(
            |own| own.introspection.as_ref(),
            &settings,
            discovery,
            client,
        )?;
        Some(Self {
            asker: Arc::new(Asker {
                settings,
                endpoint,
                door,
                policy,
                clock,
                refusals: Refusals::new(),
            }),
            // A question changes nothing, so it may be asked again.
            proven: Flights::new(true),
            unproven: Flights::new(true),
            shares: Shares::default(),
        })
    }

    /// What Keycloak says about `token`, checked as the claims of a token.
    ///
    /// # Errors
    /// The token is not active or not for us, or Keycloak cannot be asked.
    pub(crate) async fn introspect(
        &self,
        token: &AskableToken<'_>,
        proof: Proof,
    ) -> Result<VerifiedToken, IntrospectionError> {
        let flights = match proof {
            Proof::Signature => &self.proven,
            Proof::Nothing => &self.unproven,
        };
        let mut share = None;
        if !flights.has(token.compact()) {
            self.asker.look(token, proof)?;
            if proof == Proof::Signature {
                let own = self.shares.take(token.session());
                share = Some(own.ok_or(IntrospectionError::Crowded)?);
            }
        }
        let deadline = self.asker.door.deadline();
        let asked = flights.join(token.compact(), deadline, || {
            let asker = Arc::clone(&self.asker);
            let token = token.to_owned();
            let span =
                tracing::debug_span!(target: "keycloak::introspection", "keycloak.introspect");
            let call = async move {
                // As long as the call runs or waits, whoever still waits for it.
                let _share = share;
                asker.introspect(&token, proof).await.map(Arc::new)
            };
            call.instrument(span)
        });
        match asked.await {
            Ok(answer) => answer.map(Arc::unwrap_or_clone),
            Err(NoFlight::Crowded) => Err(IntrospectionError::Crowded),
            Err(NoFlight::Late) => Err(IntrospectionError::Deadline),
            Err(NoFlight::NoRuntime | NoFlight::CutOff) => Err(IntrospectionError::CutOff),
        }
    }
}

impl Asker {
    /// A call that would not be made now does not wait for its turn.
    fn look(&self, token: &AskableToken<'_>, proof: Proof) -> Result<(), IntrospectionError> {
        if proof == Proof::Signature {
            self.refusals.look(token, Timestamp::monotonic())?;
        }
        Ok(self.door.look(proof.post())?)
    }

    /// One call, and one reading of its answer: what is counted does not depend on who is still
    /// there to read it.
    async fn introspect(
        &self,
        token: &AskableToken<'_>,
        proof: Proof,
    ) -> Result<VerifiedToken, IntrospectionError> {
        // Drawn when its turn has come, so that waiting costs nothing.
        let question = match proof {
            Proof::Signature => Some(self.refusals.ask(token, Timestamp::monotonic())?),
            Proof::Nothing => None,
        };
        let asked_at = Timestamp::now(&*self.clock);
        let read = match self.door.post(proof.post()) {
            Ok(permit) => self.ask_and_read(token, proof, &permit).await,
            Err(shut) => Err(shut.into()),
        };
        if let Some(question) = question {
            self.refusals
                .answered(question, &read, Timestamp::monotonic());
        }
        // Keycloak's answer may be out of date since the question, however late it came.
        let until = asked_at.saturating_add(self.settings.cache.introspection_ttl);
        read.map(|token| token.serving_until(until))
    }

    async fn ask_and_read(
        &self,
        token: &AskableToken<'_>,
        proof: Proof,
        permit: &Permit,
    ) -> Result<VerifiedToken, IntrospectionError> {
        let answer = self.ask(token.compact(), permit).await;
        let is_active = answer.as_deref().is_ok_and(response::is_active);
        let now = Timestamp::now(&*self.clock);
        let read = answer.and_then(|body| response::read(&body, token, &self.policy, now));
        let ended = match &read {
            _ if is_active => Ended::Accepted,
            Err(error) if error.before_any_call() => Ended::NotCalled,
            Err(error) if error.of_token().is_none() => Ended::Erred {
                session: match proof {
                    Proof::Signature => token.session(),
                    // What they say of themselves is not to be believed.
                    Proof::Nothing => STRANGERS,
                },
                fault: error.fault(),
            },
            Ok(_) | Err(_) => Ended::Refused,
        };
        self.door.ended(permit, &ended);
        read
    }

    async fn ask(&self, token: &str, permit: &Permit) -> Result<Vec<u8>, IntrospectionError> {
        let form = vec![("token", token), ("token_type_hint", "access_token")];
        let answer = self.endpoint.post(form, true, permit).await?;
        match answer.status {
            reqwest::StatusCode::OK => Ok(answer.body),
            status => Err(match client_auth::our_fault(&answer) {
                Some(crate::base::fault::Fault::ClientCredentials { code }) => {
                    IntrospectionError::ClientRefused { code }
                }
                _ => IntrospectionError::Status(status.as_u16()),
            }),
        }
    }
}

impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asker").finish_non_exhaustive()
    }
}
