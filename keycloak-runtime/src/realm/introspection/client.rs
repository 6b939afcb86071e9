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
        outbound::{Exhausted, Ours, Outbound, Permit, Theirs},
        single_flight::{Flights, NoFlight},
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
        if !flights.has(token.compact()) {
            self.asker.look(token, proof)?;
        }
        let deadline = self.asker.door.deadline();
        let asked = flights.join(token.compact(), deadline, || {
            let asker = Arc::clone(&self.asker);
            let token = token.to_owned();
            let span =
                tracing::debug_span!(target: "keycloak::introspection", "keycloak.introspect");
            async move { asker.introspect(&token, proof).await.map(Arc::new) }.instrument(span)
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
        match proof {
            Proof::Signature => self.refusals.look(token, Timestamp::monotonic()),
            Proof::Nothing => {
                let looked = self.door.look(Theirs::Introspection);
                looked.map_err(|Exhausted| IntrospectionError::Exhausted)
            }
        }
    }

    fn permit(&self, proof: Proof) -> Result<Permit, IntrospectionError> {
        match proof {
            Proof::Signature => Ok(self.door.ours(Ours::Proven)),
            Proof::Nothing => {
                let drawn = self.door.theirs(Theirs::Introspection);
                drawn.map_err(|Exhausted| IntrospectionError::Exhausted)
            }
        }
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
        let permit = self.permit(proof)?;
        let asked_at = Timestamp::now(&*self.clock);
        let answer = self.ask(token.compact(), &permit).await;
        if match &answer {
            Ok(body) => response::is_active(body),
            Err(error) => error.before_any_call(),
        } {
            self.door.put_back(&permit);
        }
        let now = Timestamp::now(&*self.clock);
        let read = answer.and_then(|body| response::read(&body, token, &self.policy, now));
        if let Some(question) = question {
            self.refusals
                .answered(question, &read, Timestamp::monotonic());
        }
        // Keycloak's answer may be out of date since the question, however late it came.
        let until = asked_at.saturating_add(self.settings.cache.introspection_ttl);
        read.map(|token| token.serving_until(until))
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
